import type { Redis } from 'ioredis'
import type { Event } from '#libs/contract'
import { createLogger } from '#libs/observability'
import { eventually } from '../../tests/support/eventually'
import { testRedis, testRedisUrl, uniqueBotName } from '../../tests/support/redis'
import { connectWorker } from '#libs/redis'
import {
  type DeadLetter,
  botsWithDeadLetters,
  deadLetterOf,
  deadLetterRefs,
  discardDeadLetters,
  listDeadLetters,
  readDeadLetters,
} from './dead-letters'
import { readBacklog } from './backlog'
import { type Item, type PlannedCall, newItem } from './item'
import { botKeys } from './keys'
import { openLane } from './lane'
import { planReplay, replayDeadLetter, wakeLanes } from './replay'
import { startLaneWorker } from './work'

const log = createLogger({ name: 'test', level: 'silent' })
const target = { kind: 'user', id: 'U1' } as const
const minute = 60_000

function textEvent(bot: string, more: Partial<Event> = {}): Event {
  const event: Event = {
    key: 'e1',
    bot,
    platform: 'line',
    type: 'text',
    text: 'ping',
    conversation: target,
    occurredAt: Date.now() - 2 * minute,
    receivedAt: Date.now() - 2 * minute,
    raw: {},
  }
  return Object.assign(event, more)
}

const token = (expiresAt: number) => ({ token: 'fake-reply-token', expiresAt })
const dead = () => token(Date.now() - minute)
const alive = () => token(Date.now() + minute)

function call(operation: string, state: PlannedCall['state'], more: Partial<PlannedCall> = {}): PlannedCall {
  return { operation, target, messages: [{ type: 'text', text: operation }], state, ...more }
}

let redis: Redis
let bot: string
beforeEach(() => {
  redis = testRedis()
  bot = uniqueBotName()
})
afterEach(() => redis.quit())

const itemOf = (more: Partial<Item> = {}, event: Partial<Event> = {}): Item => ({
  ...newItem(textEvent(bot, event), Date.now() - 2 * minute),
  ...more,
})

/** Stores a letter as a drain parks it: through the lane. */
async function park(item: Item, reason = 'rejected', lane = 'user:U1'): Promise<DeadLetter> {
  await redis.rpush(botKeys(bot).lane(lane), `${item.id} ${item.postedAt} ${JSON.stringify(item)}`)
  const drain = openLane(redis, { bot, lane, token: 't1' })
  const head = await drain.take()
  const letter = deadLetterOf(bot, lane, item, { reason, explanation: 'no' })
  expect(await drain.finish(head!.item, letter)).toBe('empty')
  return letter
}

