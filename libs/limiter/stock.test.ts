import { randomUUID } from 'node:crypto'
import type { Limit } from '#libs/contract'
import { createLogger } from '#libs/observability'
import type { Answer, Limiter, Permit, PermitRequest } from '.'
import { eventually } from '../../tests/support/eventually'
import { uniqueBotName } from '../../tests/support/redis'
import { accountOf, holdBot, tellAccount } from '.'
import { accountKeys, operationOf } from './account'
import { mostWithin, pause, permitFor, uniqueLimit, workers } from './limiter.test.support'
import { createStore } from './store'

const log = createLogger({ name: 'test', level: 'silent' })
let fleet: ReturnType<typeof workers>
let bot: string

beforeEach(() => {
  bot = uniqueBotName()
  fleet = workers(8, { bot })
})
afterEach(() => fleet.end())

const large = () => uniqueLimit(2000, 1000)
const request = (limit: Limit, more: Partial<PermitRequest> = {}): PermitRequest => ({
  id: randomUUID(),
  limit,
  ...more,
})
const ask = (limiter: Limiter, limit: Limit, more: Partial<PermitRequest> = {}) =>
  limiter.ask(request(limit, more))
const askAll = (limiter: Limiter, limit: Limit, count: number) =>
  Promise.all(Array.from({ length: count }, () => permitFor(limiter, request(limit))))

function permitOf(answer: Answer): Permit {
  if (answer.kind !== 'granted') throw new Error(answer.kind)
  return answer.permit
}

const isFromStock = ({ id, name = id }: Permit) => name !== id

/** Asks as a busy process does, until a permit comes from what was fetched ahead. Returns all permits that it got. */
async function stocked(limiter: Limiter, limit: Limit): Promise<Permit[]> {
  const permits = [...(await askAll(limiter, limit, 1)), ...(await askAll(limiter, limit, 20))]
  // The first asks for itself and for as many as were just used.
  const [one, two] = [await permitFor(limiter, request(limit)), await permitFor(limiter, request(limit))]
  permits.push(one, two)
  return isFromStock(two) ? permits : [...permits, ...(await stocked(limiter, limit))]
}

/** What Redis counts: permits in all, and those whose calls are under way or to come. */
async function counted(limit: Limit): Promise<{ all: number; underWay: number }> {
  const log = `${accountKeys(accountOf(limit), bot).scope(operationOf(limit))}:log`
  const [seconds] = await fleet.redis.time()
  const all = await fleet.redis.zcard(log)
  return { all, underWay: await fleet.redis.zcount(log, String((Number(seconds) + 2) * 1000), '+inf') }
}

const waiters = (limit: Limit) =>
  fleet.redis.zrange(`${accountKeys(accountOf(limit), bot).scope(operationOf(limit))}:waiters`, '0', '-1')

describe('a window is never above the limit, with eight processes that fetch ahead', () => {
  /** Calls come in waves, from next to none to more than the limit lets through. */
  const wave = (limiter: Limiter, limit: Limit, calls: number, thinkMs: number) => {
    const times: number[] = []
    let stock = 0
    const one = async (): Promise<void> => {
      limiter.fetchAhead()
      const permit = await permitFor(limiter, request(limit))
      if (isFromStock(permit)) stock += 1
      await pause(Math.random() * 8)
      times.push(performance.now())
      await pause(Math.random() * 8)
      void limiter.report(permit, { result: 'ok', item: 'e1' })
      await pause(Math.random() * thinkMs)
    }
    const loop = async () => {
      while (calls-- > 0) await one()
    }
    return Promise.all(Array.from({ length: 10 }, loop)).then(() => ({ times, stock }))
  }

  test.each([
    [200, 200, 300],
    [200, 200, 60],
    [100, 100, 20],
    [60, 200, 600],
    [400, 500, 40],
  ])('%d calls in %d ms, pauses up to %d ms', async (amount, perMs, thinkMs) => {
    const limit = uniqueLimit(amount, perMs)
    const waves = await Promise.all(fleet.limiters.map((each) => wave(each, limit, 120, thinkMs)))
    const times = waves.flatMap((each) => each.times)
    expect(times).toHaveLength(8 * 120)
    expect(mostWithin(times, perMs)).toBeLessThanOrEqual(amount)
    expect(waves.reduce((sum, { stock }) => sum + stock, 0)).toBeGreaterThan(0)
  })
})

test('a quiet process asks for one permit at a time', async () => {
  const limit = large()
  for (let calls = 1; calls <= 5; calls++) {
    await ask(fleet.limiter, limit)
    expect(await counted(limit)).toMatchObject({ all: calls })
    await pause(60)
  }
})

test('one process gets a quarter of what is free at most', async () => {
  const limit = uniqueLimit(400, 1000)
  const store = createStore({ bot, redis: fleet.redis, log, leaseMs: 30_000 })
  const granted: number[] = []
  for (let asks = 0; asks < 3; asks++) {
    granted.push(1 + (await store.ask(request(limit), 1000)).spares.length)
  }
  expect(granted).toEqual([100, 75, 56])
  expect(await counted(limit)).toMatchObject({ all: 231 })
})

