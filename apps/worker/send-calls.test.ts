import { ApiError, type ApiErrorCode, type Call, type SendOptions } from '#libs/contract'
import type { Item, PlannedCall } from '#libs/mailbox'
import { createMetrics } from '#libs/observability'
import { Park } from './outcome'
import { type SendDeps, planned, retryKey, sendCalls } from './send-calls'
import { calmSendDeps } from './send-deps.test.support'

const target = { kind: 'user', id: 'U1' } as const
const push = (text: string): Call => ({ operation: 'push', target, messages: [{ type: 'text', text }] })
const reply = (expiresAt = Date.now() + 50_000): Call => ({
  ...push('answer'),
  operation: 'reply',
  replyToken: { token: 'fake-reply-token', expiresAt },
})
const expired = () => reply(Date.now() - 1)

/** Answers are given in turn; after the last all is well. */
function setup(
  calls: PlannedCall[],
  answers: (ApiErrorCode | ApiError | 'ok')[] = [],
  deps: Partial<SendDeps> = {},
) {
  const item = { id: 'e1', calls, pushes: [], attempts: [], failures: 0, handled: true } as unknown as Item
  /** What was saved and what was sent, in order. */
  const log: string[] = []
  const sent: { call: PlannedCall; options: SendOptions }[] = []
  const metrics = createMetrics()
  const all: SendDeps = {
    bot: 'shop',
    sender: {
      plan: () => [],
      send: async (call, options) => {
        sent.push({ call: structuredClone(call) as PlannedCall, options })
        log.push(`send ${call.operation}`)
        const answer = answers.shift() ?? 'ok'
        if (answer !== 'ok') throw answer instanceof ApiError ? answer : new ApiError(answer, answer)
        return {}
      },
      limitOf: ({ operation }) => ({ scope: `test:${operation}`, amount: 1000, perMs: 1000 }),
    },
    ...calmSendDeps(),
    replyFallback: 'push',
    save: async (saved) => void log.push(`save ${saved.calls.map(({ state }) => state).join(' ')}`),
    metrics,
    signal: new AbortController().signal,
    ...deps,
  }
  const run = (name = 'reply') => sendCalls(item, { name, calls }, all)
  const failed = () => run().catch((error: unknown) => error)
  const counted = async (name: 'sends' | 'uncertainSends') =>
    (await metrics[name].get()).values.map(({ labels, value }) => ({ ...labels, value }))
  return { item, calls, log, sent, run, failed, counted, signal: all.signal }
}