describe('planReplay', () => {
  const plan = (item: Item, late: 'push' | 'drop' = 'drop', reason = 'rejected') =>
    planReplay({ item, reason }, late)
  const fates = (item: Item, late?: 'push' | 'drop') =>
    plan(item, late).calls.map(({ fate, maybeTwice }) => (maybeTwice ? `${fate}, maybe twice` : fate))

  test('runs the handler again when it had not returned', () => {
    expect(plan(itemOf({}, { replyToken: dead() }))).toEqual({
      late: 'drop',
      runsHandler: true,
      replyToken: 'dead',
      calls: [],
    })
    expect(plan(itemOf({}, { replyToken: alive() }))).toMatchObject({ replyToken: 'alive' })
  })

  test('sends what was not sent, and nothing that was', () => {
    const item = itemOf({ handled: true, calls: [call('push', 'sent'), call('push', 'waiting')] })
    expect(fates(item)).toEqual(['sent', 'send'])
    expect(plan(item).runsHandler).toBe(false)
  })

  test('leaves a reply whose token is dead where it is, unless it may become a push', () => {
    const item = itemOf({
      handled: true,
      calls: [call('reply', 'waiting', { replyToken: dead() }), call('push', 'waiting')],
    })
    expect(plan(item)).toMatchObject({ skip: 'late_reply' })
    expect(fates(item)).toEqual(['withhold', 'send'])
    expect(plan(item, 'push').skip).toBeUndefined()
    expect(fates(item, 'push')).toEqual(['push', 'send'])
  })

  test('treats replies beyond the five of a token in the same way', () => {
    const item = itemOf({ handled: true, calls: [call('reply', 'sent'), call('parked', 'waiting')] })
    expect(plan(item).skip).toBe('late_reply')
    expect(fates(item, 'push')).toEqual(['sent', 'push'])
  })

  test('sends a reply whose token is alive through it', () => {
    const item = itemOf({ handled: true, calls: [call('reply', 'sending', { replyToken: alive() })] })
    expect(fates(item)).toEqual(['send'])
  })

  test.each(['reply_token_expired', 'maybe_sent'])(
    'takes a token for dead after %s, whatever its time',
    (reason) => {
      const item = itemOf({ handled: true, calls: [call('reply', 'waiting', { replyToken: alive() })] })
      expect(plan(item, 'drop', reason).skip).toBe('late_reply')
    },
  )

  test.each([
    ['lineworks', 'users.messages', 'sending', 1, 'send, maybe twice'],
    ['tocaro', 'groups.messages', 'sending', 1, 'send, maybe twice'],
    ['line', 'push', 'sending', 1, 'send'],
    ['line', 'push', 'sending', 25 * 60, 'send, maybe twice'],
    ['lineworks', 'users.messages', 'waiting', 1, 'send'],
  ] as const)('says whether a repeat on %s (%s, %s, %i min old) may be seen', (...row) => {
    const [platform, operation, state, minutes, fate] = row
    const receivedAt = Date.now() - minutes * minute
    expect(
      fates(itemOf({ handled: true, calls: [call(operation, state)] }, { platform, receivedAt })),
    ).toEqual([fate])
  })

  test('counts a call of an unknown outcome as one that may come twice', () => {
    const calls = [call('users.messages', 'waiting', { uncertain: true })]
    expect(fates(itemOf({ handled: true, calls }, { platform: 'lineworks' }))).toEqual(['send, maybe twice'])
    const late = call('reply', 'waiting', { uncertain: true, replyToken: dead() })
    expect(fates(itemOf({ handled: true, calls: [late] }), 'push')).toEqual(['push, maybe twice'])
  })

  test('never sends what the handler gave up pushing', () => {
    const pushes = [[call('push', 'sent')], [call('push', 'waiting')]]
    expect(fates(itemOf({ handled: true, pushes }))).toEqual(['sent'])
    expect(fates(itemOf({ handled: false, pushes }))).toEqual(['sent', 'send'])
  })

  test('leaves what nobody understood', () => {
    const unknown = {
      type: 'unknown',
      reason: 'no JSON',
      conversation: { kind: 'none', id: 'none' },
    } as const
    expect(plan(itemOf({}, unknown as Partial<Event>)).skip).toBe('not_understood')
  })
})

