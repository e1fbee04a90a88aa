import { ApiError, type ApiErrorCode, type ApiRequest, type SendOptions } from '#libs/contract'
import type { Answer, CallReport, Limiter } from '#libs/limiter'
import type { Item } from '#libs/mailbox'
import { createMetrics } from '#libs/observability'
import { openCalls } from './api-calls'
import { createEffectNames } from './effect-names'
import { Postpone } from './outcome'
import type { SendDeps } from './send-calls'
import { calmSendDeps, freeLimiter, quietCaller } from './send-deps.test.support'

const read = { method: 'GET', path: '/v2/bot/profile/{userId}' } as const
const write = { method: 'POST', path: '/things' } as const
const keyed = { ...write, retryKey: true } as const

type Outcome = ApiErrorCode | ApiError | 'ok'

/** Outcomes come in turn, then all is well. */
function setup(outcomes: Outcome[] = [], { waits = [] as Answer[], handlerTimeoutMs = 30_000 } = {}) {
  const item = { id: 'e1', event: { type: 'text' } } as unknown as Item
  const abort = new AbortController()
  const made: { request: ApiRequest; options: SendOptions }[] = []
  const reports: CallReport['result'][] = []
  const asked: string[] = []
  let givenBack = 0
  const metrics = createMetrics()
  const free = freeLimiter()
  const limiter: Limiter = {
    ask: async (request) => {
      asked.push(request.id)
      return waits.shift() ?? free.ask(request)
    },
    report: async (permit, report) => {
      reports.push(report.result)
      return free.report(permit, report)
    },
    giveBack: async () => void (givenBack += 1),
    fetchAhead: () => undefined,
  }
  const open = (names = createEffectNames()) =>
    openCalls(item, {
      ...{ handlerTimeoutMs, names },
      deps: () => ({
        ...calmSendDeps(),
        ...{ bot: 'shop', limiter, metrics, signal: abort.signal, replyFallback: 'park' },
        caller: {
          ...quietCaller(),
          request: async (request, options) => {
            made.push({ request, options })
            const outcome = outcomes.shift() ?? 'ok'
            if (outcome === 'ok') return { status: 200, headers: {}, body: 'done', limit: { remaining: 1 } }
            throw outcome instanceof ApiError ? outcome : new ApiError(outcome, outcome)
          },
        },
        sender: {
          plan: () => [],
          send: async () => ({}),
          limitOf: ({ operation }) => ({ scope: `test:${operation}`, amount: 1, perMs: 1 }),
        },
        save: async () => undefined,
      }),
    })
  const counted = async () =>
    (await metrics.apiCalls.get()).values.map(({ labels, value }) => `${String(labels.result)} ${value}`)
  return { open, made, reports, asked, abort, counted, metrics, givenBack: () => givenBack }
}

const failureOf = (made: Promise<unknown>) => made.catch((error: unknown) => error)

