import { mkdtempSync, readFileSync, existsSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readCounts, readOverview, readProcesses } from '#libs/vitals'
import { eventually } from '../support/eventually'
import { type Stack, killLeftovers, runToEnd, startStack } from '../support/stack'

let stack: Stack
let onEnd: () => void = () => undefined
afterEach(async () => {
  onEnd()
  await stack.stop()
})
afterAll(killLeftovers)

const hookline = (...args: string[]) =>
  runToEnd('dist/libs/cli/main.js', { REDIS_URL: stack.env['REDIS_URL'] ?? '' }, args)
const say = (text: string, user = 'a') => stack.emulator.say({ platform: 'lineworks', user, text })
const said = () =>
  stack.emulator.ledger
    .messages({ platform: 'lineworks' })
    .flatMap(({ messages = [] }) => messages.map((message) => (message as { text?: string }).text))
const shown = async () => (await readOverview(stack.redis)).bots.find(({ bot }) => bot === 'lineworks')

test('processes show up, what they do is counted, and one that ends goes', async () => {
  stack = await startStack({ workers: 2 })
  await eventually(async () => {
    const { processes } = await readOverview(stack.redis)
    expect(processes).toMatchObject({ ingress: 1, worker: 2 })
  })
  for (const text of ['one', 'two', 'three']) await say(text)
  await eventually(async () => {
    expect(await shown()).toMatchObject({
      ...{ bot: 'lineworks', platform: 'lineworks', state: 'works', workers: 2 },
      sends: { sent: 3, failed: 0 },
      ack: { p99Ms: expect.any(Number) },
      budgets: [{ operation: 'users.messages', limit: expect.any(Number) }],
      token: { kind: 'minted', expiresInMs: expect.any(Number) },
    })
  })
  expect(await readCounts(stack.redis, 'lineworks', { minutes: 3 })).toMatchObject({
    events: 3,
    'item:done': 3,
  })

  await stack.workers[0]!.end('SIGTERM')
  const { pid } = stack.workers[0]!.process
  expect((await readProcesses(stack.redis)).map((process) => process.pid)).not.toContain(pid)
})

test('a request costs no command for the vitals: what is written does not grow with the traffic', async () => {
  stack = await startStack({ workers: 0 })
  const monitor = await stack.redis.monitor()
  onEnd = () => monitor.disconnect()
  const database = String(stack.redis.options.db)
  const seen: string[] = []
  monitor.on('monitor', (_time: string, args: string[], _source: string, db: string) => {
    if (db === database && args.some((arg) => /:minute:|^\{hookline:processes\}/.test(arg)))
      seen.push(args[0] ?? '')
  })
  const webhooks = 300
  await Promise.all(Array.from({ length: webhooks }, (_, i) => say(`hello ${i}`, `user-${i % 30}`)))
  await eventually(async () => {
    const { events = 0 } = await readCounts(stack.redis, 'lineworks', { minutes: 3 })
    expect(events).toBe(webhooks)
  })
  const counted = seen.filter((name) => name.toLowerCase() === 'hincrby')
  expect(counted.length).toBeGreaterThan(0)
  // Some ten fields with each beat.
  expect(counted.length).toBeLessThan(webhooks / 3)
})

test('a held bot takes and handles what comes, and says it when it is released', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'hookline-bot-'))
  const handled = join(folder, 'handled')
  writeFileSync(
    join(folder, 'bot.ts'),
    `import { appendFileSync } from 'node:fs'
import { defineBot } from 'hookline'
export default defineBot((bot) => {
  bot.on('text', (ctx) => {
    appendFileSync(${JSON.stringify(handled)}, ctx.text + '\\n')
    return ctx.reply(ctx.text)
  })
})`,
  )
  stack = await startStack({ env: { HOOKLINE_BOT: join(folder, 'bot.ts') } })
  await say('before')
  await eventually(() => expect(said()).toEqual(['before']))

  expect((await hookline('hold', 'lineworks', '--reason', 'wrong prices', '--for', '1h')).code).toBe(0)
  await say('while')
  await eventually(() => expect(existsSync(handled) && readFileSync(handled, 'utf8')).toBe('before\nwhile\n'))
  await eventually(async () => {
    expect(await shown()).toMatchObject({
      state: 'held',
      stopped: { reason: 'wrong prices', until: expect.any(Number) },
      waiting: { items: 1 },
      forecast: { bottleneck: 'held' },
    })
  })
  expect(said()).toEqual(['before'])
  const status = await hookline('status')
  expect(status.code).toBe(1)
  expect(status.output).toContain('lineworks: held')
  expect(status.output).toContain('hookline release lineworks')

  expect((await hookline('release', 'lineworks')).code).toBe(0)
  await eventually(() => expect(said()).toEqual(['before', 'while']))
  expect((await hookline('release', 'lineworks')).code).toBe(2)
})

test('a pause with a time ends by itself', async () => {
  stack = await startStack()
  await eventually(async () => expect(await shown()).toMatchObject({ workers: 1 }))
  const { code, output } = await hookline('pause', 'lineworks', '--for', '2s', '--json')
  expect(code).toBe(0)
  expect(JSON.parse(output)).toMatchObject({ bot: 'lineworks', paused: true, until: expect.any(Number) })
  await say('waits')
  await eventually(() => expect(said()).toEqual(['waits']))
  expect(await shown()).toMatchObject({ state: 'works' })
})