describe('replayDeadLetter', () => {
  const head = (lane = 'user:U1') => openLane(redis, { bot, lane, token: 't2' }).take()

  test('puts the item back with fresh budgets and its whole past', async () => {
    const attempts = [{ at: 1, step: 'handler', code: 'handler_threw', words: 'boom' } as const]
    const letter = await park(itemOf({ failures: 12, attempts }))
    const before = Date.now()
    expect(await replayDeadLetter(redis, letter, 'drop')).toEqual({ result: 'replayed', lane: 'user:U1' })
    expect(await listDeadLetters(redis, bot)).toEqual([])
    const again = await head()
    expect(again?.item).toMatchObject({ id: 'e1', failures: 0, attempts, replays: 1, lateReplies: 'drop' })
    expect(again?.item.postedAt).toBeGreaterThanOrEqual(before)
    expect(again?.item.event).toEqual(letter.item.event)
    expect(await redis.zscore(botKeys(bot).lanes, 'user:U1')).toBe(String(again?.item.postedAt))
  })

  test('keeps the reply token in the item although nobody gets to read it', async () => {
    const letter = await park(itemOf({}, { replyToken: alive() }))
    const [read] = await listDeadLetters(redis, bot)
    expect(JSON.stringify(read)).not.toContain('fake-reply-token')
    await replayDeadLetter(redis, letter, 'drop')
    expect((await head())?.item.event.replyToken?.token).toBe('fake-reply-token')
  })

  test('goes behind what waits in the lane, whose head and score stay', async () => {
    const letter = await park(itemOf())
    const waiting = newItem(textEvent(bot, { key: 'e2' }), 5)
    await redis.rpush(botKeys(bot).lane('user:U1'), `e2 5 ${JSON.stringify(waiting)}`)
    await redis.zadd(botKeys(bot).lanes, 5, 'user:U1')
    await replayDeadLetter(redis, letter, 'drop')
    expect((await head())?.item.id).toBe('e2')
    expect(await redis.zscore(botKeys(bot).lanes, 'user:U1')).toBe('5')
    expect(await redis.llen(botKeys(bot).lane('user:U1'))).toBe(2)
  })

  test('is won by one of many who try at once', async () => {
    const letter = await park(itemOf())
    const results = await Promise.all(
      Array.from({ length: 20 }, () => replayDeadLetter(redis, letter, 'drop')),
    )
    expect(results.filter(({ result }) => result === 'replayed')).toHaveLength(1)
    expect(results.filter(({ result }) => result === 'gone')).toHaveLength(19)
    expect(await redis.llen(botKeys(bot).lane('user:U1'))).toBe(1)
  })

  test('does not undo what changed the letter while it was read', async () => {
    const letter = await park(itemOf())
    const erased = { ...letter, item: { ...letter.item, event: { ...letter.item.event, text: '' } } }
    const original = redis.hget.bind(redis)
    const changing = Object.assign(Object.create(redis) as Redis, {
      hget: async (key: string, field: string) => {
        const text = await original(key, field)
        await redis.hset(key, field, JSON.stringify(erased))
        return text
      },
    })
    expect(await replayDeadLetter(changing, letter, 'drop')).toMatchObject({ result: 'replayed' })
    expect((await head())?.item.event).toMatchObject({ text: '' })
  })

  test('makes an unclear call anew and remembers that it was unclear', async () => {
    const calls = [call('users.messages', 'sent'), call('users.messages', 'sending')]
    const letter = await park(itemOf({ handled: true, calls }, { platform: 'lineworks' }))
    await replayDeadLetter(redis, letter, 'drop')
    expect((await head())?.item.calls).toMatchObject([
      { state: 'sent' },
      { state: 'waiting', uncertain: true },
    ])
  })

  test('never orders replies that exist to be dropped, and pushes them when told to', async () => {
    const handled = () =>
      itemOf({ handled: true, calls: [call('reply', 'waiting', { replyToken: alive() })] })
    await replayDeadLetter(redis, await park(handled()), 'drop')
    expect((await head())?.item.lateReplies).toBeUndefined()
    await redis.del(botKeys(bot).lane('user:U1'))
    await replayDeadLetter(redis, await park(handled()), 'push')
    expect((await head())?.item.lateReplies).toBe('push')
  })

  test('keeps a letter whose reply would be lost', async () => {
    const calls = [call('reply', 'waiting', { replyToken: dead() })]
    const letter = await park(itemOf({ handled: true, calls }))
    expect(await replayDeadLetter(redis, letter, 'drop')).toMatchObject({ result: 'skipped' })
    expect((await readBacklog(redis, bot)).deadLetters).toBe(1)
    expect(await head()).toBeUndefined()
    expect(await replayDeadLetter(redis, letter, 'push')).toMatchObject({ result: 'replayed' })
  })

  test('starts an item that crashed with a clean count', async () => {
    const lane = (drain: string) => openLane(redis, { bot, lane: 'user:U1', token: drain })
    const item = itemOf()
    await redis.rpush(botKeys(bot).lane('user:U1'), `e1 ${item.postedAt} ${JSON.stringify(item)}`)
    await lane('a').take()
    await lane('b').take()
    await lane('b').start(item)
    expect((await lane('c').take())?.crashes).toBe(2)
    const letter = deadLetterOf(bot, 'user:U1', item, { reason: 'crashed', explanation: '' })
    await lane('c').finish(item, letter)
    await replayDeadLetter(redis, letter, 'drop')
    expect(await lane('d').take()).toMatchObject({ crashes: 0, item: { replays: 1 } })
  })

  test('wakes the lane, so that a worker takes the item up at once', async () => {
    const letter = await park(itemOf())
    const connection = connectWorker(testRedisUrl(), log)
    const seen: string[] = []
    const drain = async (lane: ReturnType<typeof openLane>) => {
      const taken = await lane.take()
      if (taken) {
        seen.push(taken.item.id)
        await lane.finish(taken.item)
      }
      return { kind: 'done' as const }
    }
    const worker = startLaneWorker({ bot, redis: connection, drain, concurrency: 1, log })
    await worker.ready
    const { lane } = await replayDeadLetter(redis, letter, 'drop')
    await wakeLanes(redis, bot, [lane])
    await eventually(() => expect(seen).toEqual(['e1']))
    await worker.close()
    connection.disconnect()
  })
})

