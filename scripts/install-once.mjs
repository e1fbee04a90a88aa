// Runs `npm ci` when node_modules is missing or older than the lock file, so that `npm start` and
// `npm test` work as the first command on a fresh checkout.
import { spawnSync } from 'node:child_process'
import { copyFileSync, existsSync, readFileSync } from 'node:fs'

const lock = 'package-lock.json'
const installed = 'node_modules/.hookline-lock.json'

const [major, minor] = process.versions.node.split('.').map(Number)
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(
    `Hookline needs Node 20.19 or newer; this is ${process.version}. Install a newer Node and try again.`,
  )
  process.exit(1)
}

if (!existsSync(installed) || readFileSync(lock, 'utf8') !== readFileSync(installed, 'utf8')) {
  console.log('Installing dependencies (npm ci) ...')
  // What it is run for compiles next; no package needs a script of its own (the image is built without them too).
  const result = spawnSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], {
    stdio: 'inherit',
    shell: process.platform === 'win32',
  })
  if (result.status !== 0) process.exit(result.status ?? 1)
  copyFileSync(lock, installed)
}
