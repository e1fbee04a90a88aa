import { type Command, Redis } from 'ioredis'
import { createMinuteReader } from '#libs/vitals'
import { testRedisUrl, uniqueBotName } from '../../tests/support/redis'
import { seedRedis } from '../../tests/support/seed-redis'
import { searchConversations } from './conversation-search'

/** Notes what is asked of it. */
class WatchedRedis extends Redis {
  sent: Command[] = []

  override sendCommand(...args: Parameters<Redis['sendCommand']>): unknown {
    this.sent.push(args[0])
    return super.sendCommand(...args)
  }
}

const bots = Array.from({ length: 20 }, uniqueBotName)
let redis: WatchedRedis

beforeAll(async () => {
  redis = new WatchedRedis(testRedisUrl(), { maxRetriesPerRequest: null })
  await seedRedis(redis, { bots, conversations: 600, stories: 2, waiting: 100 })
})
beforeEach(() => (redis.sent = []))
afterAll(() => redis.quit())

const count = (name: string) => redis.sent.filter((command) => command.name === name).length
const storiesRead = () =>
  redis.sent
    .filter(({ name, args }) => name === 'hmget' && String(args[0]).endsWith(':stories'))
    .reduce((sum, { args }) => sum + args.length - 1, 0)

test('a list of twenty bots reads only the conversations that it shows', async () => {
  const { conversations } = await searchConversations(redis, { bots, limit: 25 })
  expect(conversations).toHaveLength(25)
  expect(count('llen')).toBe(25)
  expect(storiesRead()).toBe(25)
})

test('a search of a user reads no story of another one-to-one conversation', async () => {
  const user = `U${(7).toString(16).padStart(32, '0')}`
  const { conversations } = await searchConversations(redis, { bots, limit: 25, user })
  expect(conversations).toMatchObject([{ bot: bots[7], lane: `user:${user}` }])
  expect(storiesRead()).toBe(2)
})

test('the hour of twenty bots is one command per bot, and then none', async () => {
  const reader = createMinuteReader(redis)
  const minute = Math.floor(Date.now() / 60_000)
  const hours = await reader.read(bots, minute - 59, minute)
  expect(hours.get(bots[0] ?? '')?.[58]).toMatchObject({ 'item:done': 40, duplicates: 1 })
  expect(count('hgetall')).toBe(0)
  expect(count('evalsha')).toBe(20)
  redis.sent = []
  await reader.read(bots, minute - 59, minute - 2)
  expect(redis.sent).toEqual([])
})
