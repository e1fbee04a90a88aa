import { Redis } from 'ioredis'
import { accountOf, createLimiter, holdBot, tellAccount } from '#libs/limiter'
import { botPrefix, introduceBot, pauseBot } from '#libs/mailbox'
import { testRedis, testRedisUrl, uniqueBotName } from '../../tests/support/redis'
import { createMinuteReader, readHistory, readOverview, readRedisHealth, rememberBots } from '.'
import { botsKey, minuteKey, minuteMs } from './keys'
import { fakeProcess, ingressConfig, quiet, workerConfig } from './vitals.test.support'

const redis = testRedis()
beforeAll(() => redis.ping())
const closers: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closers.splice(0)) await close()
})
afterAll(() => redis.quit())

let bot: string
beforeEach(() => {
  bot = uniqueBotName()
})

async function beating(config = workerConfig(bot), more = {}) {
  const { vitals, metrics } = fakeProcess(redis, { config: () => config, ...more })
  closers.push(() => vitals.close())
  await vitals.beat()
  return { vitals, metrics }
}

const overview = async () => (await readOverview(redis)).bots.find((one) => one.bot === bot)

/** The minute that Redis is in. */
const minuteNow = async () => Math.floor(Number((await redis.time())[0]) / 60)
const count = (minute: number, counts: Record<string, number>) => redis.hset(minuteKey(bot, minute), counts)

/** One item in one lane, as `post` stores it. */
async function addItem(ageMs: number): Promise<void> {
  const now = Number((await redis.time())[0]) * 1000
  await redis.rpush(`${botPrefix(bot)}:lane:user:U1`, `e1 ${now - ageMs} {}`)
  await redis.zadd(`${botPrefix(bot)}:lanes`, now - ageMs, 'user:U1')
  await redis.set(`${botPrefix(bot)}:items`, 1)
}

test('a bot at rest works, and says nothing more than it knows', async () => {
  await beating()
  expect(await overview()).toEqual({
    ...{ bot, platform: 'line', state: 'works', eventsPerMinute: 0 },
    waiting: { lanes: 0, items: 0, oldestAgeMs: 0 },
    sends: { sent: 0, failed: 0, limited: 0, maybe: 0 },
    ...{ limited: 0, budgets: [], token: { kind: 'static' } },
    breaker: { state: 'closed', heldForMs: 0 },
    ...{ deadLetters: 0, timers: 0, workers: 1, journaled: 0 },
  })
})

test('counts of the last minutes become rates, quantiles and sums', async () => {
  await beating()
  const now = await minuteNow()
  await count(now - 1, { events: 40, 'ack:0.005': 98, 'ack:1': 2, 'send:sent': 30, journaled: 2 })
  await count(now - 5, { events: 60 })
  await count(now - 6, { events: 1000, 'ack:5': 100 })
  await count(now - 50, { 'send:sent': 5, 'send:api_rejected': 3, 'send:api_rate_limited': 2, limited: 3 })
  await count(now - 60, { 'send:sent': 1000 })
  const seen = await overview()
  expect(seen).toMatchObject({
    ...{ eventsPerMinute: 20, journaled: 2, limited: 3 },
    sends: { sent: 35, failed: 3, limited: 2, maybe: 0 },
    ack: { deadlineMs: 2000 },
  })
  expect(seen?.ack?.p50Ms).toBeLessThan(5)
  expect(seen?.ack?.p99Ms).toBeCloseTo(750)
})

test('the history has one value per minute, oldest first, and null where nothing was measured', async () => {
  const now = await minuteNow()
  await count(now - 2, { events: 4, 'item:done': 3, 'item:park': 1, 'ack:0.001': 10, 'wait:10': 4 })
  await count(now, { events: 1, 'send:error': 2, 'send:sent': 5 })
  const history = await readHistory(redis, { bot, minutes: 4 })
  expect(history).toMatchObject({
    ...{ from: (now - 3) * minuteMs, minutes: 4 },
    events: [0, 4, 0, 1],
    ...{ done: [0, 3, 0, 0], parked: [0, 1, 0, 0], sent: [0, 0, 0, 5], sendFailures: [0, 0, 0, 2] },
    ackP50Ms: [null, 0.5, null, null],
  })
  expect(history.waitP99Ms[1]).toBeCloseTo(9950)
})

test('the history of all bots is their sum', async () => {
  const other = uniqueBotName()
  const own = new Redis(`${testRedisUrl()}/15`)
  await own.flushdb()
  const { vitals } = fakeProcess(own, { config: () => ingressConfig(bot, other) })
  await vitals.beat()
  const now = await minuteNow()
  await own.hset(minuteKey(bot, now), { events: 4 })
  await own.hset(minuteKey(other, now), { events: 3 })
  expect((await readHistory(own, { minutes: 1 })).events).toEqual([7])
  await vitals.close()
  await own.quit()
})

test('a reader that remembers asks for the past once, and sees what is new', async () => {
  const now = await minuteNow()
  await count(now - 30, { events: 7 })
  await redis.zadd(botsKey, now, bot)
  const reader = createMinuteReader(redis)
  const events = async () => (await readHistory(redis, { bot, minutes: 60, reader })).events
  expect((await events()).reduce((a, b) => a + b)).toBe(7)
  await count(now - 30, { events: 100 })
  await count(await minuteNow(), { events: 1 })
  expect((await events()).reduce((a, b) => a + b)).toBe(8)
})

