import { type BotBuilder, defineBot } from '#libs/bot'
import { ApiError, type Event } from '#libs/contract'
import { type DeadLetter, type Head, type Lane, newItem } from '#libs/mailbox'
import { createLogger, createMetrics } from '#libs/observability'
import { type DrainDeps, createDrain } from './drain'
import { createOneAtATime } from './one-at-a-time'
import { calmSendDeps } from './send-deps.test.support'

const conversation = { kind: 'user', id: 'U1' } as const
const text = (key: string, more: Partial<Event> = {}, details: object = {}) =>
  ({
    key,
    bot: 'shop',
    platform: 'line',
    type: 'text',
    text: key,
    conversation,
    occurredAt: 1,
    receivedAt: 1,
    raw: {},
    ...more,
    ...details,
  }) as Event
const unknown = (kind: 'none' | 'user') =>
  text('x', { type: 'unknown', conversation: { kind, id: 'x' } }, { reason: 'event type "foo"' })

/** A lane in memory: what Redis would keep is a copy, so that only what was written counts. */
function memoryLane(events: Event[], crashes = 0) {
  const items = events.map((event) => newItem(event, Date.now()))
  const letters: DeadLetter[] = []
  const lost = { amend: false, finish: false }
  let started = 0
  const head = (before: number): Head | undefined =>
    items[0] && { item: structuredClone(items[0]), crashes: before }
  const lane: Lane = {
    take: async () => head(crashes),
    start: async () => {
      started += 1
      return !lost.amend
    },
    amend: async (item) => {
      if (!lost.amend) items[0] = structuredClone(item)
      return !lost.amend
    },
    finish: async (_item, letter) => {
      if (lost.finish) return 'lost'
      items.shift()
      if (letter) letters.push(letter)
      return head(0) ?? 'empty'
    },
  }
  return { lane, items, letters, lost, started: () => started }
}

const echo = (bot: BotBuilder) => bot.otherwise((ctx) => ctx.reply(ctx.key))

interface Arrangement extends Partial<DrainDeps> {
  events: Event[]
  crashes?: number
  define?: (bot: BotBuilder) => void
}

function setup({ events, crashes, define = echo, ...deps }: Arrangement) {
  const memory = memoryLane(events, crashes)
  const stopping = new AbortController()
  const lockLost = new AbortController()
  const sent: unknown[] = []
  const fails: (Error | undefined)[] = []
  const metrics = createMetrics()
  const drain = createDrain({
    bot: 'shop',
    handler: defineBot(define),
    sender: {
      plan: (request) =>
        request.messages.map((message) => ({
          operation: 'push',
          target: conversation,
          messages: [{ ...message }],
        })),
      send: async ({ messages }) => {
        const failure = fails.shift()
        if (failure) throw failure
        sent.push(messages[0]?.['text'])
        return {}
      },
      limitOf: ({ operation }) => ({ scope: `test:${operation}`, amount: 1000, perMs: 1000 }),
    },
    ...calmSendDeps(),
    replyFallback: 'park',
    handlerTimeoutMs: 30_000,
    budget: { attempts: 10, maxAgeMs: 3_600_000 },
    ownUsers: ['usbot'],
    oneAtATime: createOneAtATime(),
    metrics,
    log: createLogger({ name: 'test', level: 'silent' }),
    stopping: stopping.signal,
    ...deps,
  })
  const run = () => drain(memory.lane, { lane: 'user:U1', signal: lockLost.signal })
  return { ...memory, run, sent, fails, metrics, stopping, lockLost }
}

