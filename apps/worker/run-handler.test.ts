import { type Bot, type BotBuilder, defineBot } from '#libs/bot'
import { ApiError, type Call, type Event, HooklineError, type PlanRequest } from '#libs/contract'
import { type Item, newItem } from '#libs/mailbox'
import { createMetrics } from '#libs/observability'
import { Postpone } from './outcome'
import { type HandlerDeps, runHandler } from './run-handler'
import { calmSendDeps, noState } from './send-deps.test.support'

const baseEvent = { key: 'e1', bot: 'shop', platform: 'line', occurredAt: 1, receivedAt: 1, raw: {} } as const
const textEvent: Event = {
  ...baseEvent,
  type: 'text',
  text: 'hi',
  conversation: { kind: 'user', id: 'U1' },
  replyToken: { token: 'fake-reply-token', expiresAt: 1 },
}

const nowhere: Event = { ...baseEvent, type: 'botSuspended', conversation: { kind: 'none', id: 'none' } }

/** One call per message, so that a plan is easy to read. */
function plan(request: PlanRequest): Call[] {
  const { kind, id } = request.kind === 'push' ? request.target : request.event.conversation
  if (kind === 'none') return []
  return request.messages.map((message) => ({
    operation: request.kind,
    target: { kind, id },
    messages: [{ ...message }],
  }))
}

function setup(
  define: (bot: BotBuilder) => void,
  deps: Partial<HandlerDeps> & { event?: Event } = {},
  check: (messages: unknown) => void = () => undefined,
) {
  const { event = textEvent, ...others } = deps
  const item = newItem(event, 1)
  const plans: PlanRequest[] = []
  const sent: string[] = []
  const fails: (Error | undefined)[] = []
  let saves = 0
  const metrics = createMetrics()
  const all: HandlerDeps = {
    bot: 'shop',
    handler: defineBot(define),
    handlerTimeoutMs: 30_000,
    sender: {
      plan: (request) => {
        plans.push(request)
        check(request.messages)
        return plan(request)
      },
      send: async ({ target, messages }) => {
        const failure = fails.shift()
        if (failure) throw failure
        sent.push(`${target.id}: ${String(messages[0]?.['text'])}`)
        return {}
      },
      limitOf: ({ operation }) => ({ scope: `test:${operation}`, amount: 1000, perMs: 1000 }),
      language: async () => 'ja',
    },
    ...calmSendDeps(),
    ...noState(),
    replyFallback: 'park',
    save: async () => void (saves += 1),
    metrics,
    signal: new AbortController().signal,
    ...others,
  }
  /** Another run of the same item, as it comes back out of Redis. */
  const run = (stored = item) => runHandler(stored, all)
  const failed = () => run().catch((error: unknown) => error)
  return { item, plans, sent, fails, metrics, run, failed, saves: () => saves }
}

const fromRedis = (item: Item) => JSON.parse(JSON.stringify(item)) as Item

describe('replies', () => {
  test('are planned once, together, in the order in which they were said, and none is sent', async () => {
    const { item, plans, sent, run, saves } = setup((bot) =>
      bot.on('text', async (ctx) => {
        await ctx.reply('a')
        if (ctx.platform !== 'line') return
        await ctx.reply('b', {
          type: 'native',
          platform: 'line',
          message: { type: 'sticker', packageId: '1', stickerId: '2' },
        })
      }),
    )
    await run()
    const messages = [
      { type: 'text', text: 'a' },
      { type: 'text', text: 'b' },
      { type: 'native', platform: 'line', message: { type: 'sticker', packageId: '1', stickerId: '2' } },
    ]
    expect(plans).toEqual([{ kind: 'reply', event: textEvent, messages }])
    expect(item.handled).toBe(true)
    expect(item.calls.map(({ state }) => state)).toEqual(['waiting', 'waiting', 'waiting'])
    expect([sent, saves()]).toEqual([[], 0])
  })

  test('that were never said are not planned: the item is handled all the same', async () => {
    const { item, plans, run, metrics } = setup((bot) => bot.on('text', () => undefined))
    await run()
    expect(item).toMatchObject({ handled: true, calls: [] })
    expect(plans).toEqual([])
    expect((await metrics.suppressedReplies.get()).values).toEqual([])
  })

  test('that nobody can get are counted', async () => {
    const define = (bot: BotBuilder) => bot.otherwise((ctx) => ctx.reply('anyone?'))
    const { item, run, metrics } = setup(define, { event: nowhere })
    await run()
    expect(item).toMatchObject({ handled: true, calls: [] })
    expect((await metrics.suppressedReplies.get()).values).toEqual([
      { labels: { bot: 'shop', type: 'botSuspended' }, value: 1 },
    ])
  })

  test('of a handler that throws are forgotten', async () => {
    const { item, failed } = setup((bot) =>
      bot.on('text', async (ctx) => {
        await ctx.reply('half')
        throw new Error('no menu')
      }),
    )
    expect(await failed()).toMatchObject({ message: 'no menu' })
    expect(item).toMatchObject({ handled: false, calls: [] })
  })

  test('of a handler whose error the bot catches are replaced by those of the catch', async () => {
    const { item, run } = setup((bot) => {
      bot.on('text', async (ctx) => {
        await ctx.reply('half')
        throw new Error('no menu')
      })
      bot.catch((_error, ctx) => ctx.reply('sorry'))
    })
    await run()
    expect(item.calls.map(({ messages }) => messages)).toEqual([[{ type: 'text', text: 'sorry' }]])
  })
})