describe('sendCalls', () => {
  test('marks each call sending before it is made and sent after', async () => {
    const { log, calls, run } = setup(planned([push('a'), push('b')]))
    await run()
    expect(log).toEqual(['save sending waiting', 'send push', 'save sent sending', 'send push'])
    expect(calls.map(({ state }) => state)).toEqual(['sent', 'sent'])
  })

  test('makes no call that could not be marked', async () => {
    const refuse = () => Promise.reject(new Error('lane lost'))
    const { sent, failed } = setup(planned([push('a')]), [], { save: refuse })
    expect(await failed()).toMatchObject({ message: 'lane lost' })
    expect(sent).toEqual([])
  })

  test('skips what was sent before and goes on with the rest', async () => {
    const calls = planned([push('a'), push('b'), push('c')])
    calls[0]!.state = 'sent'
    const { sent, run } = setup(calls)
    await run()
    expect(sent.map(({ call }) => call.messages[0]?.['text'])).toEqual(['b', 'c'])
  })

  test('stops at the first call that fails and takes it up again with the same retry key', async () => {
    const { sent, calls, run, failed } = setup(planned([push('a'), push('b'), push('c')]), [
      'ok',
      'api_rate_limited',
    ])
    expect(await failed()).toMatchObject({ message: 'api_rate_limited' })
    expect(calls.map(({ state }) => state)).toEqual(['sent', 'waiting', 'waiting'])
    await run()
    expect(sent.map(({ call }) => call.messages[0]?.['text'])).toEqual(['a', 'b', 'b', 'c'])
    expect(sent[2]?.options.retryKey).toBe(sent[1]?.options.retryKey)
  })

  test('gives each call a retry key of its own, and the signal', async () => {
    const { sent, run, signal } = setup(planned([push('a'), push('a')]))
    await run()
    expect(new Set(sent.map(({ options }) => options.retryKey)).size).toBe(2)
    expect(sent[0]?.options.signal).toBe(signal)
  })

  test('gives two lists of one item different retry keys', async () => {
    const keys: (string | undefined)[] = []
    for (const name of ['reply', 'push.0', 'push.1']) {
      const { sent, run } = setup(planned([push('a')]))
      await run(name)
      keys.push(sent[0]?.options.retryKey)
    }
    expect(new Set(keys).size).toBe(3)
  })

  test('parks at a reply that no token carries, after those before it were sent', async () => {
    const { sent, calls, failed } = setup(planned([push('a'), { ...push('sixth'), operation: 'parked' }]))
    expect(await failed()).toMatchObject({ park: { reason: 'too_many_replies' } })
    expect(sent).toHaveLength(1)
    expect(calls.map(({ state }) => state)).toEqual(['sent', 'waiting'])
  })

  test('counts each call by its result', async () => {
    const { counted, run, failed } = setup(planned([push('a')]), ['api_rate_limited'])
    await failed()
    await run()
    expect(await counted('sends')).toEqual([
      { bot: 'shop', operation: 'push', result: 'api_rate_limited', value: 1 },
      { bot: 'shop', operation: 'push', result: 'sent', value: 1 },
    ])
  })
})

describe('a call whose outcome is not known', () => {
  test('is one that was found sending after a crash: it is repeated and counted', async () => {
    const calls = planned([push('a')])
    calls[0]!.state = 'sending'
    const { sent, run, counted } = setup(calls)
    await run()
    expect(sent).toHaveLength(1)
    expect(calls[0]).toMatchObject({ state: 'sent', uncertain: true })
    expect(await counted('uncertainSends')).toEqual([{ bot: 'shop', operation: 'push', value: 1 }])
  })

  test('is one that got no answer', async () => {
    const { calls, failed, run, counted } = setup(planned([push('a')]), ['api_outcome_unknown'])
    await failed()
    expect(calls[0]).toMatchObject({ state: 'waiting', uncertain: true })
    await run()
    expect(await counted('uncertainSends')).toEqual([{ bot: 'shop', operation: 'push', value: 1 }])
  })

  test.each<ApiErrorCode>(['api_rate_limited', 'api_unauthorized', 'api_rejected'])(
    'is none that was answered with %s',
    async (code) => {
      const { calls, failed } = setup(planned([push('a')]), [code])
      await failed()
      expect(calls[0]?.uncertain).toBeUndefined()
    },
  )

  test('is none whose connection was refused, but one that a server failed on', async () => {
    const refused = setup(planned([push('a')]), [
      new ApiError('api_unavailable', 'refused', { neverSent: true }),
    ])
    await refused.failed()
    expect(refused.calls[0]?.uncertain).toBeUndefined()
    const failing = setup(planned([push('a')]), [new ApiError('api_unavailable', 'broken', { status: 502 })])
    await failing.failed()
    expect(failing.calls[0]?.uncertain).toBe(true)
  })

  test('is delivered when a repeated reply finds its token used', async () => {
    const { calls, sent, failed, run } = setup(planned([reply()]), [
      'api_outcome_unknown',
      'api_reply_token_invalid',
    ])
    await failed()
    await run()
    expect(calls[0]).toMatchObject({ state: 'sent', operation: 'reply' })
    expect(sent).toHaveLength(2)
  })

  test('is delivered, too, when a reply found sending finds its token used', async () => {
    const calls = planned([reply()])
    calls[0]!.state = 'sending'
    const { sent, run } = setup(calls, ['api_reply_token_invalid'], { replyFallback: 'park' })
    await run()
    expect(calls[0]?.state).toBe('sent')
    expect(sent).toHaveLength(1)
  })
})

