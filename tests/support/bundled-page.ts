import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as esbuild from 'esbuild'

/** A page that only tests open, bundled as scripts/build-pages.mjs does: a folder to serve. */
export async function bundlePage(entry: string): Promise<{ folder: string; remove: () => void }> {
  const folder = mkdtempSync(join(tmpdir(), 'hookline-page-'))
  await esbuild.build({
    entryPoints: { app: entry, theme: 'pages/shared/theme.ts' },
    outdir: folder,
    bundle: true,
    format: 'iife',
    target: 'es2022',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    alias: { react: 'preact/compat', 'react-dom': 'preact/compat' },
    tsconfig: 'pages/tsconfig.json',
    logLevel: 'warning',
  })
  writeFileSync(join(folder, 'index.html'), readFileSync('pages/emulator/index.html'))
  writeFileSync(join(folder, 'icon.svg'), readFileSync('pages/shared/icon.svg'))
  return { folder, remove: () => rmSync(folder, { recursive: true }) }
}
