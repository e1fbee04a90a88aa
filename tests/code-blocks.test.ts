import { readFileSync, readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import ts from 'typescript'

const root = join(__dirname, '..')

/** Everything that shows a bot author code. */
const documents = [
  'README.md',
  'README.ja.md',
  ...readdirSync(join(root, 'docs/guide')).map((name) => `docs/guide/${name}`),
].filter((path) => path.endsWith('.md'))

interface Block {
  /** `docs/guide/state.md:42` */
  place: string
  file: string
  text: string
}

/** Where the blocks seem to lie: a folder for each document, in which `./echo` leads to the example bot. */
const inDocument = 'of-'
const realFile = (file: string) => file.replace(new RegExp(`/bots/${inDocument}[^/]+/`), '/bots/')

/** The TypeScript of a document. A block that begins with `// order.ts` is a file that later blocks may import. */
function blocksOf(document: string): Block[] {
  const text = readFileSync(join(root, document), 'utf8')
  return [...text.matchAll(/^```ts\n([^]*?)^```/gm)].map((match, i) => {
    const code = match[1] ?? ''
    const name = /^\/\/ ([\w.-]+\.ts)\n/.exec(code)?.[1] ?? `block-${i}.ts`
    const line = text.slice(0, match.index).split('\n').length
    const folder = join(root, 'bots', `${inDocument}${basename(document)}`)
    return { place: `${document}:${line}`, file: join(folder, name), text: code }
  })
}

function problemsOf(blocks: Block[]): string[] {
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), (file) => ts.sys.readFile(file)) as {
    config: object
  }
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root)
  // What a bot author's project checks; unused names are for the reader.
  const settings = {
    ...options,
    noEmit: true,
    allowImportingTsExtensions: true,
    noUnusedLocals: false,
    noUnusedParameters: false,
  }
  const texts = new Map(blocks.map(({ file, text }) => [file, text]))
  const host = ts.createCompilerHost(settings)
  host.fileExists = (file) => texts.has(file) || ts.sys.fileExists(realFile(file))
  host.readFile = (file) => texts.get(file) ?? ts.sys.readFile(realFile(file))
  host.directoryExists = (folder) =>
    [...texts.keys()].some((file) => file.startsWith(`${folder}/`)) || ts.sys.directoryExists(folder)
  const program = ts.createProgram([...texts.keys()], settings, host)
  return blocks.flatMap(({ place, file }) => {
    const source = program.getSourceFile(file)
    if (!source) return [`${place}: not read`]
    return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)].map(
      ({ messageText, start }) => {
        const { line } = source.getLineAndCharacterOfPosition(start ?? 0)
        return `${place} +${line + 1}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`
      },
    )
  })
}

test('every code block of the guide and the README compiles', () => {
  const blocks = documents.flatMap(blocksOf)
  expect(blocks.length).toBeGreaterThan(1)
  expect(problemsOf(blocks)).toEqual([])
})

test('a block that does not compile is told with its place', () => {
  const file = join(root, 'bots', `${inDocument}nothing.md`, 'block-0.ts')
  const text = "import { defineBot } from 'hookline'\ndefineBot((bot) => bot.on('join', (ctx) => ctx.text))\n"
  expect(problemsOf([{ place: 'nothing.md:1', file, text }])).toEqual([
    expect.stringMatching(/^nothing\.md:1 \+2: Property 'text' does not exist/),
  ])
})
