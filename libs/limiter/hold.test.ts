import { randomUUID } from 'node:crypto'
import type { RedisClient } from '#libs/redis'
import { eventually } from '../../tests/support/eventually'
import { uniqueBotName } from '../../tests/support/redis'
import { accountOf, holdBot, readHold, readUse, releaseBot, tellAccount } from '.'
import { accountKeys } from './account'
import { permitFor, uniqueLimit, workers } from './limiter.test.support'

let fleet: ReturnType<typeof workers>
let bot: string
const limit = () => uniqueLimit(100, 1000)

beforeEach(() => {
  bot = uniqueBotName()
  fleet = workers(2, { bot })
})
afterEach(() => fleet.end())

async function setup() {
  const own = limit()
  const ask = (more = {}) => fleet.limiters[1]!.ask({ id: randomUUID(), limit: own, ...more })
  await tellAccount(fleet.redis, bot, accountOf(own))
  return { own, ask }
}

test('what a held bot sends waits in every worker, until it is released', async () => {
  const { ask } = await setup()
  expect(await ask()).toMatchObject({ kind: 'granted' })
  expect(await holdBot(fleet.redis, bot, { reason: 'wrong prices', by: 'aoi' })).toBe(true)
  expect(await ask()).toMatchObject({ kind: 'wait', reason: 'hold' })
  expect(await readHold(fleet.redis, bot)).toEqual({
    since: expect.any(Number),
    reason: 'wrong prices',
    by: 'aoi',
  })
  expect(await releaseBot(fleet.redis, bot)).toBe(true)
  expect(await ask()).toMatchObject({ kind: 'granted' })
  expect(await readHold(fleet.redis, bot)).toBeUndefined()
  expect(await releaseBot(fleet.redis, bot)).toBe(false)
})

test('what sends nothing goes on while the bot is held, and so do other bots', async () => {
  const { own, ask } = await setup()
  const other = workers(1, { bot: uniqueBotName() })
  await holdBot(fleet.redis, bot)
  expect(await ask({ evenHeld: true })).toMatchObject({ kind: 'granted' })
  await expect(permitFor(other.limiter, { id: randomUUID(), limit: own })).resolves.toBeDefined()
  await other.end()
})

test('those who wait for a hold to end do not stand in the way of another bot of the account', async () => {
  const own = uniqueLimit(4, 1000)
  await tellAccount(fleet.redis, bot, accountOf(own))
  await holdBot(fleet.redis, bot, { forMs: 60_000 })
  for (let i = 0; i < 200; i++) await fleet.limiter.ask({ id: randomUUID(), limit: own })
  const other = workers(1, { bot: uniqueBotName() })
  const waits: number[] = []
  for (let i = 0; i < 8; i++) {
    const answer = await other.limiter.ask({ id: randomUUID(), limit: own })
    waits.push(answer.kind === 'wait' ? answer.ms : 0)
  }
  await other.end()
  expect(waits[0]).toBe(0)
  expect(Math.max(...waits)).toBeLessThan(5000)
})

test('a hold that was left behind where only the limiter sees it is gone with the next look of a worker', async () => {
  const { own, ask } = await setup()
  await fleet.redis.set(accountKeys(accountOf(own), bot).hold, '1')
  expect(await ask()).toMatchObject({ reason: 'hold' })
  await tellAccount(fleet.redis, bot, accountOf(own))
  expect(await ask()).toMatchObject({ kind: 'granted' })
})

test('released while a worker tells its account, a bot is not held by what that worker saw before', async () => {
  const { own, ask } = await setup()
  await holdBot(fleet.redis, bot)
  const between = Object.create(fleet.redis, {
    del: {
      value: async (key: string) => {
        const deleted = await fleet.redis.del(key)
        await tellAccount(fleet.redis, bot, accountOf(own))
        return deleted
      },
    },
  }) as RedisClient
  expect(await releaseBot(between, bot)).toBe(true)
  expect(await ask()).toMatchObject({ kind: 'granted' })
})

test('a hold with a time ends by itself', async () => {
  const { own } = await setup()
  await holdBot(fleet.redis, bot, { forMs: 400 })
  const started = performance.now()
  await permitFor(fleet.limiter, { id: randomUUID(), limit: own })
  expect(performance.now() - started).toBeGreaterThan(300)
  expect(await readHold(fleet.redis, bot)).toBeUndefined()
})

