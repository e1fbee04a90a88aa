// npm runs this after `npm ci` in a checkout, before packing, and when another project installs this folder: the
// command is dist/, which is not in git. An install without development packages has no compiler and needs none.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'

const compiler = 'node_modules/typescript/bin/tsc'
if (existsSync(compiler)) {
  const { status } = spawnSync(process.execPath, [compiler, '-p', '.'], { stdio: 'inherit' })
  process.exit(status ?? 1)
}
