// npm runs this after `npm ci` in a checkout, before packing, and when another project installs this folder: the
// command is dist/, which is not in git. An install without development packages has no compiler and needs none.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'

const compiler = 'node_modules/typescript/bin/tsc'
if (existsSync(compiler)) {
  run(compiler, '-p', '.')
  run('scripts/build-pages.mjs')
}

function run(...args) {
  const { status } = spawnSync(process.execPath, args, { stdio: 'inherit' })
  if (status !== 0) process.exit(status ?? 1)
}
