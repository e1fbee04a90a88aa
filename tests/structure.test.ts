import { readFileSync, readdirSync, statSync } from 'node:fs'
import { join, relative } from 'node:path'

const root = join(__dirname, '..')

/** A folder imports only from rows above its own (docs/architecture.md). */
const rows = [
  ['libs/contract'],
  ['libs/config', 'libs/observability', 'libs/http', 'libs/messages'],
  ['libs/redis', 'libs/process'],
  ['libs/access', 'libs/mailbox', 'libs/journal', 'libs/limiter', 'libs/tokens', 'libs/platforms'],
  ['libs/bot', 'libs/push', 'libs/vitals'],
  ['libs/alerts'],
  ['apps/ingress', 'apps/worker', 'apps/console', 'libs/emulator', 'libs/menus'],
  ['libs/cli'],
]

function filesBelow(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name)
    return statSync(path).isDirectory() ? filesBelow(path) : [path]
  })
}

const sources = ['apps', 'libs', 'bots']
  .flatMap((folder) => filesBelow(join(root, folder)))
  .filter((path) => path.endsWith('.ts'))
  .map((path) => ({
    path: relative(root, path),
    text: readFileSync(path, 'utf8'),
    isTest: path.includes('.test'),
  }))

const importsOf = (text: string) =>
  [...text.matchAll(/(?:from|import|import\()\s*'([^']+)'/g)].map((match) => match[1] ?? '')
const folderOf = (path: string) => path.split('/').slice(0, 2).join('/')
const rowOf = (folder: string) => rows.findIndex((row) => row.includes(folder))

test('every folder stands in a row', () => {
  const folders = new Set(
    sources.filter(({ path }) => !path.startsWith('bots/')).map(({ path }) => folderOf(path)),
  )
  expect([...folders].filter((folder) => rowOf(folder) < 0)).toEqual([])
})

test('a folder imports only from rows above its own', () => {
  const wrong = sources
    .filter(({ isTest, path }) => !isTest && !path.startsWith('bots/'))
    .flatMap(({ path, text }) =>
      importsOf(text)
        .filter((name) => name.startsWith('#libs/'))
        .filter((name) => rowOf(name.replace('#', '')) >= rowOf(folderOf(path)))
        .map((name) => `${path} imports ${name}: move what it needs up, or pass it as an argument`),
    )
  expect(wrong).toEqual([])
})

test('a folder reaches another only through its index', () => {
  const wrong = sources
    .filter(({ isTest }) => !isTest)
    .flatMap(({ path, text }) =>
      importsOf(text)
        .filter((name) => name.startsWith('.'))
        .map((name) => relative(root, join(root, path, '..', name)))
        .filter((target) => folderOf(target) !== folderOf(path))
        .map((target) => `${path} reaches into ${target}: import '#libs/…' instead`),
    )
  expect(wrong).toEqual([])
})

test('only main files read the environment', () => {
  const readers = sources.filter(
    ({ isTest, text, path }) => !isTest && /\bprocess\.env\b(?!})/.test(text) && !path.endsWith('main.ts'),
  )
  expect(readers.map(({ path }) => path)).toEqual([])
})

test('every platform has the same four files', () => {
  const expected = ['api.ts', 'index.ts', 'message.ts', 'webhook.ts']
  for (const platform of ['line', 'lineworks', 'tocaro']) {
    const files = readdirSync(join(root, 'libs/platforms', platform)).filter(
      (name) => name.endsWith('.ts') && !name.includes('.test'),
    )
    expect(files.sort()).toEqual(expected)
  }
})

test("LINE's SDK is there for its types only (deploy/slim.mjs takes its code out of the image)", () => {
  const wrong = sources.filter(({ text }) =>
    /\bimport (?!type )[^']*'@line\/bot-sdk|(require|import)\('@line\/bot-sdk/.test(text),
  )
  expect(wrong.map(({ path }) => path)).toEqual([])
})

test('no source has a default export but the bots', () => {
  const wrong = sources.filter(
    ({ path, text, isTest }) => !isTest && !path.startsWith('bots/') && /^export default/m.test(text),
  )
  expect(wrong.map(({ path }) => path)).toEqual([])
})