describe('the dead letters of all bots', () => {
  const all = async (refs: Parameters<typeof readDeadLetters>[1], filter = {}) => {
    const found: DeadLetter[] = []
    for await (const letter of readDeadLetters(redis, refs, filter)) found.push(letter)
    return found
  }

  test('are found without any configuration', async () => {
    await park(itemOf())
    expect(await botsWithDeadLetters(redis)).toContain(bot)
  })

  test('are read in order across bots, and only those that are meant', async () => {
    const bots = [bot, uniqueBotName()]
    for (let i = 0; i < 250; i++) {
      const name = bots[i % 2] ?? bot
      const item = itemOf({}, { bot: name, platform: i % 5 === 0 ? 'tocaro' : 'line' })
      const letter: DeadLetter = {
        ...deadLetterOf(name, 'user:U1', item, { reason: i < 100 ? 'rejected' : 'crashed', explanation: '' }),
        parkedAt: 1000 + i,
      }
      await redis.hset(botKeys(name).deadLetters, letter.id, JSON.stringify(letter))
      await redis.zadd(botKeys(name).deadLetterTimes, letter.parkedAt, letter.id)
    }
    const refs = await deadLetterRefs(redis, bots)
    const times = (letters: DeadLetter[]) => letters.map(({ parkedAt }) => parkedAt - 1000)
    expect(times(await all(refs))).toEqual(Array.from({ length: 250 }, (_, i) => i))
    expect(times(await all(refs, { bot: bots[1], reason: 'rejected', since: 1095 }))).toEqual([95, 97, 99])
    expect(times(await all(refs, { platform: 'tocaro', before: 1011 }))).toEqual([0, 5, 10])
    expect(times(await all([...refs].reverse())).slice(0, 2)).toEqual([249, 248])
  })

  test('hide reply tokens wherever they stand', async () => {
    const calls = [call('reply', 'waiting', { replyToken: dead() })]
    await park(itemOf({ calls, pushes: [calls] }, { replyToken: dead() }))
    const unknown = { type: 'unknown', reason: 'x', raw: '{"replyToken": "fake-reply-token"}' } as const
    await park(itemOf({}, unknown))
    const nested = { ...unknown, raw: [{ replyToken: 'fake-reply-token', text: 'kept' }] }
    await park(itemOf({}, nested))
    const letters = await listDeadLetters(redis, bot)
    expect(letters).toHaveLength(3)
    expect(JSON.stringify(letters)).not.toContain('fake-reply-token')
    const raws = letters.map(({ item }) => item.event.raw)
    expect(raws).toContainEqual([{ replyToken: '[secret]', text: 'kept' }])
  })

  test('are discarded once, and others stay', async () => {
    const first = await park(itemOf())
    const second = await park(itemOf())
    expect(await discardDeadLetters(redis, bot, [first.id, 'unknown'])).toBe(1)
    expect(await discardDeadLetters(redis, bot, [first.id])).toBe(0)
    expect((await listDeadLetters(redis, bot)).map(({ id }) => id)).toEqual([second.id])
    expect(await discardDeadLetters(redis, bot, [second.id])).toBe(1)
    expect(await botsWithDeadLetters(redis)).not.toContain(bot)
  })
})
