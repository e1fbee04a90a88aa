import { readHold, holdBot } from '#libs/limiter'
import { testRedis, uniqueBotName } from '../../tests/support/redis'
import { addCounts, readConfigView, readCounts, readProcesses } from '.'
import { botsKey, minuteKey, minuteMs, processesKey } from './keys'
import { readTotals } from './measure'
import { fakeProcess, ingressConfig, secrets, workerConfig } from './vitals.test.support'

const redis = testRedis()
beforeAll(() => redis.ping())
const closers: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closers.splice(0)) await close()
})
afterAll(() => redis.quit())

function start(...given: Parameters<typeof fakeProcess>) {
  const started = fakeProcess(...given)
  closers.push(() => started.vitals.close())
  return started
}

const find = async (id: string) => (await readProcesses(redis)).find((process) => process.id === id)

describe('a beat', () => {
  test('tells what the process is, and its end takes it off the list', async () => {
    const bot = uniqueBotName()
    const { vitals, metrics } = start(redis, {
      config: () => ingressConfig(bot),
      url: 'http://127.0.0.1:3000',
      journal: { folder: 'f1', maxBytes: 1000 },
    })
    metrics.journalPending.set(3)
    metrics.journalBytes.set(200)
    await vitals.beat()
    expect(await find(vitals.id)).toMatchObject({
      ...{ kind: 'ingress', pid: process.pid, late: false, bots: [bot], url: 'http://127.0.0.1:3000' },
      journal: { events: 3, bytes: 200, maxBytes: 1000 },
      memoryBytes: expect.any(Number),
      loopLagMs: expect.any(Number),
    })
    await vitals.close()
    expect(await find(vitals.id)).toBeUndefined()
    expect(await redis.exists(`${processesKey}:${vitals.id}`, `${processesKey}:${vitals.id}:settings`)).toBe(
      0,
    )
    expect(await redis.zscore(botsKey, bot)).not.toBeNull()
  })

  test('without a next one is shown as late, and forgotten by Redis itself', async () => {
    const { vitals } = start(redis, { config: () => ingressConfig(uniqueBotName()) })
    await vitals.beat()
    const [seconds] = await redis.time()
    await redis.zadd(processesKey, (Number(seconds) - 20) * 1000, vitals.id)
    expect(await find(vitals.id)).toMatchObject({ late: true })
    const leftMs = await redis.pttl(`${processesKey}:${vitals.id}`)
    expect(leftMs).toBeGreaterThan(60_000)
    expect(leftMs).toBeLessThanOrEqual(120_000)
  })

  test('shows settings, and of secrets only whether they are set', async () => {
    const bot = uniqueBotName()
    const ingress = start(redis, { config: () => ingressConfig(bot) }).vitals
    const worker = start(redis, { config: () => workerConfig(bot) }).vitals
    await ingress.beat()
    await worker.beat()
    const { processes } = await readConfigView(redis)
    const own = processes.find(({ id }) => id === ingress.id)
    expect(own?.settings).toContainEqual({ name: 'REDIS_URL', value: 'redis://redis.example:6379/2' })
    expect(own?.settings).toContainEqual({ name: 'HOOKLINE_API_KEY', secret: 'set' })
    expect(own?.settings).toContainEqual({ name: 'INGRESS_PORT', value: '3000' })
    expect(own?.bots[0]).toMatchObject({ bot, platform: 'line' })
    expect(own?.bots[0]?.settings).toContainEqual({ name: 'channelSecret', secret: 'set' })
    const workers = processes.find(({ id }) => id === worker.id)?.bots[0]?.settings
    expect(workers).toContainEqual({ name: 'channelAccessToken', secret: 'set' })
    expect(workers).toContainEqual({ name: 'assertionKey', secret: 'unset' })
    for (const { id } of [ingress, worker]) {
      const texts = await redis.mget(`${processesKey}:${id}`, `${processesKey}:${id}:settings`)
      for (const secret of secrets) expect(texts.join()).not.toContain(secret)
    }
  })

  test('of a worker tells the account of its bots, and has a hold known there', async () => {
    const bot = uniqueBotName()
    await holdBot(redis, bot, { reason: 'wait' })
    const accounts = new Map([[bot, `line:${bot}`]])
    const { vitals } = start(redis, { config: () => workerConfig(bot), accounts })
    await vitals.beat()
    expect(await redis.get(`{hookline:${bot}}:account`)).toBe(`line:${bot}`)
    expect(await redis.exists(`{hookline:limit:line:${bot}}:hold:${bot}`)).toBe(1)
    expect(await readHold(redis, bot)).toMatchObject({ reason: 'wait' })
  })
})

