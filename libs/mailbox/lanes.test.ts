import type { Redis } from 'ioredis'
import type { Event } from '#libs/contract'
import { createLogger } from '#libs/observability'
import { eventually } from '../../tests/support/eventually'
import { testRedis, testRedisUrl, uniqueBotName } from '../../tests/support/redis'
import { type RedisClient, connectProducer, connectWorker } from '#libs/redis'
import { deadLetterOf, listDeadLetters } from './dead-letters'
import { readBacklog } from './backlog'
import { openQueue, wake } from './drains'
import { type PlannedCall, encodeItem, newItem } from './item'
import { botKeys } from './keys'
import { type Lane, openLane } from './lane'
import { createMailbox } from './post'
import { type Drain, startLaneWorker } from './work'

const log = createLogger({ name: 'test', level: 'silent' })
const window = 60_000

function event(bot: string, key: string, user = 'U1'): Event {
  return {
    key,
    bot,
    platform: 'line',
    type: 'text',
    text: key,
    conversation: { kind: 'user', id: user },
    occurredAt: 1,
    receivedAt: 1,
    raw: {},
  }
}

/** A drain that finishes every item and remembers what it saw. */
function recordingDrain(seen: string[]): Drain {
  return async (lane) => {
    let head = await lane.take()
    while (head) {
      seen.push(head.item.id)
      const next = await lane.finish(head.item)
      if (typeof next === 'string') return { kind: 'done' }
      head = next
    }
    return { kind: 'done' }
  }
}

