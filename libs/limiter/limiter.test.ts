import { randomUUID } from 'node:crypto'
import type { Limit } from '#libs/contract'
import type { CallReport, Limiter, PermitRequest } from '.'
import { limitedPlatform, mostWithin, pause, permitFor, uniqueLimit, workers } from './limiter.test.support'

type Fleet = ReturnType<typeof workers>
let fleet: Fleet
let limiter: Limiter

beforeEach(() => {
  fleet = workers(4)
  limiter = fleet.limiter
})
afterEach(() => fleet.end())

const request = (limit: Limit, more: Partial<PermitRequest> = {}): PermitRequest => ({
  id: randomUUID(),
  limit,
  ...more,
})

/** One call that goes as `report` says. */
async function callOnce(limit: Limit, report: Partial<CallReport> = {}): Promise<void> {
  await limiter.report(await permitFor(limiter, request(limit)), { result: 'ok', item: 'e1', ...report })
}

test('no window is above the limit, however many workers ask', async () => {
  const limit = uniqueLimit(20, 300)
  const times: number[] = []
  await Promise.all(
    Array.from({ length: 100 }, async (_, i) => {
      const by = fleet.limiters[i % 4]!
      const permit = await permitFor(by, request(limit))
      await pause(Math.random() * 5)
      times.push(performance.now())
      await by.report(permit, { result: 'ok', item: `e${i}` })
    }),
  )
  expect(times).toHaveLength(100)
  expect(mostWithin(times, 300)).toBeLessThanOrEqual(20)
  expect(mostWithin(times, 300)).toBeGreaterThan(10)
})

test('within a window calls are paced, so that it does not go out as one burst', async () => {
  const limit = uniqueLimit(10, 2000)
  const times: number[] = []
  for (let i = 0; i < 5; i++) {
    const permit = await permitFor(limiter, request(limit))
    times.push(performance.now())
    await limiter.report(permit, { result: 'ok', item: 'e1' })
  }
  expect(times[4]! - times[0]!).toBeGreaterThanOrEqual(4 * 49)
})

test('calls at once are no more than allowed', async () => {
  const limit = uniqueLimit(1000, 1000, { atOnce: 3 })
  let running = 0
  let most = 0
  await Promise.all(
    Array.from({ length: 30 }, async (_, i) => {
      const by = fleet.limiters[i % 4]!
      const permit = await permitFor(by, request(limit))
      most = Math.max(most, ++running)
      await pause(5)
      running -= 1
      await by.report(permit, { result: 'ok', item: 'e1' })
    }),
  )
  expect(most).toBe(3)
})

const windows = [
  ['fixed', Math.ceil],
  ['fixed', Math.floor],
  ['sliding', Math.ceil],
  ['sliding', Math.floor],
] as const

test('a platform that states whole seconds refuses next to nothing, whatever its window and its rounding', async () => {
  const send = async (kind: 'fixed' | 'sliding', round: (seconds: number) => number) => {
    const platform = limitedPlatform({ amount: 20, windowMs: 1000, kind, round })
    // What is configured is far off; what the platform states goes before.
    const limit = uniqueLimit(240, 60_000, { atOnce: 4 })
    const sendOne = async (by: Limiter, item: string): Promise<void> => {
      const permit = await permitFor(by, request(limit))
      const { ok, stated } = await platform.call()
      const result = ok ? 'ok' : 'limited'
      await by.report(permit, { result, item, stated, waitMs: stated.resetMs })
      if (!ok) await sendOne(by, item)
    }
    await Promise.all(Array.from({ length: 60 }, (_, i) => sendOne(fleet.limiters[i % 4]!, `e${i}`)))
    return platform.counts
  }
  for (const counts of await Promise.all(windows.map(([kind, round]) => send(kind, round)))) {
    expect(counts.accepted).toBe(60)
    expect(counts.refused).toBeLessThanOrEqual(2)
  }
})