test('nothing is remembered of a bot that nobody knows', async () => {
  const read = jest.fn()
  const { events } = await readHistory(redis, { bot: 'made-up', minutes: 2, reader: { read } })
  expect([events, read.mock.calls]).toEqual([[0, 0], []])
})

describe('the state', () => {
  test('of a paused bot', async () => {
    await beating()
    await addItem(1000)
    await pauseBot(redis, bot, { reason: 'move', by: 'aoi', forMs: 60_000 })
    expect(await overview()).toMatchObject({
      state: 'paused',
      stopped: { reason: 'move', by: 'aoi', until: expect.any(Number) },
      forecast: { bottleneck: 'paused' },
    })
  })

  test('of a held bot', async () => {
    await beating()
    await holdBot(redis, bot, { reason: 'wrong prices', by: 'aoi' })
    expect(await overview()).toMatchObject({ state: 'held', stopped: { reason: 'wrong prices', by: 'aoi' } })
  })

  test('of a bot whose platform fails, and how far its limits are used', async () => {
    await beating()
    const limit = { scope: `line:${bot}:push`, amount: 10, perMs: 60_000 }
    await tellAccount(redis, bot, accountOf(limit))
    const limiter = createLimiter({ bot, redis, log: quiet })
    for (const item of ['a', 'b', 'a', 'b', 'a']) {
      await redis.hdel(`{hookline:limit:line:${bot}}:scope:push`, 'nextAt')
      const answer = await limiter.ask({ id: `${item}${Math.random()}`, limit })
      if (answer.kind !== 'granted') throw new Error(answer.kind)
      await limiter.report(answer.permit, { result: 'failed', item })
    }
    expect(await overview()).toMatchObject({
      state: 'failing',
      breaker: { state: 'held', heldForMs: expect.any(Number) },
      budgets: [{ operation: 'push', used: 5, limit: 10, windowMs: 60_000 }],
    })
  })
})

test('what waits has a forecast', async () => {
  await beating()
  await addItem(90_000)
  const now = await minuteNow()
  await count(now - 1, { events: 10, 'item:done': 400 })
  await count(now - 2, { events: 10, 'item:done': 400 })
  const seen = await overview()
  expect(seen?.waiting).toMatchObject({ lanes: 1, items: 1 })
  expect(seen?.waiting.oldestAgeMs).toBeGreaterThanOrEqual(90_000)
  expect(seen?.forecast).toMatchObject({ bottleneck: 'none', emptyAt: expect.any(Number) })
})

test('a minted token tells how long it lives', async () => {
  await beating({ ...workerConfig(), bots: [{ platform: 'lineworks', name: bot }] } as never)
  await redis.set(`${botPrefix(bot)}:token`, 'sealed', 'PX', 60_000)
  const token = (await overview())?.token
  expect(token?.kind).toBe('minted')
  expect(token?.expiresInMs).toBeGreaterThan(50_000)
})

describe('bots without a process', () => {
  const forget = () => redis.zadd(botsKey, 1, bot)

  test('are gone, unless something of them is left', async () => {
    await forget()
    expect(await overview()).toBeUndefined()
    await addItem(1000)
    expect(await overview()).toMatchObject({ workers: 0, forecast: { bottleneck: 'workers' } })
  })

  test('are listed with dead letters that an earlier version left', async () => {
    await redis.hset(`${botPrefix(bot)}:dead-letters`, 'id', '{}')
    await redis.zadd(`${botPrefix(bot)}:dead-letter-times`, 1, 'id')
    await introduceBot(redis, bot, 'tocaro')
    expect(await overview()).toBeUndefined()
    await rememberBots(redis)
    expect(await overview()).toMatchObject({ platform: 'tocaro', deadLetters: 1 })
  })
})

test('journals are summed by folder: processes that share one tell of the same events', async () => {
  const own = new Redis(`${testRedisUrl()}/15`)
  await own.flushdb()
  const ingress = async (folder: string, events: number) => {
    const journal = { folder, maxBytes: 1000 }
    const { vitals, metrics } = fakeProcess(own, { config: () => ingressConfig(bot), journal })
    metrics.journalPending.set(events)
    await vitals.beat()
    return vitals
  }
  const all = [await ingress('f1', 3), await ingress('f1', 3), await ingress('f2', 4)]
  expect(await readOverview(own)).toMatchObject({
    journal: { events: 7, bytes: 0, maxBytes: 2000 },
    processes: { ingress: 3, worker: 0, console: 0, versions: [expect.any(String)] },
    redis: { ok: true },
  })
  for (const vitals of all) await vitals.close()
  await own.quit()
})

describe('the health of Redis', () => {
  test('is what the server says of itself', async () => {
    const [server] = await readRedisHealth(redis)
    expect(server).toMatchObject({
      ...{ ok: true, role: 'master', version: expect.any(String), policy: expect.any(String) },
      ...{ latencyMs: expect.any(Number), usedBytes: expect.any(Number), clients: expect.any(Number) },
    })
  })

  test('of one that is away says so, and rejects nothing', async () => {
    const away = new Redis({ port: 1, lazyConnect: true, retryStrategy: () => null })
    expect(await readRedisHealth(away)).toEqual([{ name: 'redis', ok: false, words: expect.any(String) }])
    away.disconnect()
  })
})
