import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const root = join(__dirname, '../..')
const installed = (name: string) => join(root, 'node_modules', name)

const bot = `
import { defineBot, type BotBuilder, type Context } from 'hookline'

const greet = (ctx: Context) => ctx.reply('hello')

function orders(bot: BotBuilder<{ items: string[] }>) {
  bot.hears(/注文 (\\d+)/, (ctx) => void ctx.session.items.push(ctx.match[0]))
}

export default defineBot({ session: { start: () => ({ items: [] as string[] }) } }, (bot) => {
  bot.command('help', greet)
  bot.on('text', { platform: 'line', in: 'group', mentioned: true }, (ctx) => ctx.reply(ctx.text))
  bot.on('postback', { data: /^do=/ }, (ctx) => ctx.reply(ctx.data))
  bot.every('0 9 * * 1-5', { timeZone: 'Asia/Tokyo' }, (ctx) => ctx.push('x', { to: { kind: 'group', id: 'C1' } }))
  bot.include(orders)
})
`
const wrongBot = `
import { defineBot } from 'hookline'
export default defineBot((bot) => {
  bot.on('join', (ctx) => ctx.text)
})
`
const jestTest = `
import { testBot } from 'hookline/testing'
import 'hookline/testing/jest'
import bot from './bot.js'

test('orders', async () => {
  const chat = testBot(bot)
  await chat.says('注文 1')
  const items: string[] = chat.session.items
  expect(items).toHaveLength(1)
  expect(chat).not.toHaveReplied(/x/)
  expect(chat).toBeSilent()
})
`
const nodeTest = `
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testBot } from 'hookline/testing'
import bot from './bot.js'

test('orders', async () => {
  const chat = testBot(bot)
  await chat.says('/help')
  assert.deepEqual(chat.replies, ['hello'])
  await chat.says('注文 1')
  assert.deepEqual(chat.session.items, ['注文 1'])
})
`

const sources = { 'bot.ts': bot, 'wrong.ts': wrongBot, 'jest.test.ts': jestTest, 'node.test.ts': nodeTest }

/** A project of somebody else, in which hookline is installed. */
function createProject(type: 'module' | 'commonjs') {
  const folder = mkdtempSync(join(tmpdir(), 'hookline-consumer-'))
  projects.push(folder)
  for (const [name, target] of [
    ['hookline', root],
    ['@types/node', installed('@types/node')],
    ['@types/jest', installed('@types/jest')],
  ] as const) {
    const link = join(folder, 'node_modules', name)
    mkdirSync(dirname(link), { recursive: true })
    symlinkSync(target, link)
  }
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ type }))
  for (const [name, text] of Object.entries(sources)) writeFileSync(join(folder, name), text)
  return folder
}

const projects: string[] = []
afterAll(() => projects.forEach((folder) => rmSync(folder, { recursive: true })))

async function compile(folder: string, options: string[]): Promise<string> {
  const args = [
    installed('typescript/bin/tsc'),
    '--strict',
    '--skipLibCheck',
    'false',
    '--target',
    'es2023',
    ...options,
  ]
  const files = Object.keys(sources)
  try {
    await run(process.execPath, [...args, '--types', 'node,jest', ...files], { cwd: folder })
    return ''
  } catch (error) {
    return (error as { stdout: string }).stdout
  }
}

/** All declarations are checked, which takes its time where many compile at once. */
const patience = 240_000

test.each([
  ['commonjs', ['--module', 'node16']],
  ['module', ['--module', 'nodenext']],
  ['module', ['--module', 'esnext', '--moduleResolution', 'bundler']],
] as const)(
  'in a project of the type %s with %j, right bots compile, wrong ones do not, and tests run under node:test',
  async (type, options) => {
    const folder = createProject(type)
    // Further lines of one error are indented.
    const errors = (await compile(folder, [...options])).split('\n').filter((line) => /^\S/.test(line))
    expect(errors).toEqual([
      expect.stringMatching(/^wrong\.ts\(4,31\): error TS2339: Property 'text' does not exist/),
    ])
    const { stdout } = await run(process.execPath, ['--test', 'node.test.js'], { cwd: folder })
    expect(stdout).toMatch(/pass 1/)
  },
  patience,
)

test('the package has the pages, and neither tests nor sources of them', async () => {
  const { stdout } = await run('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], { cwd: root })
  const [packed] = JSON.parse(stdout) as { files: { path: string }[] }[]
  const paths = (packed?.files ?? []).map(({ path }) => path)
  for (const page of ['console', 'emulator'])
    for (const name of ['index.html', 'app.js', 'app.css', 'theme.js', 'icon.svg'])
      expect(paths).toContain(`dist/pages/${page}/${name}`)
  const spare = paths.filter((path) =>
    /^(pages|apps|libs|tests|docs)\/|^dist\/tests\/|^dist\/.*\.test\./.test(path),
  )
  expect(spare).toEqual([])
})

test('hookline/testing loads neither a test runner nor what only servers need', async () => {
  const script = `require('hookline/testing'); console.log(JSON.stringify(Object.keys(require.cache)))`
  const { stdout } = await run(process.execPath, ['-e', script], { cwd: root })
  const packages = new Set(
    (JSON.parse(stdout) as string[]).map(
      (path) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? 'hookline',
    ),
  )
  expect([...packages]).toContain('hookline')
  for (const heavy of ['jest', 'expect', 'jose', 'bullmq', 'ioredis', 'express', 'pino', 'prom-client']) {
    expect([...packages]).not.toContain(heavy)
  }
})
