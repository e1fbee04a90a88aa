import type { Redis } from 'ioredis'
import type { Event } from '#libs/contract'
import { createLogger } from '#libs/observability'
import { type RedisClient, connectWorker } from '#libs/redis'
import { eventually } from '../../tests/support/eventually'
import { testRedis, testRedisUrl, uniqueBotName } from '../../tests/support/redis'
import { readBacklog } from './backlog'
import { newItem } from './item'
import { botKeys } from './keys'
import { openLane } from './lane'
import { createMailbox } from './post'
import { type Schedule, tendSchedules } from './schedules'
import { type Fired, type TimerWorker, startTimerWorker } from './timer-worker'
import { type Timer, createAlarms, openTimerQueue } from './timers'

const log = createLogger({ name: 'test', level: 'silent' })

let redis: Redis
let bot: string
let closers: (() => Promise<unknown>)[]

beforeEach(() => {
  bot = uniqueBotName()
  redis = testRedis()
  closers = []
})
afterEach(async () => {
  for (const close of closers.reverse()) await close()
  await redis.quit()
})

const text = (key: string): Event => ({
  ...{ key, bot, platform: 'line', type: 'text', text: key, conversation: { kind: 'user', id: 'U1' } },
  ...{ userId: 'U1', occurredAt: 1, receivedAt: 1, raw: {} },
})

async function lanesWith(keys: string[]) {
  const box = createMailbox(redis, log)
  await box.post(keys.map(text), 60_000)
  await box.close()
  const lane = (token: string) => openLane(redis, { bot, lane: 'user:U1', token })
  return { first: lane('t1'), second: lane('t2') }
}

const connection = (): RedisClient => {
  const client = connectWorker(testRedisUrl(), log)
  closers.push(async () => client.disconnect())
  return client
}

/** A worker as a process has it; what it fired is told. */
async function work(fired: string[], schedules: Schedule[] = []): Promise<TimerWorker> {
  const worker = startTimerWorker({
    ...{ bot, platform: 'line', redis: connection(), schedules, log },
    onFired: (kind, result: Fired) => fired.push(`${kind} ${result}`),
  })
  closers.push(() => worker.close())
  await worker.ready
  return worker
}

const waiting = async (lane = 'user:U1') => {
  const items = await redis.lrange(botKeys(bot).lane(lane), 0, -1)
  return items.map((item) => (JSON.parse(item.slice(item.indexOf('{'))) as { event: Event }).event)
}

describe('what a conversation remembers', () => {
  test('is written with the item', async () => {
    const { first } = await lanesWith(['e1'])
    const head = await first.take()
    if (!head) throw new Error('no head')
    expect(await first.recall()).toBeUndefined()
    expect(await first.amend(head.item, { memory: { value: { n: 1 }, ttlMs: 60_000 } })).toBe('written')
    expect(await first.recall()).toEqual({ n: 1 })
    expect(await redis.pttl(botKeys(bot).memory('user:U1'))).toBeGreaterThan(50_000)
    await first.amend(head.item)
    expect(await first.recall()).toEqual({ n: 1 })
    await first.amend(head.item, { memory: { value: undefined, ttlMs: 0 } })
    expect(await first.recall()).toBeUndefined()
  })

  test('is not written by a worker that lost the lane, nor are its timers', async () => {
    const { first, second } = await lanesWith(['e1'])
    const head = await first.take()
    await second.take()
    if (!head) throw new Error('no head')
    expect(await first.amend(head.item, { memory: { value: { n: 1 }, ttlMs: 60_000 } })).toBe('lost')
    expect(await first.setTimers(head.item, [{ name: 'a', set: { id: 'x', at: 1 } }])).toBe('lost')
    expect(await second.recall()).toBeUndefined()
    expect(await second.isCurrentTimer('a', 'x')).toBe(false)
  })

  test('is not changed by an event that its user took back meanwhile', async () => {
    const { first } = await lanesWith(['e1'])
    const head = await first.take()
    if (!head) throw new Error('no head')
    await redis.lset(botKeys(bot).lane('user:U1'), 0, 'e1 1 {"erased":true}')
    expect(await first.amend(head.item, { memory: { value: 1, ttlMs: 60_000 } })).toBe('erased')
    expect(await first.recall()).toBeUndefined()
  })
})

