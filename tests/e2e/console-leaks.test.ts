import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { botPrefix, openRawQueues, pauseBot } from '#libs/mailbox'
import { type ConsoleClient, logIn } from '../support/console-client'
import { eventually } from '../support/eventually'
import { type Service, type Stack, killLeftovers, startService, startStack } from '../support/stack'

/* Everything that the console tells is searched for what users said, what bots answered, and for secrets. */

const said = 'MARKER-said <img src=x onerror=alert(1)>'
const secrets = {
  HOOKLINE_CONSOLE_PASSWORD: 'SECRET-operator',
  HOOKLINE_CONSOLE_VIEWER_PASSWORD: 'SECRET-viewer',
  HOOKLINE_API_KEY: 'SECRET-api-key-0123456789abcdef',
  ALERT_WEBHOOK_URL: 'http://127.0.0.1:9/SECRET-hook?key=SECRET-hook-key',
  ALERT_SLACK_URL: 'http://127.0.0.1:9/SECRET-slack',
  ALERT_SMTP_URL: 'smtp://SECRET-user:SECRET-pass@127.0.0.1:9',
  OTEL_EXPORTER_OTLP_HEADERS: 'authorization=SECRET-otlp',
}
const plain = { ALERT_EMAIL_TO: 'ops@example.com', ALERT_EMAIL_FROM: 'hookline@example.com' }
const bots = ['line', 'lineworks', 'tocaro']

let stack: Stack
let service: Service
let folder: string
let operator: ConsoleClient
let viewer: ConsoleClient
let tail = ''

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'hookline-leaks-'))
  writeFileSync(
    join(folder, 'bot.js'),
    `const { defineBot } = require('hookline')
module.exports.default = defineBot((bot) => {
  bot.on('text', (ctx) => {
    if (ctx.text.includes('park')) throw new Error('does not work')
    ctx.reply('MARKER-answer ' + ctx.text)
  })
})
`,
  )
  const env = { ...secrets, ...plain, HOOKLINE_TIMELINE: 'text', HOOKLINE_BOT: join(folder, 'bot.js') }
  stack = await startStack({ env: { ...env, RETRY_ATTEMPTS: '1' } })
  service = await startService('console', { ...stack.env, ...env })
  operator = await logIn(service.url, 'operator', secrets.HOOKLINE_CONSOLE_PASSWORD)
  viewer = await logIn(service.url, 'viewer', secrets.HOOKLINE_CONSOLE_VIEWER_PASSWORD)
  follow().catch(() => undefined)
  await seed()
})
afterAll(async () => {
  await stack.stop()
  killLeftovers()
  rmSync(folder, { recursive: true, force: true })
})

async function follow(): Promise<void> {
  const { body } = await viewer.get('/api/tail')
  const reader = body!.pipeThrough(new TextDecoderStream()).getReader()
  for (let part = await reader.read(); !part.done; part = await reader.read()) tail += part.value
}

const say = (platform: 'line' | 'lineworks' | 'tocaro', text: string) =>
  stack.emulator.say({ platform, user: 'kana', text })

/** What has ended, what was parked, what waits and a timer, of each platform. */
async function seed(): Promise<void> {
  await eventually(async () => expect((await viewer.get('/api/health')).status).toBe(200))
  for (const platform of ['line', 'lineworks', 'tocaro'] as const) {
    await say(platform, `${said} answered`)
    await say(platform, `${said} park`)
  }
  await eventually(async () => expect(await list('dead-letters', 'letters')).toHaveLength(3))
  for (const platform of ['line', 'lineworks', 'tocaro'] as const) {
    await pauseBot(stack.redis, platform, { reason: 'a test' })
    await say(platform, `${said} waits`)
  }
  await eventually(async () => {
    const lengths = await Promise.all(bots.map((bot) => stack.redis.get(`${botPrefix(bot)}:items`)))
    expect(lengths).toEqual(['1', '1', '1'])
  })
  const [, timers] = openRawQueues(stack.redis, 'line')
  const event = { type: 'timer', name: 'later', key: 't1', data: { text: said }, text: said }
  await timers?.add('timer', { lane: 'user:U1', event }, { jobId: 't1', delay: 3_600_000 })
  await timers?.close()
}