test('what a handler says after it threw is no part of the answer of the catch', async () => {
  let late: unknown
  const { item, run } = setup((bot) => {
    let goOn: () => void = () => undefined
    const inCatch = new Promise<void>((resolve) => (goOn = resolve))
    bot.on('text', (ctx) => {
      const beside = inCatch.then(() => ctx.reply('late').catch((error: unknown) => (late = error)))
      return Promise.all([beside, Promise.reject(new Error('no menu'))])
    })
    bot.catch(async (_error, ctx) => {
      goOn()
      await new Promise((resolve) => setImmediate(resolve))
      await ctx.reply('sorry')
    })
  })
  await run()
  expect(item.calls.map(({ messages }) => messages)).toEqual([[{ type: 'text', text: 'sorry' }]])
  expect(late).toMatchObject({ code: 'no_target', message: expect.stringContaining('has ended') })
})

describe('a push that may not go out yet', () => {
  const busy = {
    ...calmSendDeps().limiter,
    ask: async () => ({ kind: 'wait', ms: 60_000, reason: 'closed' }) as const,
  }

  test.each<[string, (bot: BotBuilder) => void]>([
    ['caught it', (bot) => bot.on('text', (ctx) => ctx.push('x').catch(() => ctx.reply('no')))],
    [
      'threw another error for it',
      (bot) => bot.on('text', (ctx) => ctx.push('x').catch(() => Promise.reject(new Error('no')))),
    ],
    [
      'called the platform and caught it',
      (bot) => bot.on('text', (ctx) => ctx.api({ method: 'GET', path: '/x' }).catch(() => ctx.reply('no'))),
    ],
    [
      'called the platform and did not wait for it',
      (bot) => bot.on('text', (ctx) => void ctx.api({ method: 'GET', path: '/x' }).catch(() => undefined)),
    ],
    ['did not wait for it', (bot) => bot.on('text', (ctx) => void ctx.push('x').catch(() => undefined))],
    [
      'has a catch',
      (bot) => (bot.on('text', (ctx) => ctx.push('x')), bot.catch((_error, ctx) => ctx.reply('sorry'))),
    ],
  ])('postpones the item although the handler %s', async (_name, define) => {
    const { item, sent, failed } = setup(define, { limiter: busy })
    expect(await failed()).toBeInstanceOf(Postpone)
    expect([item.handled, item.calls, sent]).toEqual([false, [], []])
  })
})

describe('a push', () => {
  const pushing = (bot: BotBuilder) =>
    bot.on('text', async (ctx) => {
      await ctx.push('one')
      await ctx.push('two', { to: { kind: 'group', id: 'G9' } })
      await ctx.reply('three')
    })

  test('goes out at once, to the conversation or to whom it names', async () => {
    const { item, sent, run } = setup(pushing)
    await run()
    expect(sent).toEqual(['U1: one', 'G9: two'])
    expect(item.pushes.flat().map(({ state }) => state)).toEqual(['sent', 'sent'])
    expect(item.calls).toHaveLength(1)
  })

  test.each([false, true])(
    'waits for the one before it, whether the handler waits or not (%s)',
    async (waits) => {
      const started: string[] = []
      const { sent, fails, failed } = setup((bot) =>
        bot.on('text', async (ctx) => {
          const pushes = [ctx.push('first'), ctx.push('second')]
          started.push('both')
          await (waits ? Promise.all(pushes) : Promise.allSettled(pushes))
        }),
      )
      fails.push(new ApiError('api_unavailable', 'away'))
      const error = await failed()
      expect(started).toEqual(['both'])
      expect(sent).toEqual([])
      if (waits) expect(error).toMatchObject({ code: 'api_unavailable' })
    },
  )

  test('that was sent by an earlier run of the handler is not sent again', async () => {
    const { item, sent, fails, failed, run } = setup(pushing)
    fails.push(undefined, new ApiError('api_unavailable', 'busy'))
    expect(await failed()).toMatchObject({ code: 'api_unavailable' })
    expect(sent).toEqual(['U1: one'])
    const again = fromRedis(item)
    await run(again)
    expect(sent).toEqual(['U1: one', 'G9: two'])
    expect(again.handled).toBe(true)
  })

  test('that was planned by an earlier run keeps its words', async () => {
    let runs = 0
    const { item, plans, sent, fails, failed, run } = setup((bot) =>
      bot.on('text', (ctx) => ctx.push(`try ${++runs}`)),
    )
    fails.push(new ApiError('api_outcome_unknown', 'timeout'))
    await failed()
    await run(fromRedis(item))
    expect(sent).toEqual(['U1: try 1'])
    expect(plans).toHaveLength(1)
  })

  test('without a conversation is an error that says what to do', async () => {
    const { failed } = setup((bot) => bot.otherwise((ctx) => ctx.push('anyone?')), { event: nowhere })
    expect(await failed()).toMatchObject({
      code: 'no_target',
      message: 'A botSuspended event has no conversation to push to. Name one with { to }.',
    })
  })

  test('from an event without a conversation goes to whom it names', async () => {
    const to = { kind: 'user', id: 'Uadmin' } as const
    const { sent, run } = setup((bot) => bot.otherwise((ctx) => ctx.push('help', { to })), { event: nowhere })
    await run()
    expect(sent).toEqual(['Uadmin: help'])
  })
})

