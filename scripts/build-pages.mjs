// Bundles the two pages (pages/) to dist/pages/NAME: index.html, app.js, app.css, theme.js; for the console login.css too.
// Nothing is fetched from elsewhere when they run. `--watch` builds again at every change.
import { copyFileSync, mkdirSync } from 'node:fs'
import * as esbuild from 'esbuild'

const pages = ['console', 'emulator']

const options = (page) => ({
  entryPoints: {
    app: `pages/${page}/main.tsx`,
    theme: 'pages/shared/theme.ts',
    ...(page === 'console' ? { login: 'pages/login/login.css' } : {}),
  },
  outdir: `dist/pages/${page}`,
  bundle: true,
  minify: true,
  format: 'iife',
  target: 'es2022',
  jsx: 'automatic',
  jsxImportSource: 'preact',
  alias: { react: 'preact/compat', 'react-dom': 'preact/compat' },
  tsconfig: 'pages/tsconfig.json',
  legalComments: 'linked',
  logLevel: 'warning',
})

for (const page of pages) {
  mkdirSync(`dist/pages/${page}`, { recursive: true })
  copyFileSync(`pages/${page}/index.html`, `dist/pages/${page}/index.html`)
  copyFileSync('pages/shared/icon.svg', `dist/pages/${page}/icon.svg`)
  if (process.argv.includes('--watch')) await (await esbuild.context(options(page))).watch()
  else await esbuild.build(options(page))
}
