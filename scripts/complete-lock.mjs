// Run after `npm install PACKAGE`. npm leaves out of the lock file the optional packages of other platforms that
// its registry does not offer at the moment, and `npm ci` then refuses that lock file, everywhere. This adds
// them, with the version that their parent asks for; npm skips them on platforms that they are not for.
// See docs/decisions/0006-lock-file.md.
import { readFileSync, writeFileSync } from 'node:fs'

const file = 'package-lock.json'
const lock = JSON.parse(readFileSync(file, 'utf8'))
const systems = ['darwin', 'win32', 'linux', 'freebsd', 'android', 'openharmony']

for (const [path, parent] of Object.entries({ ...lock.packages })) {
  for (const [name, version] of Object.entries(parent.optionalDependencies ?? {})) {
    if (isLocked(name, path)) continue
    const words = name.split('/').at(-1).split('-')
    const os = words.find((word) => systems.includes(word))
    if (!os || !/^\d/.test(version))
      throw new Error(`${name}@${version} is missing and its platform is not clear`)
    const cpu = words[words.indexOf(os) + 1]
    const dev = parent.dev ? { dev: true } : {}
    lock.packages[`node_modules/${name}`] = { version, cpu: [cpu], ...dev, optional: true, os: [os] }
    console.log(`added ${name}@${version}`)
  }
}
lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1)))
writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`)

/** As Node looks for it: in the parent's own node_modules, then in each folder above. */
function isLocked(name, from) {
  for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/node_modules/')))) {
    if (lock.packages[`${folder}${folder ? '/' : ''}node_modules/${name}`]) return true
    if (folder === '') return false
  }
}