describe('what the platform states', () => {
  test('about calls of others counts as used until its window ends', async () => {
    const limit = uniqueLimit(10, 800)
    await callOnce(limit, { stated: { amount: 10, remaining: 0, resetMs: 0 } })
    const before = performance.now()
    expect(await limiter.ask(request(limit))).toMatchObject({ kind: 'wait', reason: 'limit' })
    await callOnce(limit)
    expect(performance.now() - before).toBeGreaterThan(900)
  })

  test('leaves as many calls as it says', async () => {
    const limit = uniqueLimit(100, 400)
    await callOnce(limit, { stated: { amount: 100, remaining: 3, resetMs: 60_000 } })
    for (let i = 0; i < 3; i++) await callOnce(limit)
    const answer = await limiter.ask(request(limit))
    expect(answer).toMatchObject({ kind: 'wait', ms: expect.any(Number) })
    expect('ms' in answer && answer.ms).toBeGreaterThan(55_000)
  })

  test('is taken anew when its amount changes, and a reset that is a date is none', async () => {
    const limit = uniqueLimit(1, 200)
    await callOnce(limit, { stated: { amount: 1, resetMs: 3_000_000 } })
    const long = await limiter.ask(request(limit))
    expect('ms' in long && long.ms).toBeGreaterThan(2_000_000)
    const other = uniqueLimit(1, 200)
    await callOnce(other, { stated: { amount: 1, resetMs: 1_900_000_000_000 } })
    const short = await limiter.ask(request(other))
    expect('ms' in short && short.ms).toBeLessThanOrEqual(201)
    const changed = uniqueLimit(5, 20)
    const [one, two] = [
      await permitFor(limiter, request(changed)),
      await permitFor(limiter, request(changed)),
    ]
    await limiter.report(one, { result: 'ok', item: 'e1', stated: { amount: 2, resetMs: 3_000_000 } })
    await limiter.report(two, { result: 'ok', item: 'e1', stated: { amount: 2000, resetMs: 1000 } })
    expect(await limiter.ask(request(changed))).toMatchObject({ kind: 'granted' })
  })
})

describe('a 429', () => {
  test('closes the scope for the stated time, for everyone, and it opens without a herd', async () => {
    const limit = uniqueLimit(20, 1000)
    const closed = performance.now()
    await callOnce(limit, { result: 'limited', waitMs: 1200 })
    const times: number[] = []
    await Promise.all(
      Array.from({ length: 12 }, async (_, i) => {
        const by = fleet.limiters[i % 4]!
        const permit = await permitFor(by, request(limit))
        times.push(performance.now())
        await by.report(permit, { result: 'ok', item: 'e1' })
      }),
    )
    expect(Math.min(...times) - closed).toBeGreaterThanOrEqual(1199)
    expect(mostWithin(times, 50)).toBeLessThanOrEqual(6)
  })

  test('gives its call the first turn when the scope opens', async () => {
    const limit = uniqueLimit(20, 1000)
    const id = randomUUID()
    const permit = await permitFor(limiter, request(limit, { id }))
    const waiting = Array.from({ length: 3 }, () => request(limit))
    await limiter.report(permit, { result: 'limited', item: 'e1', waitMs: 1000 })
    const order: string[] = []
    const others = waiting.map(async (each) => {
      const granted = await permitFor(limiter, each)
      order.push(each.id)
      await limiter.report(granted, { result: 'ok', item: 'e1' })
    })
    await pause(20)
    await permitFor(limiter, request(limit, { id }))
    order.push(id)
    await Promise.all(others)
    expect(order[0]).toBe(id)
  })

  test('without a stated wait closes for one second, then two; several at once count once', async () => {
    const limit = uniqueLimit(1000, 1000)
    const closedFor = async () => {
      const permits = [await permitFor(limiter, request(limit)), await permitFor(limiter, request(limit))]
      for (const permit of permits) await limiter.report(permit, { result: 'limited', item: 'e1' })
      const answer = await limiter.ask(request(limit))
      return answer.kind === 'wait' ? answer : undefined
    }
    const first = await closedFor()
    expect(first).toMatchObject({ kind: 'wait', reason: 'closed' })
    expect(first?.ms).toBeGreaterThan(900)
    expect(first?.ms).toBeLessThan(1100)
    const second = await closedFor()
    expect(second?.ms).toBeGreaterThan(1900)
    expect(second?.ms).toBeLessThan(2100)
  })

  test('that asks for days closes for an hour', async () => {
    const limit = uniqueLimit(10, 1000)
    await callOnce(limit, { result: 'limited', waitMs: 1e12 })
    const answer = await limiter.ask(request(limit))
    expect('ms' in answer && answer.ms).toBeLessThan(3_600_000 + 1000)
    expect('ms' in answer && answer.ms).toBeGreaterThan(3_590_000)
  })
})

