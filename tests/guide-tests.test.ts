import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { parse } from 'yaml'
import { eventTypes } from '#libs/contract'
import { readLineMenus, readLineworksMenus } from '#libs/menus'

// The tests and menu files that the guide shows are tried as they stand there.

type Modules = Record<string, string>

/** The blocks of a page that say which file they are: `// order.ts`. */
function filesOf(page: string): Modules {
  const text = readFileSync(join(__dirname, '../docs/guide', page), 'utf8')
  const blocks = [...text.matchAll(/^```ts\n\/\/ ([\w.-]+)\.ts\n([^]*?)^```/gm)]
  return Object.fromEntries(blocks.map(([, name = '', code = '']) => [`./${name}`, code]))
}

const options = { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2023, esModuleInterop: true }

/** Runs a block with jest's own `test` and `expect`; blocks require each other. */
function load(name: string, files: Modules, loaded: Record<string, object> = {}): object {
  const known = loaded[name]
  if (known) return known
  const exports = (loaded[name] = {})
  const { outputText } = ts.transpileModule(files[name] ?? '', { compilerOptions: options })
  const requireBlock = (given: string): unknown => {
    const path = given.replace(/\.ts$/, '')
    if (path in files) return load(path, files, loaded)
    return path === 'node:test' ? { test } : jest.requireActual(path)
  }
  // eslint-disable-next-line @typescript-eslint/no-implied-eval
  const run = new Function('require', 'exports', outputText) as (require: unknown, exports: object) => void
  run(requireBlock, exports)
  return exports
}

describe.each(['testing.md', 'testing.ja.md', 'first-bot.md', 'first-bot.ja.md'])('%s', (page) => {
  const files = filesOf(page)
  const tests = Object.keys(files).filter((name) => name.endsWith('.test'))

  test('shows tests', () => {
    expect(tests).not.toEqual([])
  })

  describe.each(tests)('%s', (name) => {
    load(name, files)
  })
})

describe.each(['menus.md', 'menus.ja.md'])('%s', (page) => {
  const text = readFileSync(join(__dirname, '../docs/guide', page), 'utf8')
  const files = [...text.matchAll(/^```yaml\n# menus\/([\w.]+)\n([^]*?)^```/gm)]

  test('shows menu files that can be read', () => {
    expect(files.map(([, name]) => name)).toEqual(['shop.yaml', 'helpdesk.yaml', 'reception.yaml'])
    for (const [, name, yaml = ''] of files) {
      const read = name === 'shop.yaml' ? readLineMenus : readLineworksMenus
      expect(read(parse(yaml) as Record<string, unknown>, '.').file).toBeDefined()
    }
  })
})

test.each(['events.md', 'events.ja.md'])('%s names every type of event', (page) => {
  const text = readFileSync(join(__dirname, '../docs/guide', page), 'utf8')
  const rows = [...text.matchAll(/^\| ((?:`\w+`[, 、]*)+) \|(?:[^|]*\|){4}$/gm)].map(
    ([, names = '']) => names,
  )
  const named = rows.join().match(/\w+/g) ?? []
  expect(eventTypes.filter((type) => !named.some((name) => name === type))).toEqual([])
})
