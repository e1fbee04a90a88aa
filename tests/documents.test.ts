import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { parkReasons } from '#libs/mailbox'
import { anchorsOf, withoutCode } from './support/anchors'

const root = join(__dirname, '..')
const read = (file: string) => readFileSync(join(root, file), 'utf8')
const unique = (found: Iterable<string>) => [...new Set(found)].sort()
const all = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map((match) => match[1] ?? '')

const inFolder = (folder: string) =>
  readdirSync(join(root, folder))
    .filter((file) => file.endsWith('.md'))
    .map((file) => join(folder, file))
const pages = ['.', 'docs', 'docs/guide', 'bots', 'deploy/kubernetes'].flatMap(inFolder)

/** Names in the pages that are no settings of a process: of other programs and libraries, of tests, placeholders. */
const notSettings = new Set([
  'FORCE_COLOR',
  // Of the command `send` only.
  'HOOKLINE_URL',
  'NAME_FILE',
  'NO_COLOR',
  'OTEL_EXPORTER_OTLP_TIMEOUT',
  'OTEL_RESOURCE_ATTRIBUTES',
  'REDISCLI_AUTH',
  'TEST_REDIS_URL',
])

/** Runbooks that alerts and other pages point to: their ids may not change. */
const runbooks = [
  'the-bot-is-silent',
  'tocaro-disabled-the-endpoint',
  '429s',
  'redis-full',
  'quota-used-up',
  'dead-letters',
  'journal-is-filling-up',
  'late-replies',
  'a-bot-is-held-breaker',
]

describe.each(pages)('%s', (page) => {
  const text = read(page)

  test('links only to files and anchors that exist', () => {
    const links = all(withoutCode(text).replace(/`[^`]*`/g, ''), /\]\(([^)\s]+)\)/g)
    const broken = links
      .filter((link) => !/^https?:/.test(link))
      .filter((link) => !leadsSomewhere(page, link))
    expect(broken).toEqual([])
  })

  test('names only metrics that exist', () => {
    const documented = new Set(all(read('docs/metrics.md'), /`(hookline_\w+)`/g))
    const named = [...all(text, /\b(hookline_[a-z0-9_]*[a-z0-9])\b/g), ...alternatives(text)]
    const unknown = named.filter((name) => !documented.has(name.replace(/_(bucket|sum|count)$/, '')))
    expect(unique(unknown)).toEqual([])
  })

  test('names only settings that exist', () => {
    const inTables = all(read('docs/settings.md'), /^\| `([A-Z][A-Z0-9_]*)` \|/gm)
    const known = new Set([...notSettings, ...inTables])
    const named = all(text, /`([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)(?:=[^`]*)?`/g)
    const unknown = named.filter((name) => !known.has(name) && !known.has(name.replace(/_FILE$/, '')))
    expect(unique(unknown)).toEqual([])
  })
})

/** What `grep 'hookline_(items|sends)_total'` looks for. */
function alternatives(text: string): string[] {
  return [...text.matchAll(/hookline_\(([a-z_|]+)\)(\w*)/g)].flatMap(([, names = '', rest = '']) =>
    names.split('|').map((name) => `hookline_${name}${rest}`),
  )
}

function leadsSomewhere(page: string, link: string): boolean {
  const [path = '', anchor] = link.split('#')
  const target = path === '' ? page : join(dirname(page), path)
  // Those of docs/screens.md are taken together, see below.
  if (page.startsWith('docs/screens.') && picture.test(target)) return true
  if (!existsSync(join(root, target))) return false
  return anchor === undefined || anchorsOf(read(target)).includes(decodeURIComponent(anchor))
}

const picture =
  /^docs\/images\/(console-(overview|conversation|dead-letter)|emulator)-(1440|1024|390)-(en|ja)-(light|dark)\.png$/

test('there are all pictures of npm run screenshots, or just those of the READMEs, and no others', () => {
  const images = readdirSync(join(root, 'docs/images')).map((file) => join('docs/images', file))
  const plots = images.filter((file) => file.endsWith('.svg')).sort()
  const onPage = all(read('docs/performance.md'), /\((images\/[^)]+)\)/g)
  expect(plots).toEqual(unique(onPage.map((file) => `docs/${file}`)))
  const files = images.filter((file) => !plots.includes(file))
  expect(files.filter((file) => !picture.test(file))).toEqual([])
  const inReadmes = unique(
    ['README.md', 'README.ja.md'].flatMap((page) => all(read(page), /\((docs\/images\/[^)]+)\)/g)),
  )
  if (files.length < 48) expect(files.sort()).toEqual(inReadmes)
})

describe('operations', () => {
  const languages = ['docs/operations.md', 'docs/operations.ja.md']

  test.each(languages)('%s has every runbook', (page) => {
    expect(anchorsOf(read(page))).toEqual(expect.arrayContaining(runbooks))
  })

  test('both languages show the same commands, outputs and links to other sites', () => {
    const [english = '', japanese = ''] = languages.map(read)
    // Comments and blocks marked as text are translated.
    const commands = (text: string) =>
      [...text.matchAll(/^ *```(\w*)\n(.*?)^ *```/gms)]
        .filter(([, language]) => language !== 'text')
        .map(([, , block = '']) => block.replace(/ *# .*$/gm, '').trim())
    expect(commands(english).length).toBeGreaterThan(20)
    expect(commands(japanese)).toEqual(commands(english))
    const sites = (text: string) => unique(all(text, /\]\((https:\/\/[^)/]+)/g))
    expect(sites(japanese)).toEqual(sites(english))
  })

  test.each(languages)('%s says what to do about every reason to park', (page) => {
    const named = new Set(all(read(page), /`([a-z_]+)`/g))
    expect(parkReasons.filter((reason) => !named.has(reason))).toEqual([])
  })

  test.each(languages)('%s shows only commands and options that the command line has', (page) => {
    const lines = all(read(page), /^ *```sh\n(.*?)^ *```/gms).flatMap((block) => block.split('\n'))
    const calls = lines
      .map((line) => /^ *hookline ([a-z-]+(?: [a-z][a-z-]*)?)(.*)$/.exec(line))
      .filter((call) => call !== null)
    expect(calls.length).toBeGreaterThan(8)
    for (const [, command = '', rest = ''] of calls) {
      const options = all(rest.replace(/#.*$/, '').replace(/\|.*$/, ''), / (--[a-z]+)/g)
      const help = helpOf(command)
      expect({ command, unknown: options.filter((option) => !help.includes(option)) }).toEqual({
        command,
        unknown: [],
      })
    }
  })
})

const helps = new Map<string, string>()

/** What the built command says about itself; it fails for one that does not exist. */
function helpOf(command: string): string {
  const known = helps.get(command)
  if (known !== undefined) return known
  const words = command.split(' ')
  const help = execFileSync(process.execPath, [
    join(root, 'dist/libs/cli/main.js'),
    ...words,
    '--help',
  ]).toString()
  // The second word is a command below the first, or its argument.
  const usage = new RegExp(`^Usage: hookline (${command} |${words[0]} (\\[options\\] )?<)`)
  expect(help).toMatch(usage)
  helps.set(command, help)
  return help
}