test('holding once more keeps since when and why, and changes the end', async () => {
  await setup()
  await holdBot(fleet.redis, bot, { reason: 'first', by: 'aoi', forMs: 60_000 })
  const before = await readHold(fleet.redis, bot)
  expect(before?.until).toBe(before!.since + 60_000)
  expect(await holdBot(fleet.redis, bot, { by: 'ren' })).toBe(false)
  expect(await readHold(fleet.redis, bot)).toEqual({ since: before!.since, reason: 'first', by: 'ren' })
})

test('a bot that was held before it had a worker is held by the first one', async () => {
  const own = limit()
  await holdBot(fleet.redis, bot, { forMs: 60_000 })
  await tellAccount(fleet.redis, bot, accountOf(own))
  expect(await fleet.limiter.ask({ id: randomUUID(), limit: own })).toMatchObject({ reason: 'hold' })
})

test('those who wait come back over the course of a minute', async () => {
  const { ask } = await setup()
  await holdBot(fleet.redis, bot)
  const waits: number[] = []
  for (let i = 0; i < 600; i++) {
    const answer = await ask()
    if (answer.kind === 'wait') waits.push(answer.ms)
  }
  expect(waits[0]).toBe(3000)
  // Less where the asking itself took so long that the first have come and gone.
  expect(waits[100]).toBeGreaterThan(6000)
  expect(waits[100]).toBeLessThanOrEqual(13_000)
  expect(Math.max(...waits)).toBe(60_000)
})

test('a call that was held goes on when the hold has ended', async () => {
  const { own } = await setup()
  await holdBot(fleet.redis, bot, { forMs: 200 })
  const first = { id: randomUUID(), limit: own }
  expect(await fleet.limiter.ask(first)).toMatchObject({ reason: 'hold' })
  await eventually(async () => expect(await readHold(fleet.redis, bot)).toBeUndefined())
  await expect(permitFor(fleet.limiter, first)).resolves.toMatchObject({ id: first.id })
})

describe('the use of limits', () => {
  test('says how far each limit is used and what it goes by', async () => {
    const { own } = await setup()
    for (let i = 0; i < 3; i++) {
      const permit = await permitFor(fleet.limiter, { id: randomUUID(), limit: own })
      await fleet.limiter.report(permit, { result: 'ok', item: 'a' })
    }
    const view = await readUse(fleet.redis, bot, accountOf(own))
    expect(view).toEqual({
      breaker: { state: 'closed', heldForMs: 0 },
      limits: [{ operation: 'send', used: 3, amount: 100, windowMs: 1000, usedAgoMs: expect.any(Number) }],
    })
  })

  test('goes by what the platform stated, counts calls of others, and tells what is closed', async () => {
    const own = uniqueLimit(100, 60_000)
    const call = async (report: object) =>
      fleet.limiter.report(await permitFor(fleet.limiter, { id: randomUUID(), limit: own }), {
        result: 'ok',
        item: 'a',
        ...report,
      })
    await call({ stated: { amount: 240, remaining: 200, resetMs: 30_000 } })
    await call({ result: 'limited', waitMs: 20_000 })
    const { limits } = await readUse(fleet.redis, bot, accountOf(own))
    expect(limits).toMatchObject([
      { used: 41, amount: 240, windowMs: 31_000, closed: { reason: 'rate', forMs: expect.any(Number) } },
    ])
  })

  test('is there for the breaker too', async () => {
    const own = limit()
    for (const item of ['a', 'b', 'a', 'b', 'a']) {
      const permit = await permitFor(fleet.limiter, { id: randomUUID(), limit: own })
      await fleet.limiter.report(permit, { result: 'failed', item })
    }
    const { breaker } = await readUse(fleet.redis, bot, accountOf(own))
    expect(breaker).toMatchObject({ state: 'held', heldForMs: expect.any(Number) })
  })

  test('of a bot that has sent nothing is nothing', async () => {
    expect(await readUse(fleet.redis, bot, 'line:nobody')).toEqual({
      breaker: { state: 'closed', heldForMs: 0 },
      limits: [],
    })
  })
})
