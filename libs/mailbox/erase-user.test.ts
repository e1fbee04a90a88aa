import type { Redis } from 'ioredis'
import type { Event, OutgoingPush } from '#libs/contract'
import { createLogger } from '#libs/observability'
import { type RedisClient, connectProducer } from '#libs/redis'
import { eventually } from '../../tests/support/eventually'
import { testRedis, testRedisUrl, uniqueBotName } from '../../tests/support/redis'
import { deadLetterRefs } from './dead-letters'
import { eraseUser } from './erase-user'
import { botKeys } from './keys'
import { type Mailbox, createMailbox } from './post'
import { readPush } from './push-record'
import { replayDeadLetter } from './replay'
import { type Working, answerHead, laneAt, said } from './stories.test.support'
import { createAlarms, openTimerQueue } from './timers'

const log = createLogger({ name: 'test', level: 'silent' })

let redis: Redis
let producer: RedisClient
let box: Mailbox
let bot: string
let working: Working

beforeEach(async () => {
  bot = uniqueBotName()
  redis = testRedis()
  producer = connectProducer(testRedisUrl(), log)
  await eventually(() => expect(producer.status).toBe('ready'))
  box = createMailbox(producer, log)
  working = { redis, bot, timeline: { keep: 'text', days: 7, items: 1000 } }
})
afterEach(async () => {
  await box.close()
  producer.disconnect()
  await redis.quit()
})

const post = (...events: Event[]) => box.post(events, 60_000)

/** Everything that Redis holds of the bot, whatever its type. */
async function dump(): Promise<string> {
  const parts: unknown[] = []
  for (const key of await redis.keys(`*${bot}*`)) {
    const type = await redis.type(key)
    if (type === 'string') parts.push(await redis.get(key))
    if (type === 'hash') parts.push(await redis.hgetall(key))
    if (type === 'list') parts.push(await redis.lrange(key, 0, '-1'))
    if (type === 'zset') parts.push(await redis.zrange(key, 0, '-1'))
  }
  return JSON.stringify(parts)
}

test('erases what a user said everywhere, and of nobody else', async () => {
  const group = 'group:G1'
  const other = { userId: 'U2' }
  await post(said(bot, 'story1'))
  await answerHead(working, 'user:U1')
  for (const [id, more] of [
    ['story2', {}],
    ['kept1', other],
  ] as const) {
    await post(said(bot, id, { lane: group, ...more }))
    await answerHead(working, group)
  }
  await post(said(bot, 'letter1'))
  await answerHead(working, 'user:U1', 'rejected')
  await post(
    said(bot, 'wait1'),
    said(bot, 'wait2', { lane: group }),
    said(bot, 'kept2', { lane: group, ...other }),
  )
  await redis.set(botKeys(bot).memory('user:U1'), '"words of memory"')
  expect(await dump()).toMatch(/words of story1/)

  expect(await eraseUser(redis, bot, 'U1')).toEqual({ stories: 3, deadLetters: 1, waiting: 2 })

  const all = await dump()
  expect(all).not.toMatch(/words of (story|letter|wait|memory)|answer to (story|letter)/)
  expect(all).toContain('words of kept1')
  expect(all).toContain('words of kept2')
  const head = await laneAt(working, 'user:U1').take()
  expect(head?.item).toMatchObject({ id: 'wait1', erased: true, handled: true })
  // A second time there is nothing left of it but that it was.
  expect((await eraseUser(redis, bot, 'U1')).waiting).toBe(0)
})

test('stops what a worker has in hand from being written back', async () => {
  await post(said(bot, 'e1'))
  const own = laneAt(working, 'user:U1')
  const { item } = (await own.take())!
  expect(await eraseUser(redis, bot, 'U1')).toMatchObject({ waiting: 1 })
  expect(await own.amend(item)).toBe('erased')
  await own.finish(item)
  expect(await dump()).not.toContain('words of e1')
})

/** Redis as an eraser sees it, with something that happens right before its first call of this name. */
function withBefore(name: 'hscan' | 'zscan', happens: () => Promise<unknown>): RedisClient {
  const real = redis[name].bind(redis) as (...args: unknown[]) => Promise<unknown>
  let first: Promise<unknown> | undefined
  const value = async (...args: unknown[]) => {
    await (first ??= happens())
    return real(...args)
  }
  return Object.create(redis, { [name]: { value } }) as RedisClient
}

test('finds a dead letter that is replayed after the lanes were looked through', async () => {
  await post(said(bot, 'e1'))
  await answerHead(working, 'user:U1', 'rejected')
  const [ref] = await deadLetterRefs(redis, [bot])
  const meanwhile = withBefore('hscan', () => replayDeadLetter(redis, ref!, 'drop'))
  expect(await eraseUser(meanwhile, bot, 'U1')).toEqual({ stories: 1, deadLetters: 0, waiting: 1 })
  expect(await dump()).not.toMatch(/words of e1|answer to e1/)
})

test('forgets what a handler that was under way remembered meanwhile', async () => {
  await post(said(bot, 'e1'))
  const own = laneAt(working, 'user:U1')
  const { item } = (await own.take())!
  const meanwhile = withBefore('zscan', () =>
    own.amend(item, { memory: { value: 'words of memory', ttlMs: 60_000 } }),
  )
  await eraseUser(meanwhile, bot, 'U1')
  expect(await dump()).not.toContain('words of memory')
})

test('a push to the user that still waits is not sent, and its status says so', async () => {
  const push: OutgoingPush = {
    ...{ type: 'push', key: `${bot}.p1`, platform: 'line', bot, conversation: { kind: 'user', id: 'U1' } },
    ...{
      occurredAt: 1,
      receivedAt: 1,
      raw: null,
      digest: 'd',
      messages: [{ type: 'text', text: 'words of p1' }],
    },
  }
  await box.post([push], 60_000)
  expect(await eraseUser(redis, bot, 'U1')).toEqual({ stories: 0, deadLetters: 0, waiting: 1 })
  expect(await readPush(redis, bot, push.key)).toMatchObject({ status: 'discarded' })
  expect(await dump()).not.toContain('words of p1')
})

test('timers of the one-to-one conversation are gone with what they carry', async () => {
  const queue = openTimerQueue(bot, redis)
  const event = { ...said(bot, 'timer1'), type: 'timer', name: 'later', data: 'words of a timer' } as const
  await createAlarms(queue).set({ lane: 'user:U1', event: { ...event, occurredAt: Date.now() + 60_000 } })
  await redis.hset(botKeys(bot).timers('user:U1'), 'later', 'timer1')
  expect(await dump()).toContain('words of a timer')
  await eraseUser(redis, bot, 'U1')
  expect(await dump()).not.toContain('words of a timer')
  await queue.close()
})