describe('counts per minute', () => {
  const setup = () => {
    const bot = uniqueBotName()
    return { bot, ...start(redis, { config: () => ingressConfig(bot) }) }
  }

  test('are what the metrics count, and only what changed is written', async () => {
    const { bot, vitals, metrics } = setup()
    metrics.events.inc({ bot, type: 'text' }, 2)
    metrics.events.inc({ bot, type: 'join' })
    metrics.webhooks.inc({ bot, result: 'signature_mismatch' })
    metrics.webhooks.inc({ bot, result: 'stored' })
    metrics.items.inc({ bot, outcome: 'done' })
    metrics.sends.inc({ bot, operation: 'push', result: 'api_rate_limited' })
    metrics.apiCalls.inc({ bot, operation: 'GET /x', result: 'api_rate_limited' })
    metrics.callsHeld.inc({ bot, reason: 'limit' })
    for (const seconds of [0.0004, 0.003, 0.004, 9])
      metrics.ackSeconds.observe({ bot, platform: 'line' }, seconds)
    metrics.permitWaitSeconds.observe({ bot, operation: 'push' }, 0.2)
    metrics.permitWaitSeconds.observe({ bot, operation: 'reply' }, 0.3)
    await vitals.beat()
    const written = {
      ...{ events: 3, refused: 1, 'item:done': 1, 'send:api_rate_limited': 1, limited: 2, 'held:limit': 1 },
      ...{ 'ack:0.001': 1, 'ack:0.005': 2, 'ack:+Inf': 1, 'ack:sum': 9007 },
      ...{ 'permit:0.25': 1, 'permit:0.5': 1, 'permit:sum': 500 },
    }
    expect(await readCounts(redis, bot, { minutes: 3 })).toEqual(written)
    await vitals.beat()
    expect(await readCounts(redis, bot, { minutes: 3 })).toEqual(written)
    metrics.events.inc({ bot, type: 'text' })
    await vitals.beat()
    expect(await readCounts(redis, bot, { minutes: 3 })).toEqual({ ...written, events: 4 })
  })

  test('expire', async () => {
    const { bot, vitals, metrics } = setup()
    metrics.duplicates.inc({ bot })
    await vitals.beat()
    const minute = Math.floor(Date.now() / minuteMs)
    const lives = await Promise.all([minute, minute - 1].map((at) => redis.ttl(minuteKey(bot, at))))
    expect(Math.max(...lives)).toBeGreaterThan(7000)
    expect(Math.max(...lives)).toBeLessThanOrEqual(7200)
  })

  test('that Redis did not take come with a later beat, and nothing twice', async () => {
    const { bot, vitals, metrics } = setup()
    await vitals.beat()
    const minute = Math.floor(Date.now() / minuteMs)
    // No hash: Redis refuses the write.
    const blocked = [minute, minute + 1].map((at) => minuteKey(bot, at))
    for (const key of blocked) await redis.set(key, 'in the way')
    metrics.events.inc({ bot, type: 'text' }, 5)
    await vitals.beat()
    await redis.del(...blocked)
    metrics.events.inc({ bot, type: 'text' })
    await vitals.beat()
    await vitals.beat()
    expect(await readCounts(redis, bot, { minutes: 3 })).toEqual({ events: 6 })
  })

  test('of two processes add up', async () => {
    const one = setup()
    const { bot } = one
    const two = start(redis, { config: () => workerConfig(bot) })
    one.metrics.events.inc({ bot, type: 'text' }, 2)
    two.metrics.events.inc({ bot, type: 'text' }, 3)
    await Promise.all([one.vitals.beat(), two.vitals.beat()])
    expect(await readCounts(redis, bot, { minutes: 3 })).toEqual({ events: 5 })
  })

  test('each observation is in one bucket', async () => {
    const { bot, metrics } = setup()
    for (let i = 0; i < 50; i++) metrics.handlerSeconds.observe({ bot }, i / 10)
    const fields = Object.fromEntries((await readTotals(metrics)).get(bot) ?? [])
    const { 'handler:sum': sum, ...buckets } = addCounts([fields])
    expect(Object.values(buckets).reduce((a, b) => a + b, 0)).toBe(50)
    expect(sum).toBe(122_500)
  })
})

describe('while Redis is away', () => {
  test('nothing fails and nothing waits, and what was counted comes later', async () => {
    const bot = uniqueBotName()
    const own = testRedis()
    await own.ping()
    const { vitals, metrics } = start(own, { config: () => ingressConfig(bot) })
    await vitals.beat()
    own.disconnect()
    metrics.events.inc({ bot, type: 'text' })
    await vitals.beat()
    await own.connect()
    await vitals.beat()
    expect(await readCounts(redis, bot, { minutes: 3 })).toEqual({ events: 1 })
    own.disconnect()
    const before = performance.now()
    await vitals.close()
    expect(performance.now() - before).toBeLessThan(1500)
  })
})