describe('a drain', () => {
  test('empties the lane in order', async () => {
    const { run, sent, items } = setup({ events: [text('a'), text('b'), text('c')] })
    expect(await run()).toEqual({ kind: 'done' })
    expect(sent).toEqual(['a', 'b', 'c'])
    expect(items).toEqual([])
  })

  test('counts itself while it runs, whatever it ends with', async () => {
    const active = async () => (await arranged.metrics.activeDrains.get()).values.map(({ value }) => value)
    const during: number[][] = []
    const arranged = setup({
      events: [text('a')],
      define: (bot) => bot.on('text', async () => void during.push(await active())),
    })
    await arranged.run()
    arranged.lane.take = () => Promise.reject(new Error('Redis is away'))
    await expect(arranged.run()).rejects.toThrow('Redis is away')
    expect([during, await active()]).toEqual([[[1]], [0]])
  })

  test('of an empty lane is done', async () => {
    expect(await setup({ events: [] }).run()).toEqual({ kind: 'done' })
  })

  test('stops at a head that must be tried again, keeps what it has done, and goes on from there', async () => {
    let runs = 0
    const { run, sent, items, fails } = setup({
      events: [text('a'), text('b')],
      define: (bot) => bot.on('text', (ctx) => ctx.reply(`${ctx.text} of run ${++runs}`)),
    })
    fails.push(new ApiError('api_unavailable', 'busy'))
    expect(await run()).toMatchObject({ kind: 'retry', delayMs: expect.any(Number) })
    expect(items[0]).toMatchObject({ id: 'a', handled: true, failures: 1, calls: [{ state: 'waiting' }] })
    expect(await run()).toEqual({ kind: 'done' })
    expect(sent).toEqual(['a of run 1', 'b of run 2'])
  })

  test('postpones a head for as long as the platform asks', async () => {
    const { run, items, fails } = setup({ events: [text('a')] })
    fails.push(new ApiError('api_rate_limited', 'busy', { retryAfterMs: 7000 }))
    const result = await run()
    expect(result.kind).toBe('postpone')
    expect('delayMs' in result && Math.floor(result.delayMs / 1000)).toBe(7)
    expect(items[0]).toMatchObject({ failures: 0, handled: true })
  })

  test('parks a head that can never go on, with its story, and works on the next', async () => {
    const { run, sent, letters, fails } = setup({ events: [text('a'), text('b')] })
    fails.push(new ApiError('api_rejected', 'LINE push answered 400: no', { status: 400 }))
    expect(await run()).toEqual({ kind: 'done' })
    expect(sent).toEqual(['b'])
    expect(letters).toEqual([
      expect.objectContaining({
        bot: 'shop',
        lane: 'user:U1',
        reason: 'rejected',
        explanation: 'LINE push answered 400: no',
        item: expect.objectContaining({ id: 'a', attempts: [expect.objectContaining({ status: 400 })] }),
      }),
    ])
  })

  test('parks an item that ended its process four times, without starting it', async () => {
    let runs = 0
    const { run, letters, sent } = setup({
      events: [text('poison'), text('b')],
      crashes: 4,
      define: (bot) => bot.on('text', (ctx) => ctx.reply(`${ctx.text} of run ${++runs}`)),
    })
    expect(await run()).toEqual({ kind: 'done' })
    expect(letters).toMatchObject([{ reason: 'crashed', item: { id: 'poison' } }])
    expect(letters[0]?.explanation).toContain('Started 4 times')
    expect(sent).toEqual(['b of run 1'])
  })

  test('starts an item once more after four crashes less one', async () => {
    const { run, sent, letters, started } = setup({ events: [text('a')], crashes: 3 })
    await run()
    expect([sent, letters, started()]).toEqual([['a'], [], 1])
  })
})

test('items during which the process died twice run one at a time', async () => {
  const oneAtATime = createOneAtATime()
  let running = 0
  let most = 0
  const define = (bot: BotBuilder) =>
    bot.on('text', async (ctx) => {
      most = Math.max(most, ++running)
      await new Promise((resolve) => setImmediate(resolve))
      running -= 1
      await ctx.reply(ctx.text)
    })
  const drains = (crashes: number) =>
    ['a', 'b', 'c'].map((name) => setup({ events: [text(name)], crashes, define, oneAtATime }))
  await Promise.all(drains(2).map(({ run }) => run()))
  expect(most).toBe(1)
  await Promise.all(drains(1).map(({ run }) => run()))
  expect(most).toBe(3)
})

describe('an event', () => {
  test('in standby is done without the handler', async () => {
    const { run, sent, letters, items } = setup({ events: [text('a', { standby: true }), text('b')] })
    await run()
    expect([sent, letters, items]).toEqual([['b'], [], []])
  })

  test('that the bot itself caused is done without the handler', async () => {
    const { run, sent, letters, items } = setup({
      events: [text('a', { userId: 'usbot' }), text('b', { userId: 'us1' })],
    })
    await run()
    expect([sent, letters, items]).toEqual([['b'], [], []])
  })

  test('that is unknown and has no conversation is parked for a person to read', async () => {
    const { run, sent, letters } = setup({ events: [unknown('none')] })
    await run()
    expect(letters).toMatchObject([{ reason: 'not_understood', explanation: 'event type "foo"' }])
    expect(sent).toEqual([])
  })

  test('that is unknown but has a conversation goes to the handler', async () => {
    const { run, sent, letters } = setup({ events: [unknown('user')] })
    await run()
    expect([sent, letters]).toEqual([['x'], []])
  })
})

describe('a drain gives its lane back', () => {
  test('when the lane was taken over before a call', async () => {
    const { run, sent, lost } = setup({ events: [text('a')] })
    lost.amend = true
    expect(await run()).toEqual({ kind: 'yield' })
    expect(sent).toEqual([])
  })

  test('when the lane was taken over before the end of an item', async () => {
    const { run, sent, lost } = setup({ events: [text('a'), text('b')] })
    lost.finish = true
    expect(await run()).toEqual({ kind: 'yield' })
    expect(sent).toEqual(['a'])
  })

  test.each(['stopping', 'lockLost'] as const)('after the item at hand on %s', async (which) => {
    const arranged = setup({
      events: [text('a'), text('b')],
      define: (bot) =>
        bot.on('text', (ctx) => {
          arranged[which].abort()
          return ctx.reply(ctx.text)
        }),
    })
    expect(await arranged.run()).toEqual({ kind: 'yield' })
    expect(arranged.sent).toEqual(['a'])
    expect(arranged.items.map(({ id }) => id)).toEqual(['b'])
  })

  test('after a hundred items, so that other lanes get a turn', async () => {
    const { run, sent, items } = setup({ events: Array.from({ length: 101 }, (_, i) => text(`e${i}`)) })
    expect(await run()).toEqual({ kind: 'yield' })
    expect([sent.length, items.length]).toEqual([100, 1])
    expect(await run()).toEqual({ kind: 'done' })
  })
})
