import { type BotBuilder, defineBot } from '#libs/bot'
import { ApiError, type Event, type Sender } from '#libs/contract'
import { type DeadLetter, type Head, type Lane, erasedItem, newItem } from '#libs/mailbox'
import { createLogger, createMetrics } from '#libs/observability'
import { eventually } from '../../tests/support/eventually'
import { type DrainDeps, createDrain } from './drain'
import { createGate } from './gate'
import { calmSendDeps, noState } from './send-deps.test.support'

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
  const forgiven: string[] = []
  const unsent: string[] = []
  let started = 0
  const head = (before: number): Head | undefined =>
    items[0] && { item: structuredClone(items[0]), crashes: before }
  const lane: Lane = {
    take: async () => head(crashes),
    start: async () => {
      started += 1
      return !lost.amend
    },
    forgive: async (item) => void forgiven.push(item.id),
    amend: async (item) => {
      if (lost.amend) return 'lost'
      if (items[0]?.erased) return 'erased'
      items[0] = structuredClone(item)
      return 'written'
    },
    finish: async (_item, letter) => {
      if (lost.finish) return 'lost'
      items.shift()
      if (letter) letters.push(letter)
      return head(0) ?? 'empty'
    },
    isUnsent: async () => false,
    eraseUnsent: async ({ messageId }) => void unsent.push(messageId),
    leave: async () => true,
    recall: async () => undefined,
    setTimers: async (_item, changes) => changes.map(() => ''),
    isCurrentTimer: async () => true,
  }
  return { lane, items, letters, lost, forgiven, unsent, started: () => started }
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
  const sender: Sender = {
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
  }
  const drain = createDrain({
    bot: 'shop',
    handler: defineBot(define),
    sender,
    ...calmSendDeps(),
    ...noState(),
    replyFallback: 'park',
    handlerTimeoutMs: 30_000,
    budget: { attempts: 10, maxAgeMs: 3_600_000 },
    ownUsers: ['usbot'],
    gate: createGate(stopping.signal),
    metrics,
    log: createLogger({ name: 'test', level: 'silent' }),
    stopping: stopping.signal,
    ...deps,
  })
  const run = () => drain(memory.lane, { lane: 'user:U1', signal: lockLost.signal })
  return { ...memory, run, sender, sent, fails, metrics, stopping, lockLost }
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

describe('an item during which the process died twice', () => {
  /** A bot whose handlers run until they are let go, and what runs now. */
  function held() {
    const running = new Map<string, () => void>()
    const gate = createGate(new AbortController().signal)
    const define = (bot: BotBuilder) =>
      bot.on('text', async (ctx) => {
        await new Promise<void>((letGo) => running.set(ctx.text, letGo))
        running.delete(ctx.text)
      })
    const start = (name: string, crashes: number) =>
      setup({ events: [text(name)], crashes, define, gate }).run()
    const runs = (...names: string[]) => eventually(() => expect([...running.keys()]).toEqual(names))
    return { start, runs, letGo: (name: string) => running.get(name)?.() }
  }

  test('waits for those at work, and runs alone', async () => {
    const { start, runs, letGo } = held()
    const drains = [start('a', 0), start('b', 1), start('suspect', 2), start('c', 0), start('other', 3)]
    await runs('a', 'b')
    letGo('a')
    await runs('b')
    letGo('b')
    await runs('suspect')
    letGo('suspect')
    await runs('c')
    letGo('c')
    await runs('other')
    letGo('other')
    expect(await Promise.all(drains)).toEqual(Array(5).fill({ kind: 'done' }))
  })

  test('starts only when the ends of those at work are written', async () => {
    const gate = createGate(new AbortController().signal)
    const first = setup({ events: [text('a')], gate })
    let written = () => {}
    const lane = { ...first.lane }
    first.lane.finish = async (...args) => {
      await new Promise<void>((resolve) => (written = resolve))
      return lane.finish(...args)
    }
    const second = setup({ events: [text('suspect')], crashes: 2, gate })
    const drains = [first.run(), second.run()]
    await eventually(() => expect(first.sent).toEqual(['a']))
    await new Promise((next) => setImmediate(next))
    expect(second.started()).toBe(0)
    written()
    await Promise.all(drains)
    expect(second.sent).toEqual(['suspect'])
  })

  test('gives its lane back when the process must stop, without waiting for those at work', async () => {
    const stopping = new AbortController()
    const gate = createGate(stopping.signal)
    const busy = await new Promise<{ end: () => void }>((entered) => {
      void gate.together(() => new Promise<void>((end) => entered({ end })))
    })
    const alone = setup({ events: [text('b')], crashes: 2, gate, stopping: stopping.signal })
    const behind = setup({ events: [text('c')], gate, stopping: stopping.signal })
    const waiting = [alone.run(), behind.run()]
    // By now they stand before the gate.
    await new Promise((next) => setImmediate(next))
    stopping.abort()
    expect(await Promise.all(waiting)).toEqual([{ kind: 'yield' }, { kind: 'yield' }])
    expect([alone.started(), behind.sent, behind.forgiven]).toEqual([0, [], ['c']])
    busy.end()
  })
})

