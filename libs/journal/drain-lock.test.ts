import { randomUUID } from 'node:crypto'
import type { Redis } from 'ioredis'
import { eventually } from '../../tests/support/eventually'
import { testRedis } from '../../tests/support/redis'
import { takeDrainLock } from './drain-lock'

let redis: Redis
let folder: string

beforeEach(() => {
  redis = testRedis()
  folder = randomUUID()
})
afterEach(async () => {
  await redis.quit()
})

const keyOf = (name: string) => `hookline:journal:${name}:drain`

test('is given to one at a time, and to the next when it is released', async () => {
  const all = await Promise.all([1, 2, 3].map(() => takeDrainLock(redis, folder)))
  const held = all.filter((lock) => lock !== undefined)
  expect(held).toHaveLength(1)
  await held[0]?.release()
  const next = await takeDrainLock(redis, folder)
  expect(next).toBeDefined()
  await next?.release()
})

test('of one folder does not keep anybody from another', async () => {
  const locks = await Promise.all([takeDrainLock(redis, folder), takeDrainLock(redis, randomUUID())])
  expect(locks.every((lock) => lock !== undefined)).toBe(true)
  for (const lock of locks) await lock?.release()
})

test('is kept for as long as it is held, and runs out by itself with its holder', async () => {
  const lock = await takeDrainLock(redis, folder)
  await redis.pexpire(keyOf(folder), 1500)
  await eventually(async () => expect(await redis.pttl(keyOf(folder))).toBeGreaterThan(4000))
  expect(lock?.lost.aborted).toBe(false)
  await lock?.release()
  expect(await redis.exists(keyOf(folder))).toBe(0)
})

test('tells its holder that somebody else has it, and is not taken from them', async () => {
  const lock = await takeDrainLock(redis, folder)
  await redis.set(keyOf(folder), 'somebody else', 'PX', 60_000)
  await eventually(() => expect(lock?.lost.aborted).toBe(true))
  await lock?.release()
  expect(await redis.get(keyOf(folder))).toBe('somebody else')
  await redis.del(keyOf(folder))
})