describe('a bot’s mailbox', () => {
  let redis: Redis
  let producer: RedisClient
  let bot: string
  let closers: (() => Promise<unknown>)[]

  beforeEach(async () => {
    bot = uniqueBotName()
    redis = testRedis()
    producer = connectProducer(testRedisUrl(), log)
    await eventually(() => expect(producer.status).toBe('ready'))
    closers = []
  })
  afterEach(async () => {
    for (const close of closers.reverse()) await close()
    producer.disconnect()
    await redis.quit()
  })

  const mailbox = () => {
    const box = createMailbox(producer, log)
    closers.push(() => box.close())
    return box
  }
  const lane = (token: string, user = 'U1'): Lane => openLane(redis, { bot, lane: `user:${user}`, token })
  const work = (drain: Drain) => {
    const connection = connectWorker(testRedisUrl(), log)
    const worker = startLaneWorker({ bot, redis: connection, drain, concurrency: 10, log })
    closers.push(async () => {
      await worker.ready
      await worker.close()
      connection.disconnect()
    })
    return worker
  }

  test('stores an event once, whoever posts it again', async () => {
    const box = mailbox()
    expect(await box.post([event(bot, 'e1'), event(bot, 'e2'), event(bot, 'e1')], window)).toEqual([
      true,
      true,
      false,
    ])
    expect(await box.post([event(bot, 'e2')], window)).toEqual([false])
    expect(await redis.llen(botKeys(bot).lane('user:U1'))).toBe(2)
  })

  test('stores an event whose raw object is nested too deeply to be written', async () => {
    const raw: unknown = JSON.parse('['.repeat(100_000) + ']'.repeat(100_000))
    expect(await mailbox().post([{ ...event(bot, 'deep'), raw }], window)).toEqual([true])
    expect((await lane('t1').take())?.item.event).toMatchObject({ key: 'deep', text: 'deep' })
  })

  test.each(['white space in it', '', '日本語', 'x'.repeat(5000)])(
    'works on an event whose key is %j',
    async (key) => {
      const box = mailbox()
      expect(await box.post([event(bot, key), event(bot, 'next'), event(bot, key)], window)).toEqual([
        true,
        true,
        false,
      ])
      const mine = lane('t1')
      const head = await mine.take()
      expect(head?.item.event.key).toBe(key)
      expect(await mine.finish(head!.item)).toMatchObject({ item: { id: 'next' } })
    },
  )

  test('forgets an event’s key after the dedupe window', async () => {
    const box = mailbox()
    await box.post([event(bot, 'e1')], 30)
    await eventually(async () => expect(await redis.exists(botKeys(bot).seen('e1'))).toBe(0))
    expect(await box.post([event(bot, 'e1')], window)).toEqual([true])
  })

  test('rejects a post as store_unavailable when Redis is not there', async () => {
    const gone = connectProducer('redis://127.0.0.1:1', log)
    const box = createMailbox(gone, log)
    await expect(box.post([event(bot, 'e1')], window)).rejects.toMatchObject({ code: 'store_unavailable' })
    await box.close()
    gone.disconnect()
  })

  test('keeps everything of a bot under one hash tag', async () => {
    await mailbox().post([event(bot, 'e1')], window)
    const keys = await redis.keys(`*${bot}*`)
    expect(keys.length).toBeGreaterThan(3)
    for (const key of keys) expect(key.startsWith(`{hookline:${bot}}`)).toBe(true)
  })

  test('hands out items in order and removes a lane that is empty', async () => {
    await mailbox().post([event(bot, 'e1'), event(bot, 'e2')], window)
    expect(await readBacklog(redis, bot)).toMatchObject({ lanes: 1 })
    const mine = lane('t1')
    const first = await mine.take()
    expect(first).toMatchObject({ crashes: 0, item: { id: 'e1', handled: false } })
    const second = await mine.finish(first!.item)
    expect(second).toMatchObject({ crashes: 0, item: { id: 'e2' } })
    if (typeof second === 'string') throw new Error(second)
    expect(await mine.finish(second.item)).toBe('empty')
    expect(await mine.take()).toBeUndefined()
    for (const key of ['lanes', 'owners', 'starts'] as const)
      expect(await redis.exists(botKeys(bot)[key])).toBe(0)
  })

  test('keeps what was amended, and counts starts until an orderly end', async () => {
    await mailbox().post([event(bot, 'e1')], window)
    await lane('t1').take()
    const again = lane('t2')
    const head = await again.take()
    expect(head?.crashes).toBe(1)
    head!.item.handled = true
    expect(await again.amend(head!.item)).toBe('written')
    // A head that crashed counts only once its turn has come.
    const third = lane('t3')
    expect(await third.take()).toMatchObject({ crashes: 1, item: { handled: true } })
    expect(await third.start(head!.item)).toBe(true)
    const fourth = lane('t4')
    expect(await fourth.take()).toMatchObject({ crashes: 2 })
    expect(await third.start(head!.item)).toBe(false)
    expect(await fourth.amend(head!.item, { orderly: true })).toBe('written')
    expect(await lane('t5').take()).toMatchObject({ crashes: 0 })
  })

  test('keeps the event of what was amended, whatever the texts look like', async () => {
    const text = 'two\nlines, \\n and ,"event":{"type":"image"}'
    const said = { ...event(bot, 'e1'), text, raw: { 'new\nline': '\u2028\n' } } as Event
    await mailbox().post([said, event(bot, 'e2')], window)
    const mine = lane('t1')
    const { item } = (await mine.take())!
    expect(item.event).toEqual(said)
    item.once = { key: { value: text } }
    expect(await mine.amend(item)).toBe('written')
    item.handled = true
    expect(await mine.amend(item)).toBe('written')
    expect((await lane('t2').take())?.item).toEqual(item)
  })

  test('amends what an earlier version stored', async () => {
    const item = newItem(event(bot, 'e1'), Date.now())
    await redis.rpush(botKeys(bot).lane('user:U1'), `e1 ${item.postedAt} ${JSON.stringify(item)}`)
    const mine = lane('t1')
    const head = (await mine.take())!
    expect(head.item).toEqual(item)
    head.item.handled = true
    for (let i = 0; i < 2; i++) expect(await mine.amend(head.item)).toBe('written')
    expect((await lane('t2').take())?.item).toEqual({ ...item, handled: true })
  })

  test('counts the start of the next head with the end of the one before', async () => {
    await mailbox().post([event(bot, 'e1'), event(bot, 'e2')], window)
    const mine = lane('t1')
    const first = await mine.take()
    const second = await mine.finish(first!.item)
    expect(second).toMatchObject({ crashes: 0, item: { id: 'e2' } })
    // Its worker dies now.
    expect(await lane('t2').take()).toMatchObject({ crashes: 1, item: { id: 'e2' } })
  })

  test('takes a start back, of the head only, and never below none', async () => {
    await mailbox().post([event(bot, 'e1'), event(bot, 'e2')], window)
    const mine = lane('t1')
    const head = await mine.take()
    await mine.forgive(head!.item)
    await mine.forgive(head!.item)
    expect(await lane('t2').take()).toMatchObject({ crashes: 0 })
    const third = lane('t3')
    expect(await third.take()).toMatchObject({ crashes: 1 })
    expect(await third.start(head!.item)).toBe(true)
    // The frozen worker of the first start wakes up, while another works on the item.
    await mine.forgive(head!.item)
    expect(await third.finish(head!.item)).toMatchObject({ crashes: 0, item: { id: 'e2' } })
    await mine.forgive(head!.item)
    expect(await lane('t4').take()).toMatchObject({ crashes: 1, item: { id: 'e2' } })
  })

  test('refuses every write of a drain whose lane was taken over', async () => {
    await mailbox().post([event(bot, 'e1'), event(bot, 'e2')], window)
    const old = lane('old')
    const head = await old.take()
    await lane('new').take()
    expect(await old.amend(head!.item)).toBe('lost')
    expect(await old.finish(head!.item)).toBe('lost')
    expect(await redis.llen(botKeys(bot).lane('user:U1'))).toBe(2)
  })

  test('gives a lane away in the middle of a run, which counts for nothing', async () => {
    await mailbox().post([event(bot, 'e1')], window)
    const mine = lane('t1')
    const head = await mine.take()
    expect(await mine.leave()).toBe(true)
    expect(await mine.amend(head!.item)).toBe('lost')
    expect(await mine.finish(head!.item)).toBe('lost')
    expect(await mine.take()).toBeUndefined()
    const second = lane('t2')
    expect(await second.take()).toMatchObject({ crashes: 0, item: { id: 'e1' } })
    // Too late: the lane has another drain by now, whose start must stay counted.
    await mine.leave()
    await mine.forgive(head!.item)
    expect(await second.amend(head!.item)).toBe('written')
    expect(await lane('t3').take()).toMatchObject({ crashes: 1 })
  })

  test('takes back no start that it did not count when it gives a lane away', async () => {
    await mailbox().post([event(bot, 'e1')], window)
    await lane('t1').take()
    const waits = lane('t2')
    expect(await waits.take()).toMatchObject({ crashes: 1 })
    await waits.leave()
    const starts = lane('t3')
    const head = await starts.take()
    expect(head).toMatchObject({ crashes: 1 })
    await starts.start(head!.item)
    await starts.leave()
    expect(await lane('t4').take()).toMatchObject({ crashes: 1 })
  })

  test('keeps a lane while a call is under way', async () => {
    await mailbox().post([event(bot, 'e1')], window)
    const mine = lane('t1')
    const { item } = (await mine.take())!
    const call: PlannedCall = {
      operation: 'push',
      target: { kind: 'user', id: 'U1' },
      messages: [],
      state: 'sending',
    }
    item.pushes = [[call]]
    await mine.amend(item)
    expect(await mine.leave()).toBe(false)
    call.state = 'sent'
    expect(await mine.amend(item)).toBe('written')
    expect(await mine.leave()).toBe(true)
  })

  test('gives the lanes of drains that do not end to another worker, at once', async () => {
    let letGo = () => {}
    const stuck = new Promise<void>((resolve) => (letGo = resolve))
    const taken: string[] = []
    const hanging = work(async (mine) => {
      const head = await mine.take()
      taken.push(head?.item.id ?? '')
      await stuck
      return { kind: 'done' }
    })
    await mailbox().post([event(bot, 'e1', 'A'), event(bot, 'e2', 'B'), event(bot, 'e3', 'A')], window)
    await eventually(() => expect([...taken].sort()).toEqual(['e1', 'e2']))
    const seen: (string | number)[][] = []
    work(async (mine) => {
      let head = await mine.take()
      while (head) {
        seen.push([head.item.id, head.crashes])
        const next = await mine.finish(head.item)
        head = typeof next === 'string' ? undefined : next
      }
      return { kind: 'done' }
    })
    const closed = hanging.close()
    const abandonedAt = performance.now()
    await hanging.abandon()
    await eventually(() => expect(seen).toHaveLength(3))
    // Not by the stalled check, which has to wait until the lock of 5 s has run out.
    expect(performance.now() - abandonedAt).toBeLessThan(4000)
    expect(seen).toEqual(
      expect.arrayContaining([
        ['e1', 0],
        ['e2', 0],
        ['e3', 0],
      ]),
    )
    letGo()
    await closed
  })

  test('parks the head as a dead letter and goes on with the next', async () => {
    await mailbox().post([event(bot, 'e1'), event(bot, 'e2')], window)
    const mine = lane('t1')
    const head = await mine.take()
    const letter = deadLetterOf(bot, 'user:U1', head!.item, { reason: 'rejected', explanation: 'no' })
    expect(await mine.finish(head!.item, letter)).toMatchObject({ item: { id: 'e2' } })
    expect(await listDeadLetters(redis, bot)).toEqual([letter])
  })

  test('drains each lane in order, however the posts are spread', async () => {
    const seen: string[] = []
    work(recordingDrain(seen))
    const box = mailbox()
    for (let i = 0; i < 20; i++) {
      await box.post([event(bot, `a${i}`, 'A'), event(bot, `b${i}`, 'B')], window)
    }
    await eventually(() => expect(seen).toHaveLength(40))
    for (const user of ['a', 'b']) {
      const own = seen.filter((id) => id.startsWith(user))
      expect(own).toEqual(Array.from({ length: 20 }, (_, i) => `${user}${i}`))
    }
  })

  test('starts a drain again after a retry and after a postponement, with the same head', async () => {
    const runs: string[] = []
    work(async (taken) => {
      const head = await taken.take()
      if (!head) return { kind: 'done' }
      runs.push(head.item.id)
      await taken.amend(head.item)
      if (runs.length === 1) return { kind: 'retry', delayMs: 10 }
      if (runs.length === 2) return { kind: 'postpone', delayMs: 10 }
      await taken.finish(head.item)
      return { kind: 'done' }
    })
    await mailbox().post([event(bot, 'e1')], window)
    await eventually(() => expect(runs).toEqual(['e1', 'e1', 'e1']))
  })

  test('gives a lane that yields its next turn', async () => {
    const seen: string[] = []
    work(async (taken) => {
      const head = await taken.take()
      if (!head) return { kind: 'done' }
      seen.push(head.item.id)
      const next = await taken.finish(head.item)
      return { kind: next === 'empty' ? 'done' : 'yield' }
    })
    await mailbox().post([event(bot, 'e1'), event(bot, 'e2'), event(bot, 'e3')], window)
    await eventually(() => expect(seen).toEqual(['e1', 'e2', 'e3']))
  })

  test('wakes a lane that has items and no drain', async () => {
    // An ingress died between storing and waking, and nobody posts to the lane again.
    const item = newItem(event(bot, 'e1'), Date.now() - 60_000)
    await redis.rpush(botKeys(bot).lane('user:U1'), encodeItem(item))
    await redis.zadd(botKeys(bot).lanes, item.postedAt, 'user:U1')
    const seen: string[] = []
    work(recordingDrain(seen))
    await eventually(() => expect(seen).toEqual(['e1']))
  })

  test('wakes a lane once more where its events came after their wake-up', async () => {
    const seen: string[] = []
    let drains = 0
    const record = recordingDrain(seen)
    work((taken, context) => {
      drains += 1
      return record(taken, context)
    })
    const box = mailbox()
    await box.post([event(bot, 'e1')], window)
    await eventually(() => expect(seen).toEqual(['e1']))
    // As after a failover: the new primary knows BullMQ's scripts, but not that of the post.
    const queue = openQueue(bot, redis)
    closers.push(() => queue.close())
    await redis.script('FLUSH')
    await wake(queue, ['user:other'])
    await eventually(() => expect(drains).toBe(2))
    const evalNow = producer.eval.bind(producer) as (...args: unknown[]) => Promise<unknown>
    jest.spyOn(producer, 'eval').mockImplementation(async (...args: unknown[]) => {
      await eventually(() => expect(drains).toBe(3))
      return evalNow(...args)
    })
    await box.post([event(bot, 'e2')], window)
    await eventually(() => expect(seen).toEqual(['e1', 'e2']), 3000)
  })

  test('never loses the wake-up of an event that arrives while the lane is being emptied', async () => {
    const seen: string[] = []
    const box = mailbox()
    let late: Promise<unknown> | undefined
    work(async (taken) => {
      const head = await taken.take()
      if (!head) return { kind: 'done' }
      seen.push(head.item.id)
      const next = await taken.finish(head.item)
      // The lane is empty for this drain; now, before its job is done, another event comes in.
      if (head.item.id === 'e1') late = box.post([event(bot, 'e2')], window)
      await late
      return { kind: next === 'empty' ? 'done' : 'yield' }
    })
    await box.post([event(bot, 'e1')], window)
    await eventually(() => expect(seen).toEqual(['e1', 'e2']))
  })
})
