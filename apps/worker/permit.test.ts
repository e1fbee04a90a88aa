import { type PlatformName, ApiError, type ApiErrorCode, type Call, HooklineError } from '#libs/contract'
import type { Answer, BreakerView, CallReport, Limiter, PermitRequest } from '#libs/limiter'
import type { Item, PlannedCall } from '#libs/mailbox'
import { createMetrics } from '#libs/observability'
import { Postpone } from './outcome'
import { type SendDeps, planned, sendCalls } from './send-calls'
import { calmSendDeps } from './send-deps.test.support'

const target = { kind: 'user', id: 'U1' } as const
const limit = { scope: 'line:shop:push', amount: 10, perMs: 1000 }
const push = (): Call => ({ operation: 'push', target, messages: [{ type: 'text', text: 'hi' }] })
const reply = (expiresAt = Date.now() + 50_000): Call => ({
  ...push(),
  operation: 'reply',
  replyToken: { token: 'fake-reply-token', expiresAt },
})

const wait = (ms: number, reason: 'limit' | 'closed' | 'breaker' = 'limit'): Answer => ({
  kind: 'wait',
  ms,
  reason,
})
const granted = (request: PermitRequest): Answer => ({
  kind: 'granted',
  permit: { id: request.id, limit: request.limit, priority: 0, grantedAt: 0 },
  waitedMs: 7000,
})

interface Arrangement {
  calls?: Call[]
  /** The limiter's answers in turn; then it grants. */
  answers?: (Answer | Error)[]
  /** How calls end, in turn; then all is well. */
  ends?: (ApiErrorCode | Error)[]
  breaker?: Partial<BreakerView>
  platform?: PlatformName
  attempts?: Item['attempts']
  deps?: Partial<SendDeps>
}

function setup({ calls = [push()], answers = [], ends = [], deps = {}, ...more }: Arrangement = {}) {
  const list = planned(calls)
  const event = { platform: more.platform ?? 'line' }
  const item = { id: 'e1', event, calls: list, attempts: more.attempts ?? [] } as unknown as Item
  const asked: PermitRequest[] = []
  const log: string[] = []
  const reports: CallReport[] = []
  const metrics = createMetrics()
  const limiter: Limiter = {
    ask: async (request) => {
      asked.push(request)
      log.push('ask')
      const answer = answers.shift() ?? granted(request)
      if (answer instanceof Error) throw answer
      return answer
    },
    report: async (_permit, report) => {
      reports.push(report)
      return { breaker: 'closed', heldForMs: 0, closedForMs: 0, blamed: false, ...more.breaker }
    },
    giveBack: async () => void log.push('give back'),
    fetchAhead: () => undefined,
  }
  const send = async (call: Call) => {
    log.push(`send ${call.operation}`)
    const end = ends.shift()
    if (end !== undefined)
      throw typeof end === 'string' ? new ApiError(end, end, { retryAfterMs: 3000 }) : end
    return { limit: { remaining: 5 } }
  }
  const all: SendDeps = {
    ...calmSendDeps(),
    bot: 'shop',
    sender: {
      plan: () => [],
      send,
      limitOf: ({ operation }) => ({ ...limit, scope: `line:shop:${operation}` }),
    },
    limiter,
    replyFallback: 'push',
    save: async (saved) => void log.push(`save ${saved.calls.map(({ state }) => state).join(' ')}`),
    metrics,
    signal: new AbortController().signal,
    ...deps,
  }
  const run = () => sendCalls(item, { name: 'reply', calls: list }, all)
  const failed = () => run().catch((error: unknown) => error)
  const counted = async (name: 'callsHeld' | 'scopeClosed' | 'lateReplies' | 'sends') =>
    (await metrics[name].get()).values.map(({ labels, value }) => ({ ...labels, value }))
  const sumOf = async (name: 'permitWaitSeconds' | 'replySecondsLeft') =>
    (await metrics[name].get()).values.find(({ metricName }) => metricName?.endsWith('_sum'))?.value
  return { item, calls: list, asked, log, reports, run, failed, counted, sumOf }
}