test('a limit that is paced, or allows so many at once, is asked for each call', async () => {
  for (const limit of [uniqueLimit(240, 60_000), uniqueLimit(2000, 1000, { atOnce: 50 })]) {
    const permits = [permitOf(await ask(fleet.limiter, limit))]
    for (let i = 0; i < 3; i++) permits.push(...(await askAll(fleet.limiter, limit, 3)))
    expect(permits.filter(isFromStock)).toEqual([])
  }
})

test('what is not used is given back', async () => {
  const limit = large()
  const permits = await stocked(fleet.limiter, limit)
  expect((await counted(limit)).all).toBeGreaterThan(permits.length)
  await eventually(async () => expect((await counted(limit)).all).toBe(permits.length))
})

test('a permit is fetched ahead for who has made calls, and given back where no call comes', async () => {
  const { limiter } = fleet
  const limit = large()
  limiter.fetchAhead()
  await askAll(limiter, limit, 1)
  // Those that were used just now are not fetched ahead once more.
  await pause(60)
  limiter.fetchAhead()
  await eventually(async () => expect((await counted(limit)).all).toBe(2))
  expect(isFromStock(await permitFor(limiter, request(limit)))).toBe(true)
  expect((await counted(limit)).all).toBe(2)
  limiter.fetchAhead()
  await eventually(async () => expect((await counted(limit)).all).toBe(3))
  await eventually(async () => expect((await counted(limit)).all).toBe(2))
  // It was of no use: so there is no other one until the next call.
  limiter.fetchAhead()
  expect(isFromStock(await permitFor(limiter, request(limit)))).toBe(false)
})

test('who fetches ahead leaves no place in the queue', async () => {
  const limit = uniqueLimit(2000, 3000)
  const [one, other] = [fleet.limiter, fleet.limiters[1]!]
  await askAll(one, limit, 1)
  await askAll(other, limit, 1999)
  one.fetchAhead()
  expect(await ask(one, limit)).toMatchObject({ kind: 'wait', reason: 'limit' })
  expect(await waiters(limit)).toHaveLength(1)
})

test('who fetches ahead does not take the call by which it is found out whether a held bot’s platform is back', async () => {
  const limit = large()
  const [quiet, busy] = [fleet.limiter, fleet.limiters[1]!]
  await askAll(quiet, limit, 1)
  await pause(60)
  for (const item of ['a', 'b', 'a', 'b', 'a'])
    await busy.report(await permitFor(busy, request(limit)), { result: 'failed', item })
  const { breaker } = accountKeys(accountOf(limit), bot)
  await eventually(async () => {
    const [seconds, micros] = await fleet.redis.time()
    const now = Number(seconds) * 1000 + Number(micros) / 1000
    expect(Number(await fleet.redis.hget(breaker, 'heldUntil'))).toBeLessThan(now)
  })
  const asks = jest.spyOn(fleet.redis, 'evalsha')
  quiet.fetchAhead()
  await eventually(() => expect(asks).toHaveBeenCalled())
  await asks.mock.results[0]?.value
  expect(await fleet.redis.zcard(`${breaker}:probes`)).toBe(0)
  expect(await ask(busy, limit)).toMatchObject({ kind: 'granted' })
})

test('what sends nothing to a user is never served from stock', async () => {
  const limit = large()
  await stocked(fleet.limiter, limit)
  expect(isFromStock(permitOf(await ask(fleet.limiter, limit, { evenHeld: true })))).toBe(false)
})

describe('a 429', () => {
  test('ends the stock of its process at once, and its call goes first afterwards', async () => {
    const limit = large()
    const permits = await stocked(fleet.limiter, limit)
    const last = permits.at(-1)!
    const reported = fleet.limiter.report(last, { result: 'limited', item: 'e1', waitMs: 1000 })
    expect(await ask(fleet.limiter, limit)).toMatchObject({ kind: 'wait', reason: 'closed' })
    expect(await reported).toMatchObject({ closedForMs: expect.any(Number) })
    expect((await waiters(limit))[0]).toBe(last.id)
  })

  test('is over in time also where a process died with permits in stock', async () => {
    const limit = large()
    const store = createStore({ bot, redis: fleet.redis, log, leaseMs: 30_000 })
    expect((await store.ask(request(limit), 100)).spares).toHaveLength(99)
    const permit = await permitFor(fleet.limiter, request(limit))
    await fleet.limiter.report(permit, { result: 'limited', item: 'e1' })
    const again = { id: permit.id }
    await eventually(
      async () => expect(await ask(fleet.limiter, limit, again)).toMatchObject({ kind: 'granted' }),
      5000,
    )
    // Those who find out are four, and no more before one of them has.
    for (const more of [1, 2, 3])
      expect([more, await ask(fleet.limiter, limit)]).toMatchObject([more, { kind: 'granted' }])
    expect(await ask(fleet.limiter, limit)).toMatchObject({ kind: 'wait' })
  })

  test('is heeded by other processes when their stock has ended', async () => {
    const limit = large()
    const [one, other] = [fleet.limiter, fleet.limiters[1]!]
    const permit = await permitFor(one, request(limit))
    await stocked(other, limit)
    await one.report(permit, { result: 'limited', item: 'e1', waitMs: 1000 })
    expect(await lastGrantAfter(other, limit)).toBeLessThan(150)
  })
})