async function list(path: string, field: string): Promise<Record<string, unknown>[]> {
  const body = (await (await operator.get(`/api/${path}`)).json()) as Record<string, unknown>
  return body[field] as Record<string, unknown>[]
}

const at = (...parts: unknown[]) => parts.map((part) => encodeURIComponent(String(part))).join('/')

/** Every address that gives something, with the ids that the lists name. */
async function addresses(): Promise<string[]> {
  const conversations = await list('conversations', 'conversations')
  const letters = await list('dead-letters', 'letters')
  const stories = await Promise.all(
    conversations.map(async ({ bot, lane }) => {
      const view = await list(`conversations/${at(bot, lane)}`, 'ended')
      return view.map(({ id }) => `/api/stories/${at(bot, id)}?lane=${at(lane)}`)
    }),
  )
  const queues = ['drain', 'timer'].flatMap((name) => bots.map((bot) => `${bot}.${name}`))
  expect([conversations.length, letters.length, stories.flat().length]).toEqual([3, 3, 6])
  return [
    ...['session', 'audit', 'overview', 'history', 'health', 'config', 'alerts'].map(
      (name) => `/api/${name}`,
    ),
    ...['conversations', 'conversations?outcome=waiting', 'conversations?user=kana'].map((q) => `/api/${q}`),
    ...conversations.map(({ bot, lane }) => `/api/conversations/${at(bot, lane)}`),
    ...stories.flat(),
    '/api/dead-letters',
    ...letters.map(({ bot, id }) => `/api/dead-letters/${at(bot, id)}`),
    ...bots.map((bot) => `/api/bots/${bot}/history`),
    '/queues/api/queues',
    '/queues/api/job-schedulers',
    ...queues.map((name) => `/queues/api/queues?activeQueue=${name}&status=latest&page=1&jobsPerPage=100`),
    ...['', '/logs', '/flow'].map((more) => `/queues/api/queues/line.timer/t1${more}`),
    ...['/', '/metrics', '/healthz', '/readyz', '/login'],
  ]
}

const marks = () => {
  const credentials = Object.entries(stack.env)
    .filter(([name]) => /SECRET|TOKEN|PRIVATE_KEY|HOOK_KEY|PASSWORD/.test(name))
    .map(([, value]) => value)
  return ['MARKER', 'onerror', 'SECRET-', ...credentials.filter((value) => value.length > 7)]
}

const expectNone = (where: string, text: string) =>
  expect([where, marks().filter((mark) => text.includes(mark))]).toEqual([where, []])

test('no address tells what was said, nor a secret: neither to a viewer nor to an operator', async () => {
  const paths = await addresses()
  for (const path of paths)
    for (const client of [viewer, operator]) {
      const response = await client.get(path)
      expect([path, response.status]).toEqual([path, 200])
      expectNone(path, await response.text())
    }
})

test('what was said is revealed to operators, and written down without it', async () => {
  const [letter] = await list('dead-letters', 'letters')
  const body = { bot: letter?.['bot'], deadLetter: letter?.['id'] }
  expect((await viewer.post('/api/reveal', body)).status).toBe(403)
  const revealed = await operator.post('/api/reveal', body)
  expect([revealed.status, await revealed.text()]).toEqual([200, expect.stringContaining('MARKER-said')])
  const [entry] = await list('audit', 'entries')
  expect(entry).toMatchObject({
    ...{ user: 'operator', action: 'reveal', target: `dead letter ${String(letter?.['id'])}` },
  })
  expectNone('audit', JSON.stringify(entry))
  await operator.get('/api/conversations?text=MARKER-said')
  expectNone('audit', JSON.stringify(await list('audit', 'entries')))
})

test('neither the live events nor any log has it', async () => {
  await eventually(() => expect(tail).toContain('"kind":"item"'))
  expectNone('tail', tail)
  expectNone('the log of the console', service.output())
  expectNone('the other logs', stack.output())
})