describe('a call', () => {
  test('is marked only when it has its permit', async () => {
    const { log, run, asked, sumOf } = setup()
    await run()
    expect(log).toEqual(['ask', 'save sending', 'send push'])
    expect(asked).toMatchObject([{ limit: { scope: 'line:shop:push' } }])
    expect(asked[0]).not.toHaveProperty('deadline')
    expect(await sumOf('permitWaitSeconds')).toBe(7)
  })

  test('with a reply token names it as its deadline, and how much of it was left is shown', async () => {
    const call = reply()
    const { asked, run, sumOf } = setup({ calls: [call] })
    await run()
    expect(asked[0]?.deadline).toBe(call.replyToken?.expiresAt)
    expect(await sumOf('replySecondsLeft')).toBeGreaterThan(40)
    expect(await sumOf('replySecondsLeft')).toBeLessThanOrEqual(50)
  })

  test('waits a little in the process, with its item saved, and asks again under the same id', async () => {
    const { asked, log, run, counted } = setup({ answers: [wait(20), wait(10)] })
    await run()
    expect(log).toEqual(['ask', 'save waiting', 'ask', 'ask', 'save sending', 'send push'])
    expect(new Set(asked.map(({ id }) => id)).size).toBe(1)
    expect(await counted('callsHeld')).toEqual([{ bot: 'shop', reason: 'limit', value: 1 }])
  })

  test.each([
    ['limit', 7000, 7000],
    ['breaker', 7000, 8000],
  ] as const)(
    'is postponed when it has to wait long (%s), and is not marked',
    async (reason, least, most) => {
      const { calls, log, failed } = setup({ answers: [wait(7000, reason)] })
      const error = await failed()
      expect(error).toBeInstanceOf(Postpone)
      expect((error as Postpone).delayMs).toBeGreaterThanOrEqual(least)
      expect((error as Postpone).delayMs).toBeLessThanOrEqual(most)
      expect(log).toEqual(['ask'])
      expect(calls[0]).toEqual(planned([push()])[0])
    },
  )

  test('is postponed when the process must stop while it waits', async () => {
    const stopping = new AbortController()
    const { failed } = setup({ answers: [wait(1900), wait(1900)], deps: { stopping: stopping.signal } })
    const error = failed()
    stopping.abort()
    expect(await error).toBeInstanceOf(Postpone)
  })

  test('is not made when the lane was lost while it waited', async () => {
    const lost = new AbortController()
    const { log, failed } = setup({ answers: [wait(1900)], deps: { signal: lost.signal } })
    const error = failed()
    lost.abort(new Error('lock lost'))
    expect(await error).toMatchObject({ message: 'lock lost' })
    expect(log).toEqual(['ask', 'save waiting'])
  })

  test('is postponed without a failed try when Redis gives no permit', async () => {
    const { failed } = setup({ answers: [new HooklineError('store_unavailable', 'Redis gave no permit')] })
    expect(await failed()).toBeInstanceOf(Postpone)
  })

  test('is not made while the monthly quota is known to be used up', async () => {
    const { log, failed } = setup({ answers: [{ kind: 'exhausted', ms: 5000 }] })
    expect(await failed()).toMatchObject({ park: { reason: 'monthly_quota_used_up' } })
    expect(log).toEqual(['ask'])
  })

  test('that could not be marked gives its permit back', async () => {
    const save = () => Promise.reject(new Error('lane lost'))
    const { log, failed } = setup({ deps: { save } })
    expect(await failed()).toMatchObject({ message: 'lane lost' })
    expect(log).toEqual(['ask', 'give back'])
  })
})

