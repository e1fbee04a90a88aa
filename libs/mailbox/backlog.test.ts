import type { Redis } from 'ioredis'
import type { Event } from '#libs/contract'
import { createLogger } from '#libs/observability'
import { type RedisClient, connectProducer } from '#libs/redis'
import { eventually } from '../../tests/support/eventually'
import { testRedis, testRedisUrl, uniqueBotName } from '../../tests/support/redis'
import { readBacklog, recountItems } from './backlog'
import { deadLetterOf, discardDeadLetters, listDeadLetters } from './dead-letters'
import { botKeys } from './keys'
import { openLane } from './lane'
import { type Mailbox, createMailbox } from './post'
import { replayDeadLetter } from './replay'
import * as scripts from './scripts'

const log = createLogger({ name: 'test', level: 'silent' })
const rejected = { reason: 'rejected', explanation: 'no' }
const window = 60_000

let redis: Redis
let producer: RedisClient
let box: Mailbox
let bot: string
beforeEach(async () => {
  bot = uniqueBotName()
  redis = testRedis()
  producer = connectProducer(testRedisUrl(), log)
  await eventually(() => expect([redis.status, producer.status]).toEqual(['ready', 'ready']))
  box = createMailbox(producer, log)
})
afterEach(async () => {
  await box.close()
  producer.disconnect()
  await redis.quit()
})

function text(key: string, user = 'U1', more: object = {}): Event {
  return {
    ...{ key, bot, platform: 'line', type: 'text', text: key, conversation: { kind: 'user', id: user } },
    ...{ occurredAt: 1, receivedAt: 1, raw: {}, messageId: `m-${key}`, ...more },
  }
}
const unsend = (key: string, messageId: string, user = 'U1') => text(key, user, { type: 'unsend', messageId })

/** Works on the head as a drain does. */
async function step(user: string, end: 'finish' | 'park' | 'retry' | 'forgive'): Promise<void> {
  const lane = openLane(redis, { bot, lane: `user:${user}`, token: 't' })
  const head = await lane.take()
  if (!head) return
  if (end === 'retry') await lane.amend(head.item, { orderly: true })
  if (end === 'forgive') await lane.forgive(head.item)
  if (end === 'finish') await lane.finish(head.item)
  if (end === 'park') await lane.finish(head.item, deadLetterOf(bot, `user:${user}`, head.item, rejected))
}

/** The number that Redis keeps, which must be what the lanes hold. */
async function kept(): Promise<number> {
  const keys = botKeys(bot)
  const lanes = await redis.zrange(keys.lanes, 0, '-1')
  const lengths = await Promise.all(lanes.map((lane) => redis.llen(keys.lane(lane))))
  const number = Number(await redis.get(keys.items))
  expect(number).toBe(lengths.reduce((sum, length) => sum + length, 0))
  return number
}

describe('the number of items', () => {
  test('is right after everything that can happen to one', async () => {
    await box.post([text('e1'), text('e2'), text('e1'), text('f1', 'U2')], window)
    expect(await kept()).toBe(3)
    await box.post([text('e2')], window)
    expect(await kept()).toBe(3)
    await box.post(
      [unsend('e3', 'm-e2'), unsend('e4', 'm-late'), text('e5', 'U1', { messageId: 'm-late' })],
      window,
    )
    expect(await kept()).toBe(6)
    for (const end of ['retry', 'forgive'] as const) await step('U1', end)
    expect(await kept()).toBe(6)
    await step('U1', 'park')
    // The tombstone in the place of e2 leaves no letter.
    await step('U1', 'park')
    await step('U2', 'park')
    expect(await kept()).toBe(3)
    const [first, second] = await listDeadLetters(redis, bot)
    await replayDeadLetter(redis, first!, 'drop')
    await replayDeadLetter(redis, first!, 'drop')
    await discardDeadLetters(redis, bot, [second!.id])
    expect(await kept()).toBe(4)
    await openLane(redis, { bot, lane: 'user:U1', token: 'other' }).take()
    for (let i = 0; i < 4; i++) await step('U1', 'finish')
    expect(await kept()).toBe(0)
    await step('U1', 'finish')
    expect(await kept()).toBe(0)
  })

  test('does not change when a write is refused because another drain has the lane', async () => {
    await box.post([text('e1')], window)
    const lost = openLane(redis, { bot, lane: 'user:U1', token: 'old' })
    const head = await lost.take()
    await openLane(redis, { bot, lane: 'user:U1', token: 'new' }).take()
    expect(await lost.finish(head!.item)).toBe('lost')
    expect(await kept()).toBe(1)
  })

  test('is changed by every script that changes the length of a lane', () => {
    const changers = Object.entries(scripts).filter(([, { lua }]) => /'[LR](PUSH|POP|REM|TRIM)X?'/.test(lua))
    expect(changers.map(([name]) => name).sort()).toEqual(['finishScript', 'postScript', 'replayScript'])
    for (const [, { lua }] of changers) expect(lua).toMatch(/'(INCR|INCRBY|DECR)'/)
  })

  test.each([-5, 100])('is mended by a recount when it is %d', async (wrong) => {
    await box.post([text('e1'), text('e2'), text('f1', 'U2')], window)
    await redis.set(botKeys(bot).items, wrong)
    await recountItems(redis, bot)
    expect(await kept()).toBe(3)
    await step('U2', 'finish')
    expect(await kept()).toBe(2)
  })
})

describe('readBacklog', () => {
  test('tells items, lanes, the age of the oldest head and dead letters', async () => {
    expect(await readBacklog(redis, bot)).toEqual({
      items: 0,
      lanes: 0,
      oldestAgeMs: 0,
      deadLetters: 0,
      timers: 0,
      paused: false,
    })
    await box.post([text('e1'), text('e2'), text('f1', 'U2')], window)
    await step('U2', 'park')
    const found = await readBacklog(redis, bot)
    expect(found).toMatchObject({ items: 2, lanes: 1, deadLetters: 1 })
    expect(found.oldestAgeMs).toBeLessThan(30_000)
    await redis.zadd(botKeys(bot).lanes, Date.now() - 60_000, 'user:U1')
    const { oldestAgeMs } = await readBacklog(redis, bot)
    expect(oldestAgeMs).toBeGreaterThanOrEqual(60_000)
    expect(oldestAgeMs).toBeLessThan(90_000)
  })

  test('never tells less than the lanes that wait, nor items where none wait', async () => {
    await box.post([text('e1'), text('f1', 'U2')], window)
    await redis.set(botKeys(bot).items, -3)
    expect(await readBacklog(redis, bot)).toMatchObject({ items: 2, lanes: 2 })
    await redis.del(botKeys(bot).lanes)
    expect(await readBacklog(redis, bot)).toMatchObject({ items: 0, lanes: 0, oldestAgeMs: 0 })
  })

  test('takes a head that is stored by a clock ahead for new', async () => {
    await redis.zadd(botKeys(bot).lanes, Date.now() + 60_000, 'user:U1')
    expect(await readBacklog(redis, bot)).toMatchObject({ lanes: 1, oldestAgeMs: 0 })
  })

  test('rejects at once without a connection', async () => {
    producer.disconnect()
    await eventually(() => expect(producer.status).toBe('end'))
    await expect(readBacklog(producer, bot)).rejects.toThrow('end')
  })
})