describe('a handler', () => {
  test('that hangs is ended at its time limit', async () => {
    let signal: AbortSignal | undefined
    const hang = (bot: BotBuilder) =>
      bot.on('text', (ctx) => {
        signal = ctx.signal
        return new Promise(() => undefined)
      })
    const { item, failed } = setup(hang, { handlerTimeoutMs: 20 })
    expect(await failed()).toMatchObject({
      code: 'handler_timeout',
      message: expect.stringMatching(/text event did not finish within 20 ms.*HANDLER_TIMEOUT/),
    })
    expect(signal?.aborted).toBe(true)
    expect(item.handled).toBe(false)
  })

  test('that ignores its signal is left alone after the grace time', async () => {
    const stubborn: Bot = { schedules: [], handle: () => new Promise(() => undefined) }
    jest.useFakeTimers({ doNotFake: ['performance', 'hrtime'] })
    try {
      const { failed } = setup(() => undefined, { handler: stubborn, handlerTimeoutMs: 1000 })
      const failure = failed()
      await jest.advanceTimersByTimeAsync(6000)
      expect(await failure).toMatchObject({ code: 'handler_timeout' })
    } finally {
      jest.useRealTimers()
    }
  })

  test('that was ended sends no push afterwards', async () => {
    let late: Promise<unknown> = Promise.resolve()
    const { sent, failed } = setup(
      (bot) =>
        bot.on('text', (ctx) => {
          const aborted = new Promise((resolve) => ctx.signal.addEventListener('abort', resolve))
          late = aborted.then(() => ctx.push('too late')).catch((error: unknown) => error)
          return late
        }),
      { handlerTimeoutMs: 20 },
    )
    await failed()
    expect(await late).toMatchObject({ code: 'handler_timeout' })
    expect(sent).toEqual([])
  })

  test('is told which attempt this is, and the language of the user', async () => {
    const seen: unknown[] = []
    const { item, run } = setup((bot) =>
      bot.on('text', async (ctx) => void seen.push(ctx.attempt, await ctx.language())),
    )
    item.failures = 2
    await run()
    expect(seen).toEqual([3, 'ja'])
  })
})

describe('when the handler runs again', () => {
  test('a push behind a ctx.once is not taken for the push within it', async () => {
    const { item, sent, fails, run, failed } = setup((bot) =>
      bot.on('text', async (ctx) => {
        await ctx.once('first', () => ctx.push('one'))
        await ctx.once('second', () => ctx.push('two'))
        await ctx.push('three')
      }),
    )
    fails.push(undefined, new ApiError('api_unavailable', 'down'))
    expect(await failed()).toMatchObject({ code: 'api_unavailable' })
    await run(fromRedis(item))
    expect(sent).toEqual(['U1: one', 'U1: two', 'U1: three'])
  })

  test('a push that the platform can not take leaves no hole in the item', async () => {
    const { item, sent, run } = setup(
      (bot) =>
        bot.on('text', async (ctx) => {
          await ctx.push('refused').catch(() => undefined)
          await ctx.push('taken')
        }),
      {},
      (messages) => {
        if (JSON.stringify(messages).includes('refused')) throw new HooklineError('message_invalid', 'no')
      },
    )
    await run()
    expect(
      fromRedis(item)
        .pushes.flat()
        .map(({ state }) => state),
    ).toEqual(['sent'])
    expect(sent).toEqual(['U1: taken'])
  })
})

describe('what Redis did not take is no failure of the handler', () => {
  test.each<[string, (bot: BotBuilder) => void]>([
    ['bot.catch', (bot) => bot.catch((_error, ctx) => ctx.reply('sorry'))],
    ['nobody', () => undefined],
  ])('whoever catches it: %s', async (_name, more) => {
    const { item, failed } = setup(
      (bot) => {
        bot.on('text', (ctx) => ctx.once('pay', () => 'paid'))
        more(bot)
      },
      { save: () => Promise.reject(new Error('not saved')) },
    )
    expect(await failed()).toMatchObject({ message: 'not saved' })
    expect(item.handled).toBe(false)
  })
})