describe('a start is taken back', () => {
  test('when the run ends with an error of Redis, which is no failed try', async () => {
    const { run, lane, forgiven, items } = setup({ events: [text('a')] })
    lane.amend = () => Promise.reject(new Error('READONLY'))
    await expect(run()).rejects.toThrow('Redis did not take the state of an item: Error: READONLY')
    expect([forgiven, items[0]?.failures]).toEqual([['a'], 0])
  })

  test('when the lane was taken over', async () => {
    const { run, lost, forgiven } = setup({ events: [text('a')] })
    lost.amend = true
    await run()
    expect(forgiven).toEqual(['a'])
  })

  test('when the lane is given away before the next head was worked on', async () => {
    const arranged = setup({
      events: [text('a'), text('b')],
      define: (bot) => bot.on('text', async () => arranged.stopping.abort()),
    })
    expect(await arranged.run()).toEqual({ kind: 'yield' })
    expect(arranged.forgiven).toEqual(['b'])
  })

  test('not when it was not counted', async () => {
    const { run, lost, forgiven } = setup({ events: [text('a')], crashes: 1 })
    lost.amend = true
    expect(await run()).toEqual({ kind: 'yield' })
    expect(forgiven).toEqual([])
  })

  test('not after an orderly end', async () => {
    const { run, fails, forgiven } = setup({ events: [text('a'), text('b')] })
    fails.push(new ApiError('api_unavailable', 'busy'))
    await run()
    await run()
    expect(forgiven).toEqual([])
  })
})

describe('a message that was taken back', () => {
  const ignored = async ({ metrics }: ReturnType<typeof setup>) =>
    (await metrics.ignoredEvents.get()).values.map(({ labels, value }) => [labels['reason'], value])

  test('before its turn is done without the handler', async () => {
    const arranged = setup({ events: [text('a'), text('b')] })
    arranged.items[0] = erasedItem(arranged.items[0]!)
    await arranged.run()
    expect([arranged.sent, arranged.letters, await ignored(arranged)]).toEqual([['b'], [], [['unsent', 1]]])
  })

  test('while its handler runs is not answered', async () => {
    const arranged = setup({
      events: [text('a'), text('b')],
      define: (bot) =>
        bot.on('text', async (ctx) => {
          if (ctx.text === 'a') arranged.items[0] = erasedItem(arranged.items[0]!)
          await ctx.reply(ctx.text)
        }),
    })
    expect(await arranged.run()).toEqual({ kind: 'done' })
    expect([arranged.sent, arranged.letters, await ignored(arranged)]).toEqual([['b'], [], [['unsent', 1]]])
  })

  test('while a call for it fails is not tried again', async () => {
    const arranged = setup({ events: [text('a'), text('b')] })
    arranged.sender.send = async ({ messages }) => {
      const said = messages[0]?.['text']
      if (said === 'a') {
        arranged.items[0] = erasedItem(arranged.items[0]!)
        throw new ApiError('api_unavailable', 'busy')
      }
      arranged.sent.push(said)
      return {}
    }
    expect(await arranged.run()).toEqual({ kind: 'done' })
    expect([arranged.sent, arranged.items]).toEqual([['b'], []])
    expect(await ignored(arranged)).toEqual([['unsent', 1]])
  })

  test('is erased from where it is kept before the handler hears of it, in standby too', async () => {
    const unsend = (messageId: string, more: Partial<Event> = {}) =>
      text(messageId, { type: 'unsend', ...more }, { messageId })
    const erasedBefore: string[][] = []
    const arranged = setup({
      events: [unsend('1'), unsend('2', { standby: true })],
      define: (bot) => bot.on('unsend', async () => void erasedBefore.push([...arranged.unsent])),
    })
    await arranged.run()
    expect([erasedBefore, arranged.unsent]).toEqual([[['1']], ['1', '2']])
  })
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

test('a timer that Redis does not take is no failure of its item', async () => {
  const alarms = { ...noState().alarms, set: () => Promise.reject(new Error('OOM')) }
  const define = (bot: BotBuilder) => bot.on('text', (ctx) => ctx.after('1m', 'remind'))
  const { run, items } = setup({ events: [text('a')], define, alarms })
  await expect(run()).rejects.toThrow('Redis did not take the state of an item: Error: OOM')
  expect(items[0]).toMatchObject({ handled: true, failures: 0, timers: [{ name: 'remind' }] })
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