describe('a reply whose token runs out', () => {
  test('while it waits is pushed under the limit of pushes, where that is allowed', async () => {
    const { asked, log, run, counted } = setup({ calls: [reply(Date.now() + 60)], answers: [wait(1500)] })
    await run()
    expect(log).toEqual(['ask', 'save waiting', 'ask', 'save sending', 'send push'])
    expect(asked.map((each) => each.limit.scope)).toEqual(['line:shop:reply', 'line:shop:push'])
    expect(await counted('lateReplies')).toEqual([{ bot: 'shop', result: 'push', value: 1 }])
  })

  test('before a long wait is over comes back when it has run out, not later', async () => {
    const { failed } = setup({ calls: [reply(Date.now() + 20_000)], answers: [wait(60_000, 'closed')] })
    const error = (await failed()) as Postpone
    expect(error.delayMs).toBeGreaterThan(19_000)
    expect(error.delayMs).toBeLessThanOrEqual(20_001)
  })

  test('at the moment of the grant gives the permit back', async () => {
    const expiresAt = Date.now() + 30
    const slow: Partial<Limiter> = {
      ask: async (request) => {
        while (request.deadline !== undefined && Date.now() <= expiresAt)
          await new Promise((resolve) => setImmediate(resolve))
        return granted(request)
      },
    }
    const givenBack: string[] = []
    const limiter = {
      ...calmSendDeps().limiter,
      ...slow,
      giveBack: async ({ limit: { scope } }: { limit: { scope: string } }) => void givenBack.push(scope),
    }
    const { log, run } = setup({ calls: [reply(expiresAt)], deps: { limiter } })
    await run()
    expect(givenBack).toEqual(['line:shop:reply'])
    expect(log).toEqual(['save sending', 'send push'])
  })

  test.each([
    ['push', 'park', ['ask', 'save sending', 'send push'], 'sent'],
    ['drop', 'push', [], 'dropped'],
  ] as const)(
    'goes by what a replay said (%s) before the setting (%s)',
    async (lateReplies, setting, log, state) => {
      const arranged = setup({ calls: [reply(Date.now() - 1)], deps: { replyFallback: setting } })
      arranged.item.lateReplies = lateReplies
      await arranged.run()
      expect(arranged.log).toEqual(log)
      expect(arranged.calls[0]?.state).toBe(state)
      expect(await arranged.counted('lateReplies')).toEqual([{ bot: 'shop', result: lateReplies, value: 1 }])
    },
  )

  test('is parked by default, and counted', async () => {
    const { failed, counted } = setup({ calls: [reply(Date.now() - 1)], deps: { replyFallback: 'park' } })
    expect(await failed()).toMatchObject({ park: { reason: 'reply_token_expired' } })
    expect(await counted('lateReplies')).toEqual([{ bot: 'shop', result: 'park', value: 1 }])
  })

  test.each([
    ['push', ['ask', 'save sending', 'send push'], 'sent'],
    ['drop', [], 'dropped'],
  ] as const)('so does one that no token carries (%s)', async (lateReplies, log, state) => {
    const arranged = setup({ calls: [{ ...push(), operation: 'parked' }] })
    arranged.item.lateReplies = lateReplies
    await arranged.run()
    expect([arranged.log, arranged.calls[0]?.state]).toEqual([log, state])
    expect(await arranged.counted('lateReplies')).toEqual([{ bot: 'shop', result: lateReplies, value: 1 }])
  })

  test('after it must have arrived is no failure', async () => {
    const calls = [{ ...reply(), uncertain: true }]
    const { run, counted, reports } = setup({ calls, ends: ['api_reply_token_invalid'] })
    await run()
    expect(await counted('sends')).toMatchObject([{ result: 'maybe_sent' }])
    expect(reports).toMatchObject([{ result: 'answered' }])
  })
})

