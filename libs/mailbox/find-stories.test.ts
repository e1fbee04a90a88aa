import type { Redis } from 'ioredis'
import type { Story } from '#libs/contract'
import { testRedis, uniqueBotName } from '../../tests/support/redis'
import { listConversations } from './conversations'
import { findStories, matches } from './find-stories'
import { botKeys } from './keys'

let redis: Redis
let bot: string

beforeEach(() => {
  redis = testRedis()
  bot = uniqueBotName()
})
afterEach(() => redis.quit())

const began = 1_790_000_000_000

function story(i: number, more: Partial<Story> = {}): Story {
  const userId = `U${i}`
  return {
    ...{ id: `e${i}`, bot, platform: 'line', lane: `user:${userId}`, userId, type: 'text', state: 'done' },
    ...{ conversation: { kind: 'user', id: userId }, failures: 0, steps: [] },
    ...{ occurredAt: began + i, receivedAt: began + i, storedAt: began + i, endedAt: began + i },
    ...{
      text: `Hello from ${i}`,
      answers: [{ operation: 'reply', state: 'sent', messages: 1, text: `Bye ${i}` }],
    },
    ...more,
  }
}

async function keep(stories: Story[]): Promise<void> {
  const keys = botKeys(bot)
  for (let i = 0; i < stories.length; i += 500) {
    const pipeline = redis.pipeline()
    for (const one of stories.slice(i, i + 500)) {
      const at = one.endedAt ?? 0
      pipeline
        .hset(keys.stories, one.id, JSON.stringify(one))
        .zadd(keys.storyTimes, at, `${one.id} ${one.lane}`)
        .zadd(keys.storyOf(one.lane), at, one.id)
        .zadd(keys.conversations, at, one.lane)
    }
    await pipeline.exec()
  }
}

const many = (count: number, more: (i: number) => Partial<Story> = () => ({})) =>
  Array.from({ length: count }, (_, i) => story(i, more(i)))

test.each<[Parameters<typeof matches>[1], boolean]>([
  [{}, true],
  [{ user: 'U7' }, true],
  [{ user: 'U8' }, false],
  [{ text: 'hello FROM' }, true],
  [{ text: 'bye 7' }, true],
  [{ text: 'nobody said' }, false],
  [{ outcome: 'done' }, true],
  [{ outcome: 'parked' }, false],
  [{ outcome: 'failed' }, false],
])('%j', (filter, expected) => {
  expect(matches(story(7), filter)).toBe(expected)
})

test('a story that ended well after a 429 had failures', () => {
  const steps: Story['steps'] = [{ name: 'send', at: 1, status: 429, code: 'api_rate_limited' }]
  expect(matches(story(7, { steps }), { outcome: 'failed' })).toBe(true)
})

test('pages go on where the last one ended, also within one millisecond', async () => {
  await keep(many(25, () => ({ endedAt: began })))
  const seen: string[] = []
  let cursor: string | undefined
  do {
    const page = await findStories(redis, { bot, limit: 10, ...(cursor ? { cursor } : {}) })
    seen.push(...page.stories.map(({ id }) => id))
    cursor = page.cursor
  } while (cursor)
  expect([...new Set(seen)]).toHaveLength(25)
  expect(seen).toHaveLength(25)
})

test('times are from and before', async () => {
  await keep(many(10))
  const { stories } = await findStories(redis, { bot, from: began + 3, to: began + 6 })
  expect(stories.map(({ id }) => id)).toEqual(['e5', 'e4', 'e3'])
})

test('of 10,000 conversations a bounded number is looked at, and the search says where it stopped', async () => {
  await keep(many(10_000))
  const first = await findStories(redis, { bot, text: 'Hello from 17', limit: 5000, mostLooks: 1000 })
  expect(first.looked).toBeLessThanOrEqual(1000)
  expect(first.searchedTo).toBe(began + 10_000 - first.looked)
  const rest = await findStories(redis, {
    ...{ bot, text: 'Hello from 17', limit: 5000, mostLooks: 20_000 },
    cursor: first.cursor!,
  })
  expect(first.looked + rest.looked).toBeLessThanOrEqual(10_000)
  const page = await listConversations(redis, bot, { limit: 50 })
  expect(page.conversations.map(({ lane }) => lane).slice(0, 2)).toEqual(['user:U9999', 'user:U9998'])
  expect(page.conversations).toHaveLength(50)
})

test('all of it is found by going on', async () => {
  await keep(many(3000, (i) => (i % 1000 === 0 ? { text: 'a needle' } : {})))
  const found: string[] = []
  let cursor: string | undefined
  do {
    const page = await findStories(redis, {
      bot,
      text: 'needle',
      mostLooks: 400,
      ...(cursor ? { cursor } : {}),
    })
    expect(page.looked).toBeLessThanOrEqual(400)
    found.push(...page.stories.map(({ id }) => id))
    cursor = page.cursor
  } while (cursor)
  expect(found).toEqual(['e2000', 'e1000', 'e0'])
})

test('the list has conversations that only wait, in the order of their times', async () => {
  await keep(many(30, (i) => ({ endedAt: began + 2 * i })))
  const keys = botKeys(bot)
  for (let i = 0; i < 30; i++) await redis.zadd(keys.lanes, began + 2 * i + 1, `user:waits${i}`)
  // One that has both stands once.
  await redis.zadd(keys.lanes, began, 'user:U29')
  const seen: string[] = []
  let cursor: string | undefined
  do {
    const page = await listConversations(redis, bot, { limit: 7, ...(cursor ? { cursor } : {}) })
    expect(page.conversations.length).toBeLessThanOrEqual(7)
    seen.push(...page.conversations.map(({ lane }) => lane))
    cursor = page.cursor
  } while (cursor)
  expect(seen).toHaveLength(60)
  expect(seen.slice(0, 4)).toEqual(['user:waits29', 'user:U29', 'user:waits28', 'user:U28'])
})