describe('a place', () => {
  test('with a deadline goes before all without, the nearest first', async () => {
    const limit = uniqueLimit(20, 2000)
    await callOnce(limit, { result: 'limited', waitMs: 1000 })
    const order: string[] = []
    const soon = Date.now() + 60_000
    const asks: [string, number | undefined][] = [
      ['none', undefined],
      ['late', soon + 9000],
      ['soon', soon],
    ]
    const running: Promise<void>[] = []
    for (const [name, deadline] of asks) {
      const asked = request(limit, deadline === undefined ? {} : { deadline })
      const answer = await limiter.ask(asked)
      expect(answer).toMatchObject({ kind: 'wait', reason: 'closed' })
      running.push(
        (async () => {
          if ('ms' in answer) await pause(answer.ms)
          const permit = await permitFor(limiter, asked)
          order.push(name)
          await limiter.report(permit, { result: 'ok', item: 'e1' })
        })(),
      )
    }
    await Promise.all(running)
    expect(order).toEqual(['soon', 'late', 'none'])
  })

  test('of a worker that died does not hold the others up', async () => {
    const limit = uniqueLimit(10, 500)
    await callOnce(limit, { result: 'limited', waitMs: 1000 })
    for (let i = 0; i < 3; i++) await limiter.ask(request(limit, { deadline: Date.now() + 1000 }))
    const before = performance.now()
    await callOnce(limit)
    expect(performance.now() - before).toBeLessThan(1600)
  })

  test('tells how long its holder has waited in all', async () => {
    const limit = uniqueLimit(1, 300)
    await callOnce(limit)
    const asked = request(limit)
    let waited = 0
    for (let granted = false; !granted;) {
      const answer = await limiter.ask(asked)
      granted = answer.kind === 'granted'
      if (answer.kind === 'granted') waited = answer.waitedMs
      else await pause(answer.ms)
    }
    expect(waited).toBeGreaterThanOrEqual(290)
  })
})

describe('a permit', () => {
  test('whose holder died frees its place by itself', async () => {
    const short = workers(1, { leaseMs: 300 })
    const limit = uniqueLimit(100, 100, { atOnce: 1 })
    await permitFor(short.limiter, request(limit))
    expect(await short.limiter.ask(request(limit))).toMatchObject({ kind: 'wait' })
    await permitFor(short.limiter, request(limit))
    await short.end()
  })

  test('whose holder died is taken over by whoever makes the same call, and still counts', async () => {
    const limit = uniqueLimit(4, 4000, { atOnce: 1 })
    const startedAt = performance.now()
    for (let i = 0; i < 4; i++) await permitFor(limiter, { id: 'call', limit })
    // Not after the leases of those who died, 30 s each; but each of the four calls may have been made.
    expect(performance.now() - startedAt).toBeLessThan(10_000)
    const answer = await limiter.ask({ id: 'call', limit })
    expect(answer).toMatchObject({ kind: 'wait' })
    expect('ms' in answer && answer.ms).toBeGreaterThan(2000)
  })

  test('that is given back was never used', async () => {
    const limit = uniqueLimit(1, 60_000)
    for (let i = 0; i < 3; i++) {
      const answer = await limiter.ask(request({ ...limit, perMs: 1 }))
      if (answer.kind !== 'granted') throw new Error(answer.kind)
      await limiter.giveBack(answer.permit)
    }
    await callOnce(limit)
    expect(await limiter.ask(request(limit))).toMatchObject({ kind: 'wait' })
  })
})

test('a quota that is used up is not asked again, in this scope only', async () => {
  const limit = uniqueLimit(10, 1000)
  const other = { ...limit, scope: limit.scope.replace('send', 'reply') }
  await callOnce(limit, { result: 'quota' })
  expect(await limiter.ask(request(limit))).toMatchObject({ kind: 'exhausted' })
  expect(await limiter.ask(request(other))).toMatchObject({ kind: 'granted' })
})

test('a report that Redis does not take ends nothing', async () => {
  const limit = uniqueLimit(10, 1000)
  const permit = await permitFor(limiter, request(limit))
  const away = workers(1)
  await away.end()
  expect(await away.limiter.report(permit, { result: 'ok', item: 'e1' })).toMatchObject({ breaker: 'closed' })
  expect(away.lines.join()).toContain('did not hear of a call')
  await expect(away.limiter.ask(request(limit))).rejects.toMatchObject({ code: 'store_unavailable' })
})

test('what nobody uses any more leaves Redis by itself', async () => {
  const limit = uniqueLimit(1, 1000)
  await callOnce(limit, { result: 'failed', stated: { amount: 1, remaining: 0, resetMs: 1000 } })
  await limiter.ask(request(limit))
  const keys = await fleet.redis.keys(`{hookline:limit:test:${limit.scope.split(':')[1]!}}*`)
  expect(keys.length).toBeGreaterThanOrEqual(6)
  for (const key of keys) expect(await fleet.redis.pttl(key)).toBeGreaterThan(0)
})