describe('a reply whose token has run out', () => {
  test('but that may have arrived asks the token once more', async () => {
    const calls = planned([expired()])
    calls[0]!.uncertain = true
    const { sent, run } = setup(calls)
    await run()
    expect(sent.map(({ call }) => call.operation)).toEqual(['reply'])
    expect(calls[0]?.state).toBe('sent')
  })

  test.each([
    ['push', { state: 'sent', operation: 'push' }, undefined],
    ['park', { state: 'waiting', operation: 'reply' }, { park: { reason: 'maybe_sent' } }],
  ] as const)(
    'and whose token is refused then is left to the fallback %s',
    async (replyFallback, call, failure) => {
      const calls = planned([expired()])
      calls[0]!.uncertain = true
      const { run } = setup(calls, ['api_reply_token_invalid'], { replyFallback })
      const error: unknown = await run().catch((caught: unknown) => caught)
      expect(calls[0]).toMatchObject(call)
      if (failure) expect(error).toMatchObject(failure)
      else expect(error).toBeUndefined()
    },
  )

  test('is pushed under one retry key, however often that takes', async () => {
    const { sent, failed, run } = setup(planned([reply()]), [
      'api_reply_token_invalid',
      'api_outcome_unknown',
    ])
    await failed()
    await run()
    const [, first, second] = sent.map(({ call, options }) => `${call.operation} ${options.retryKey}`)
    expect(second).toBe(first)
  })

  test('by its age is pushed where the operator allows it', async () => {
    const { sent, log, run } = setup(planned([expired()]))
    await run()
    expect(log).toEqual(['save sending', 'send push'])
    expect(sent[0]?.call).not.toHaveProperty('replyToken')
  })

  test('by its age is parked otherwise, without a call', async () => {
    const { sent, failed } = setup(planned([expired()]), [], { replyFallback: 'park' })
    const error = await failed()
    expect(error).toBeInstanceOf(Park)
    expect(error).toMatchObject({ park: { reason: 'reply_token_expired' } })
    expect((error as Park).message).toContain('replyFallback: push')
    expect(sent).toEqual([])
  })

  test('by the platform’s word on the first try is pushed where the operator allows it', async () => {
    const { sent, log, calls, run, counted } = setup(planned([reply()]), ['api_reply_token_invalid'])
    await run()
    expect(log).toEqual(['save sending', 'send reply', 'save sending', 'send push'])
    expect(sent[1]?.call).not.toHaveProperty('replyToken')
    expect(calls[0]).toMatchObject({ state: 'sent', operation: 'push' })
    expect(await counted('uncertainSends')).toEqual([])
  })

  test('by the platform’s word on the first try is parked otherwise', async () => {
    const { sent, calls, failed } = setup(planned([reply()]), ['api_reply_token_invalid'], {
      replyFallback: 'park',
    })
    expect(await failed()).toMatchObject({ park: { reason: 'reply_token_expired' } })
    expect(sent).toHaveLength(1)
    expect(calls[0]?.state).toBe('waiting')
  })
})

describe('retryKey', () => {
  test('is a valid UUID, the same for the same parts', () => {
    for (let i = 0; i < 200; i++) {
      const key = retryKey('shop', 'e1', `reply.${i}`)
      expect(key).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
      expect(retryKey('shop', 'e1', `reply.${i}`)).toBe(key)
    }
  })

  test('differs with every part and with where one part ends', () => {
    const keys = [
      retryKey('shop', 'e1', 'reply.0'),
      retryKey('shop', 'e1', 'reply.1'),
      retryKey('shop', 'e2', 'reply.0'),
      retryKey('desk', 'e1', 'reply.0'),
      retryKey('shope', '1', 'reply.0'),
    ]
    expect(new Set(keys).size).toBe(keys.length)
  })
})