describe('timers', () => {
  const timer = (id: string, at: number, name = 'remind'): Timer => ({
    lane: 'user:U1',
    event: {
      ...{ type: 'timer', name, key: id, bot, platform: 'line', occurredAt: at, raw: {} },
      ...{ conversation: { kind: 'user', id: 'U1' }, userId: 'U1', data: { a: 1 } },
    },
  })
  /** As a handler does: first which one counts, then the alarm. */
  async function set(id: string, inMs: number) {
    const { first } = await lanesWith([`set ${id}`])
    const head = await first.take()
    const at = Date.now() + inMs
    const before = await first.setTimers(head?.item ?? newItem(text('x'), 1), [
      { name: 'remind', set: { id, at } },
    ])
    if (head) await first.finish(head.item)
    const queue = openTimerQueue(bot, redis)
    await createAlarms(queue).set(timer(id, at))
    await queue.close()
    return before
  }

  test('become one event in the conversation’s lane, whichever worker fires them, also after all were away', async () => {
    await set('t1', 200)
    expect(await readBacklog(redis, bot)).toMatchObject({ timers: 1 })
    const fired: string[] = []
    await Promise.all([work(fired), work(fired)])
    const events = await eventually(async () => {
      const found = await waiting()
      expect(found).toHaveLength(1)
      return found
    })
    expect(events[0]).toMatchObject({
      type: 'timer',
      name: 'remind',
      key: 't1',
      userId: 'U1',
      data: { a: 1 },
    })
    expect(events[0]?.receivedAt).toBeGreaterThanOrEqual(events[0]?.occurredAt ?? Infinity)
    await eventually(() => expect(fired).toEqual(['timer posted']))
    expect(await readBacklog(redis, bot)).toMatchObject({ timers: 0 })
  })

  test('that fire twice because a worker died in between are one event', async () => {
    const fired: string[] = []
    const { alarms } = await work(fired)
    await set('t1', 1)
    await eventually(() => expect(fired).toEqual(['timer posted']))
    await eventually(async () => {
      await alarms.set(timer('t1', Date.now()))
      expect(fired).toContain('timer repeated')
    })
    expect(await waiting()).toHaveLength(1)
  })

  test('that are replaced do not fire', async () => {
    const fired: string[] = []
    await set('t1', 1)
    expect(await set('t2', 1)).toEqual(['t1'])
    await work(fired)
    await eventually(() => expect([...fired].sort()).toEqual(['timer cancelled', 'timer posted']))
    expect((await waiting()).map(({ key }) => key)).toEqual(['t2'])
  })

  test('that are taken back leave nothing behind', async () => {
    await set('t1', 60_000)
    const queue = openTimerQueue(bot, redis)
    closers.push(() => queue.close())
    await createAlarms(queue).remove(['t1', 'never there'])
    expect(await queue.getDelayedCount()).toBe(0)
  })
})

describe('schedules', () => {
  const everySecond = { name: 'tick', cron: '* * * * * *', timeZone: 'Asia/Tokyo' }

  test('fire once per time in the whole fleet, each in its own lane', async () => {
    const fired: string[] = []
    await Promise.all([work(fired, [everySecond]), work(fired, [everySecond]), work(fired, [everySecond])])
    const events = await eventually(async () => {
      const found = await waiting('none:every:tick')
      expect(found.length).toBeGreaterThanOrEqual(3)
      return found
    })
    const times = events.map(({ occurredAt }) => occurredAt)
    expect(new Set(times).size).toBe(times.length)
    expect(times.every((time) => time % 1000 === 0)).toBe(true)
    expect(events[0]).toMatchObject({ type: 'timer', name: 'every:tick', conversation: { kind: 'none' } })
    expect(fired).not.toContain('schedule repeated')
  })

  test('go by their time zone, and are set anew only when they changed', async () => {
    const queue = openTimerQueue(bot, redis)
    closers.push(() => queue.close())
    const tend = (cron: string) =>
      tendSchedules(queue, { bot, redis, log, schedules: [{ name: 'm', cron, timeZone: 'Asia/Tokyo' }] })
    await tend('0 9 * * *')
    const [job] = await queue.getDelayed()
    expect(new Date((await queue.getJobScheduler('m'))?.next ?? 0).getUTCHours()).toBe(0)
    await tend('0 9 * * *')
    expect((await queue.getDelayed()).map(({ timestamp }) => timestamp)).toEqual([job?.timestamp])
    await tend('0 10 * * *')
    expect(new Date((await queue.getJobScheduler('m'))?.next ?? 0).getUTCHours()).toBe(1)
    expect(await queue.getDelayedCount()).toBe(1)
  })

  test('are removed when no worker wants them any more, and not before', async () => {
    const queue = openTimerQueue(bot, redis)
    closers.push(() => queue.close())
    const named = (name: string) => ({ name, cron: '0 9 * * *', timeZone: 'UTC' })
    const tend = (schedules: Schedule[], unwantedAfter?: number) =>
      tendSchedules(queue, { bot, redis, log, schedules }, unwantedAfter)
    const names = async () => (await queue.getJobSchedulers()).map(({ key }) => key).sort()
    await tend([named('old'), named('both')])
    await tend([named('new'), named('both')])
    expect(await names()).toEqual(['both', 'new', 'old'])
    await tend([named('new'), named('both')], -1)
    await tend([named('new'), named('both')])
    expect(await names()).toEqual(['both', 'new'])
  })
})
