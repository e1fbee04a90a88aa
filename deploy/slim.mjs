// Takes out of node_modules what no process of the image ever loads, and says how much each step saved.
// The files of a package that do the work, its licence and its package.json stay.
import { lstatSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const [root, manifest] = process.argv.slice(2)

const steps = {
  'source maps': (path) => path.endsWith('.map'),
  'types and TypeScript sources': (path) => /\.[cm]?ts$/.test(path),
  'second copies as ES modules (the processes are CommonJS)': (path) =>
    /\/(@opentelemetry\/[^/]+\/build\/(esm|esnext)|bullmq\/dist\/esm)\//.test(path),
  // Its code is never loaded: a test in tests/structure.test.ts holds that.
  "LINE's SDK (only its types are used)": (path) => /\/@line\/bot-sdk\/(dist|lib)\//.test(path),
  // `hookline dev` starts it on a developer's machine; processes in containers are given a REDIS_URL.
  'the embedded Redis': (path) => /\/(js-redis-server|lua-redis-wasm)\//.test(path),
  'read-mes and changelogs': (path) => /\/(readme|changelog|history)[^/]*\.(md|markdown)$/i.test(path),
}

// valibot, of bull-board, wants it for types only, as an optional peer: npm keeps it, because we compile with it.
for (const name of ['typescript', '.bin/tsc', '.bin/tsserver'])
  rmSync(join(root, name), { recursive: true, force: true })

let files = readdirSync(root, { recursive: true })
  .map((name) => join(root, name))
  .map((path) => ({ path, stat: lstatSync(path) }))
  .filter(({ stat }) => stat.isFile())

for (const [what, isSpare] of Object.entries(steps)) {
  const spare = files.filter(({ path }) => isSpare(`/${path}`))
  for (const { path } of spare) rmSync(path)
  files = files.filter((file) => !spare.includes(file))
  const bytes = spare.reduce((sum, { stat }) => sum + stat.size, 0)
  console.log(`${what}: ${spare.length} files, ${(bytes / 1e6).toFixed(1)} MB`)
}

// What Node itself reads. Without `bin`, npx takes the command from node_modules/.bin and writes nothing.
const { name, version, license, imports, exports } = JSON.parse(readFileSync(manifest, 'utf8'))
writeFileSync(
  manifest,
  `${JSON.stringify({ name, version, license, private: true, imports, exports }, null, 2)}\n`,
)