test('a hold is heeded when the stock has ended', async () => {
  const limit = large()
  await tellAccount(fleet.redis, bot, accountOf(limit))
  await stocked(fleet.limiter, limit)
  await holdBot(fleet.redis, bot)
  expect(await lastGrantAfter(fleet.limiter, limit)).toBeLessThan(150)
  expect(await ask(fleet.limiter, limit)).toMatchObject({ reason: 'hold' })
})

/** For how long there are still permits: milliseconds from now. */
async function lastGrantAfter(limiter: Limiter, limit: Limit): Promise<number> {
  const from = performance.now()
  let last = from
  while ((await ask(limiter, limit)).kind === 'granted') {
    last = performance.now()
    await pause(5)
  }
  return last - from
}

describe('calls that were accepted', () => {
  test('are told to Redis together, soon', async () => {
    const limit = large()
    const permits = await stocked(fleet.limiter, limit)
    const scripts = jest.spyOn(fleet.redis, 'evalsha')
    for (const permit of permits) {
      const view = fleet.limiter.report(permit, { result: 'ok', item: 'e1' })
      expect(await view).toMatchObject({ breaker: 'closed', closedForMs: 0 })
    }
    await eventually(async () => expect((await counted(limit)).underWay).toBe(0))
    expect(scripts.mock.calls.length).toBeLessThan(permits.length / 3)
    const { scope } = accountKeys(accountOf(limit), bot)
    expect(await fleet.redis.hget(scope(operationOf(limit)), 'callMs')).not.toBeNull()
  })

  test('are told, and the stock is given back, when the process ends', async () => {
    const limit = large()
    const first = permitOf(await ask(fleet.limiter, limit))
    await fleet.limiter.giveBack(first)
    await Promise.all(
      Array.from({ length: 20 }, async () => {
        const permit = await permitFor(fleet.limiter, request(limit))
        void fleet.limiter.report(permit, { result: 'ok', item: 'e1' })
      }),
    )
    void fleet.limiter.report(permitOf(await ask(fleet.limiter, limit)), { result: 'ok', item: 'e1' })
    await fleet.limiter.close()
    expect(await counted(limit)).toEqual({ all: 21, underWay: 0 })
  })

  test('end the failures in a row that other processes met', async () => {
    const limit = large()
    const [one, other] = [fleet.limiter, fleet.limiters[1]!]
    const { breaker } = accountKeys(accountOf(limit), bot)
    const fail = async (item: string) =>
      other.report(await permitFor(other, request(limit)), { result: 'failed', item })
    const early = permitOf(await ask(one, limit))
    for (const item of ['a', 'b', 'a', 'b']) await fail(item)
    await one.report(early, { result: 'ok', item: 'c' })
    await eventually(async () => expect(await fleet.redis.exists(breaker)).toBe(0))
    for (const item of ['a', 'b', 'a', 'b']) expect(await fail(item)).toMatchObject({ breaker: 'closed' })
  })

  test('are told before a failure that came later', async () => {
    const limit = large()
    const [one, other] = [fleet.limiter, fleet.limiters[1]!]
    const { breaker } = accountKeys(accountOf(limit), bot)
    const permits = [permitOf(await ask(one, limit)), permitOf(await ask(one, limit))]
    for (const item of ['a', 'b', 'a', 'b']) {
      await other.report(await permitFor(other, request(limit)), { result: 'failed', item })
    }
    void one.report(permits[0]!, { result: 'ok', item: 'c' })
    expect(await one.report(permits[1]!, { result: 'failed', item: 'd' })).toMatchObject({
      breaker: 'closed',
    })
    expect(await fleet.redis.hget(breaker, 'failures')).toBe('1')
  })
})

test('what a process that died had in stock, or had not told, counts until its leases end', async () => {
  const short = workers(1, { bot, leaseMs: 400 })
  const limit = uniqueLimit(100, 100)
  const permits = await stocked(short.limiter, limit)
  for (const permit of permits) void short.limiter.report(permit, { result: 'ok', item: 'e1' })
  short.redis.disconnect()
  expect((await counted(limit)).all).toBeGreaterThan(permits.length)
  await eventually(async () => {
    await fleet.limiter.giveBack(permitOf(await ask(fleet.limiter, limit)))
    expect(await counted(limit)).toEqual({ all: 0, underWay: 0 })
  })
})