describe('the limiter hears', () => {
  test('of a call that was sent, with what the platform stated', async () => {
    const { reports, run } = setup()
    await run()
    expect(reports).toEqual([{ result: 'ok', item: 'e1', stated: { remaining: 5 } }])
  })

  test.each<[ApiErrorCode, CallReport['result']]>([
    ['api_unavailable', 'failed'],
    ['api_outcome_unknown', 'failed'],
    ['api_unauthorized', 'unauthorized'],
    ['api_quota_exhausted', 'quota'],
    ['api_rejected', 'answered'],
  ])('of %s as %s', async (code, result) => {
    const { reports, failed } = setup({ ends: [code] })
    expect(await failed()).toMatchObject({ code })
    expect(reports).toEqual([{ result, item: 'e1', stated: undefined, waitMs: 3000 }])
  })

  test('of a 429, and waits with all others until the scope opens, without a failed try', async () => {
    const { reports, failed } = setup({ ends: ['api_rate_limited'], breaker: { closedForMs: 5000 } })
    const error = (await failed()) as Postpone
    expect(error).toBeInstanceOf(Postpone)
    expect(error.delayMs).toBeGreaterThanOrEqual(5000)
    expect(reports).toEqual([{ result: 'limited', item: 'e1', stated: undefined, waitMs: 3000 }])
  })

  test('of a second 401 in a row as a failure', async () => {
    const attempts: Item['attempts'] = [{ at: 1, step: 'send', code: 'api_unauthorized', words: '' }]
    const { reports, failed } = setup({ ends: ['api_unauthorized'], attempts })
    await failed()
    expect(reports).toMatchObject([{ result: 'failed' }])
  })

  test('nothing bad of a call that was broken off here', async () => {
    const abort = new AbortController()
    const failing = setup({ ends: ['api_outcome_unknown'], deps: { signal: abort.signal } })
    abort.abort()
    await failing.failed()
    expect(failing.reports).toMatchObject([{ result: 'unclear' }])
  })

  test('that the permit was not used when the call never came about', async () => {
    const { log, reports, failed } = setup({ ends: [new HooklineError('store_unavailable', 'no token')] })
    await failed()
    expect([log.at(-1), reports]).toEqual(['give back', []])
  })

  test.each([
    ['api_rate_limited', 'rate'],
    ['api_quota_exhausted', 'quota'],
  ] as const)('of %s, and it is counted', async (code, reason) => {
    const { failed, counted } = setup({ ends: [code] })
    await failed()
    expect(await counted('scopeClosed')).toEqual([{ bot: 'shop', operation: 'push', reason, value: 1 }])
  })
})

describe('while the bot is held', () => {
  const held = { breaker: 'held', heldForMs: 4000 } as const

  test.each<ApiErrorCode>(['api_unavailable', 'api_outcome_unknown', 'api_unauthorized'])(
    'a try that ends with %s is postponed for the hold',
    async (code) => {
      const { failed } = setup({ ends: [code], breaker: held })
      const error = (await failed()) as Postpone
      expect(error).toBeInstanceOf(Postpone)
      expect(error.delayMs).toBeGreaterThanOrEqual(4000)
      expect(error.delayMs).toBeLessThanOrEqual(5000)
      expect(error.message).toBe(code)
    },
  )

  test('a try of an item that fails although others get through uses up an attempt', async () => {
    const { failed } = setup({ ends: ['api_unavailable'], breaker: { ...held, blamed: true } })
    expect(await failed()).toMatchObject({ code: 'api_unavailable' })
  })

  test('so does one without an answer where the platform can’t tell a repeat', async () => {
    const { failed } = setup({ ends: ['api_outcome_unknown'], breaker: held, platform: 'lineworks' })
    expect(await failed()).toMatchObject({ code: 'api_outcome_unknown' })
  })

  test('a try that the platform refuses for good is not', async () => {
    const { failed } = setup({ ends: ['api_rejected'], breaker: { breaker: 'opening', heldForMs: 0 } })
    expect(await failed()).toMatchObject({ code: 'api_rejected' })
  })
})

describe('with ambiguous: park', () => {
  const deps = { ambiguous: 'park' } as const

  test('a call without an answer is parked, not made again, and can be replayed', async () => {
    const { calls, run, failed, log } = setup({ ends: ['api_outcome_unknown'], deps })
    expect(await failed()).toMatchObject({ park: { reason: 'maybe_sent' } })
    expect(calls[0]).toMatchObject({ state: 'waiting', uncertain: true })
    await run()
    expect(log.filter((line) => line === 'send push')).toHaveLength(2)
  })

  test('a call found marked after a crash is parked without a call', async () => {
    const arranged = setup({ deps })
    ;(arranged.calls[0] as PlannedCall).state = 'sending'
    expect(await arranged.failed()).toMatchObject({ park: { reason: 'maybe_sent' } })
    expect(arranged.log).toEqual([])
  })

  test.each([
    ['a server failed on', new ApiError('api_unavailable', 'busy', { status: 503 })],
    ['never left', new ApiError('api_outcome_unknown', 'no token', { neverSent: true })],
  ])('a call that %s is tried again', async (_name, error) => {
    expect(await setup({ ends: [error], deps }).failed()).toBe(error)
  })
})
