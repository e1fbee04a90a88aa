import { type BotBuilder, defineBot } from '#libs/bot'
import { ApiError, type Call, type PlanRequest } from '#libs/contract'
import type { Item } from '#libs/mailbox'
import { createLogger, createMetrics } from '#libs/observability'
import type { Outcome } from './outcome'
import { LaneLost, workItem } from './work-item'
import { calmSendDeps, noState } from './send-deps.test.support'

const said = 'what the user said'
const answered = 'what the bot answered'
const replyToken = { token: 'fake-reply-token', expiresAt: Date.now() + 50_000 }
const target = { kind: 'user', id: 'U1' } as const

/** As where nothing came between. */
const written = async (outcome: Outcome) => ({ outcome, next: outcome })

function setup(define?: (bot: BotBuilder) => void, failure?: Error) {
  const item: Item = {
    id: 'e1',
    postedAt: Date.now() - 2000,
    event: {
      key: 'e1',
      bot: 'shop',
      platform: 'line',
      type: 'text',
      text: said,
      conversation: { kind: 'user', id: 'U1' },
      occurredAt: 1,
      receivedAt: 1,
      replyToken,
      raw: { text: said },
    },
    handled: false,
    pushes: [],
    calls: [],
    attempts: [],
    failures: 0,
  }
  const lines: string[] = []
  const metrics = createMetrics()
  const plan = ({ messages }: PlanRequest) => [
    { operation: 'reply', target, messages: messages.map((message) => ({ ...message })), replyToken },
  ]
  const deps = {
    bot: 'shop',
    handler: defineBot(define ?? ((bot) => bot.on('text', (ctx) => ctx.reply(answered, answered)))),
    sender: {
      plan,
      limitOf: ({ operation }: Call) => ({ scope: `test:${operation}`, amount: 1000, perMs: 1000 }),
      send: () => (failure ? Promise.reject(failure) : Promise.resolve({})),
    },
    ...calmSendDeps(),
    ...noState(),
    replyFallback: 'park' as const,
    save: async () => undefined,
    signal: new AbortController().signal,
    handlerTimeoutMs: 30_000,
    budget: { attempts: 10, maxAgeMs: 3_600_000 },
    ownUsers: [],
    eraseUnsent: async () => undefined,
    metrics,
    log: createLogger({
      name: 'worker',
      level: 'info',
      destination: { write: (line) => void lines.push(line) },
    }),
  }
  return { item, lines, metrics, deps, work: () => workItem({ item, crashes: 0 }, deps, written) }
}

const parsed = (lines: string[]) => lines.map((line) => JSON.parse(line) as Record<string, unknown>)

test('writes one line about an item that is done', async () => {
  const { work, lines } = setup()
  expect(await work()).toEqual({ kind: 'done' })
  expect(parsed(lines)).toEqual([
    expect.objectContaining({
      level: 'info',
      bot: 'shop',
      platform: 'line',
      type: 'text',
      event: 'e1',
      conversation: 'user:U1',
      messages: 2,
      failures: 0,
      outcome: 'done',
    }),
  ])
  expect(parsed(lines)[0]?.['wait_ms']).toBeGreaterThanOrEqual(2000)
})

test('writes why an item is tried again, and when', async () => {
  const { work, lines } = setup(undefined, new ApiError('api_unavailable', 'LINE reply answered 503: busy'))
  expect(await work()).toMatchObject({ kind: 'retry' })
  expect(parsed(lines)).toEqual([
    expect.objectContaining({
      level: 'warn',
      outcome: 'retry',
      failures: 1,
      delay_ms: expect.any(Number),
      words: 'LINE reply answered 503: busy',
    }),
  ])
})

test('writes why an item is parked', async () => {
  const { work, lines } = setup(undefined, new ApiError('api_rejected', 'LINE reply answered 400: bad'))
  expect(await work()).toMatchObject({ kind: 'park', reason: 'rejected' })
  expect(parsed(lines)).toEqual([
    expect.objectContaining({ level: 'warn', outcome: 'park', reason: 'rejected' }),
  ])
})

test.each([
  ['done', undefined],
  ['retry', new ApiError('api_unavailable', 'busy')],
])('writes neither reply token nor what was said when an item is %s', async (_name, failure) => {
  const { work, lines } = setup(undefined, failure)
  await work()
  for (const hidden of [replyToken.token, said, answered]) expect(lines.join()).not.toContain(hidden)
})

test('counts items by outcome and how long they waited', async () => {
  const { work, metrics } = setup()
  await work()
  expect((await metrics.items.get()).values).toEqual([{ labels: { bot: 'shop', outcome: 'done' }, value: 1 }])
  const waits = (await metrics.itemWaitSeconds.get()).values
  const sum = waits.find(({ metricName }) => metricName?.endsWith('_sum'))?.value
  expect(sum).toBeGreaterThanOrEqual(2)
  expect(sum).toBeLessThan(60)
})

test('tells once how long an item waited, however often it is tried', async () => {
  const { work, metrics } = setup((bot) => bot.on('text', () => Promise.reject(new Error('no'))))
  await work()
  await work()
  const waits = (await metrics.itemWaitSeconds.get()).values
  expect(waits.find(({ metricName }) => metricName?.endsWith('_count'))?.value).toBe(1)
})

test('counts and logs what was written: nothing where the lane was lost', async () => {
  const { item, deps, lines, metrics } = setup()
  const lost = workItem({ item, crashes: 0 }, deps, () => Promise.reject(new LaneLost()))
  await expect(lost).rejects.toBeInstanceOf(LaneLost)
  expect([(await metrics.items.get()).values, lines]).toEqual([[], []])
})

test('does not run the handler of an item again that was handled', async () => {
  let runs = 0
  const { work, item } = setup((bot) =>
    bot.on('text', async (ctx) => {
      runs += 1
      await ctx.reply(answered)
    }),
  )
  await work()
  await work()
  expect([runs, item.calls.map(({ state }) => state)]).toEqual([1, ['sent']])
})

test('passes a lost lane on, without a failed try', async () => {
  const { item, deps, lines } = setup()
  const lost = workItem(
    { item, crashes: 0 },
    { ...deps, save: () => Promise.reject(new LaneLost()) },
    written,
  )
  await expect(lost).rejects.toBeInstanceOf(LaneLost)
  expect([item.failures, lines]).toEqual([0, []])
})