describe('a call of a handler', () => {
  test('takes a permit, is made, is reported and counted', async () => {
    const { open, reports, counted, metrics } = setup()
    expect(await open().call(read)).toEqual({ status: 200, headers: {}, body: 'done' })
    expect(reports).toEqual(['ok'])
    expect(await counted()).toEqual(['ok 1'])
    const [labels] = (await metrics.apiCalls.get()).values.map((value) => value.labels)
    expect(labels).toMatchObject({ bot: 'shop', operation: 'GET /v2/bot/profile/{userId}' })
  })

  test('waits for its permit in the process', async () => {
    const { open, made, asked } = setup([], { waits: [{ kind: 'wait', ms: 20, reason: 'limit' }] })
    await open().call(read)
    expect(made).toHaveLength(1)
    expect(asked[0]).toBe(asked[1])
  })

  test('that would wait longer than the handler may run brings the item back, whoever catches that', async () => {
    const { open, made } = setup([], { waits: [{ kind: 'wait', ms: 60_000, reason: 'closed' }] })
    const calls = open()
    expect(await failureOf(calls.call(read))).toBeInstanceOf(Postpone)
    expect(calls.postponed).toMatchObject({ delayMs: 60_000, reason: 'closed' })
    expect(await failureOf(calls.call(read))).toBeInstanceOf(Postpone)
    expect(made).toEqual([])
  })

  test('whose quota is used up is not made', async () => {
    const { open, made } = setup([], { waits: [{ kind: 'exhausted', ms: 1000 }] })
    expect(await failureOf(open().call(keyed))).toMatchObject({ code: 'api_quota_exhausted' })
    expect(made).toEqual([])
  })

  test('after a 429 closes the scope for all and is made again', async () => {
    const limited = new ApiError('api_rate_limited', 'slow down', { retryAfterMs: 10 })
    const { open, made, reports, metrics } = setup([limited])
    await open().call(write)
    expect(made).toHaveLength(2)
    expect(reports).toEqual(['limited', 'ok'])
    expect((await metrics.scopeClosed.get()).values).toMatchObject([{ labels: { reason: 'rate' }, value: 1 }])
  })

  test.each<[string, ApiRequest, number]>([
    ['that reads is made again', read, 2],
    ['that writes is not', write, 1],
    ['that writes with a retry key is made again', keyed, 2],
  ])('%s after a 5xx', async (_name, request, times) => {
    const { open, made, reports } = setup(['api_unavailable'])
    await failureOf(open().call(request))
    expect(made).toHaveLength(times)
    expect(reports[0]).toBe('failed')
    expect(new Set(made.map(({ options }) => options.retryKey)).size).toBe(1)
  })

  test('that can not have arrived is made again, also where it writes', async () => {
    const { open, made } = setup([new ApiError('api_unavailable', 'no connection', { neverSent: true })])
    await open().call(write)
    expect(made).toHaveLength(2)
  })

  test('is given up after four tries', async () => {
    const { open, made } = setup(Array<Outcome>(9).fill('api_outcome_unknown'))
    expect(await failureOf(open().call(read))).toMatchObject({ code: 'api_outcome_unknown' })
    expect(made).toHaveLength(4)
  }, 20_000)

  test.each<[ApiErrorCode, ApiRequest, CallReport['result']]>([
    ['api_rejected', read, 'answered'],
    ['api_unauthorized', read, 'unclear'],
    ['api_unavailable', { ...write, host: 'data' }, 'unclear'],
    ['api_unavailable', { ...write, url: 'https://elsewhere.example' }, 'unclear'],
    ['api_quota_exhausted', keyed, 'quota'],
  ])('that fails with %s %j is reported as %s, and not repeated', async (code, request, result) => {
    const { open, made, reports, counted } = setup([code])
    expect(await failureOf(open().call(request))).toMatchObject({ code })
    expect(made).toHaveLength(1)
    expect(reports).toEqual([result])
    expect(await counted()).toEqual([`${code} 1`])
  })

  test('that can not be made gives its permit back', async () => {
    const { open, givenBack } = setup()
    const calls = openCalls({ id: 'e1', event: { type: 'text' } } as unknown as Item, {
      ...{ handlerTimeoutMs: 1000, names: createEffectNames() },
      deps: () => ({
        ...({} as SendDeps),
        ...calmSendDeps(),
        ...{ bot: 'shop', metrics: createMetrics(), signal: new AbortController().signal },
        limiter: { ...freeLimiter(), giveBack: async () => void (backs += 1) },
        caller: { ...quietCaller(), request: () => Promise.reject(new TypeError('bad request')) },
      }),
    })
    let backs = 0
    expect(await failureOf(calls.call(read))).toBeInstanceOf(TypeError)
    expect([backs, givenBack(), open().postponed]).toEqual([1, 0, undefined])
  })

  test('ends with the handler’s time', async () => {
    const { open, abort } = setup(Array<Outcome>(9).fill('api_unavailable'))
    const made = failureOf(open().call(read))
    abort.abort(new Error('time is over'))
    expect(await made).toBeInstanceOf(Error)
  })
})

describe('retry keys', () => {
  test('are the same when the handler runs again, whatever it reads in between, and differ between calls', async () => {
    const { open, made } = setup()
    const first = open()
    await first.call(read)
    await first.call(keyed)
    await first.call(keyed)
    const again = open()
    await again.call(keyed)
    await again.call(keyed)
    const keys = made.filter(({ request }) => request.retryKey).map(({ options }) => options.retryKey)
    expect(keys[0]).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
    expect(keys.slice(2)).toEqual(keys.slice(0, 2))
    expect(keys[0]).not.toBe(keys[1])
  })

  test('of calls behind a ctx.once stay theirs when the handler runs again and leaves that out', async () => {
    const { open, made } = setup()
    const names = createEffectNames()
    const first = open(names)
    await names.within('announce', () => first.call(keyed))
    await first.call(keyed)
    await open().call(keyed)
    const [inOnce, behind, again] = made.map(({ options }) => options.retryKey)
    expect(again).toBe(behind)
    expect(again).not.toBe(inOnce)
  })
})

describe('the end of the handler', () => {
  test('ends streams and refuses further calls', async () => {
    const { open, made } = setup()
    const calls = open()
    await calls.call(write)
    calls.end()
    expect(made).toHaveLength(1)
    expect(made[0]?.options.signal?.aborted).toBe(true)
    expect(await failureOf(calls.call(read))).toMatchObject({
      code: 'no_target',
      message: expect.stringContaining('has ended'),
    })
  })
})
