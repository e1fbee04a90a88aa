import type { Redis } from 'ioredis'
import type { Event } from '#libs/contract'
import { createLogger } from '#libs/observability'
import { type RedisClient, connectProducer } from '#libs/redis'
import { eventually } from '../../tests/support/eventually'
import { testRedis, testRedisUrl, uniqueBotName } from '../../tests/support/redis'
import { introduceBot } from './bots'
import { deadLetterOf, deadLetterRefs } from './dead-letters'
import { openQueue } from './drains'
import { botKeys } from './keys'
import { type Mailbox, createMailbox } from './post'
import { latestOfLane, readStory, waitOfLane, waitingStories } from './read-stories'
import { replayDeadLetter } from './replay'
import { type Working, answerHead, laneAt, laneOf, said, storyKeys } from './stories.test.support'
import { sweep } from './sweep'
import type { Timeline } from './timeline'

const log = createLogger({ name: 'test', level: 'silent' })
const window = 60_000

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
  await keep({})
})
afterEach(async () => {
  await box.close()
  producer.disconnect()
  await redis.quit()
})

async function keep(timeline: Partial<Timeline>): Promise<void> {
  working = { redis, bot, timeline: { keep: 'text', days: 7, items: 1000, ...timeline } }
  await introduceBot(redis, bot, 'line', working.timeline)
}

const post = (...events: Event[]) => box.post(events, window)

async function worked(id: string, more: Parameters<typeof said>[2] = {}): Promise<void> {
  const event = said(bot, id, more)
  await post(event)
  await answerHead(working, laneOf(event))
}

const idsOf = async (lane = 'user:U1') =>
  (await latestOfLane(redis, { bot, lane, limit: 100 })).stories.map(({ id }) => id)

describe('the story of an item that has ended', () => {
  test('tells each step, and with text what was said', async () => {
    await worked('e1')
    expect(await readStory(redis, bot, 'e1')).toEqual({
      ...{ id: 'e1', bot, platform: 'line', lane: 'user:U1', conversation: { kind: 'user', id: 'U1' } },
      ...{ userId: 'U1', type: 'text', messageId: 'm-e1', state: 'done', failures: 0, text: 'words of e1' },
      occurredAt: expect.any(Number),
      receivedAt: expect.any(Number),
      storedAt: expect.any(Number),
      endedAt: expect.any(Number),
      steps: [
        { name: 'received', at: expect.any(Number) },
        { name: 'verified', at: expect.any(Number) },
        { name: 'stored', at: expect.any(Number) },
        { name: 'waited', at: expect.any(Number), ms: 1, code: 'worker' },
        { name: 'delivered', at: expect.any(Number) },
      ],
      answers: [{ operation: 'reply', state: 'sent', messages: 1, text: 'answer to e1' }],
    })
  })

  test('has no word of it where only metadata is kept', async () => {
    await keep({ keep: 'metadata' })
    await worked('e1')
    const all = (await redis.hvals(botKeys(bot).stories)).join()
    expect(all).toContain('"messageId":"m-e1"')
    expect(all).not.toMatch(/words of|answer to/)
  })

  test('is not kept at all with none, and no key is made', async () => {
    await keep({ keep: 'none' })
    await worked('e1')
    expect(await storyKeys(working)).toEqual([])
  })

  test('shortens a long text without cutting a character', async () => {
    await worked('e1', { text: `${'a'.repeat(1998)}😀😀` })
    const story = await readStory(redis, bot, 'e1')
    expect(story?.text).toBe(`${'a'.repeat(1998)}…`)
  })

  test('says how long it lay in the journal', async () => {
    await worked('e1', { journaledAt: Date.now() - 5000 })
    const step = (await readStory(redis, bot, 'e1'))?.steps.find(({ name }) => name === 'journaled')
    expect(step?.ms).toBeGreaterThanOrEqual(5000)
  })

  test('of a dead letter says why, and a replayed item is under way again, then one story', async () => {
    const event = said(bot, 'e1')
    await post(event)
    await answerHead(working, 'user:U1', 'rejected')
    const parked = await readStory(redis, bot, 'e1')
    const [ref] = await deadLetterRefs(redis, [bot])
    expect(parked).toMatchObject({ state: 'parked', reason: 'rejected', deadLetter: ref?.id })
    expect(parked?.steps.at(-1)).toMatchObject({ name: 'parked', code: 'rejected' })
    await replayDeadLetter(redis, ref!, 'drop')
    const again = await readStory(redis, bot, 'e1')
    expect(again).toMatchObject({ state: 'waiting', storedAt: parked?.storedAt, replays: 1 })
    expect(again).not.toHaveProperty('deadLetter')
    await answerHead(working, 'user:U1')
    expect(await idsOf()).toEqual(['e1'])
    const steps = (await readStory(redis, bot, 'e1'))?.steps.map(({ name }) => name)
    expect(steps).toEqual('received verified stored waited parked replayed waited delivered'.split(' '))
  })
})

describe('a conversation', () => {
  test('has what is under way in the order of the lane and what has ended the latest first', async () => {
    await worked('e1')
    await worked('e2')
    await post(said(bot, 'e3'), said(bot, 'e4'))
    const first = await latestOfLane(redis, { bot, lane: 'user:U1', limit: 1 })
    expect(first.stories.map(({ id }) => id)).toEqual(['e2'])
    const second = await latestOfLane(redis, { bot, lane: 'user:U1', limit: 1, cursor: first.cursor! })
    expect(second).toMatchObject({ stories: [{ id: 'e1' }] })
    expect(second.cursor).toBeUndefined()
    const waiting = await waitingStories(redis, { bot, lane: 'user:U1', most: 10 })
    expect(waiting.map(({ id, state, text }) => [id, state, text])).toEqual([
      ['e3', 'waiting', 'words of e3'],
      ['e4', 'waiting', 'words of e4'],
    ])
  })

  test('is at work while a try of its head is, and says why it waits after one', async () => {
    await post(said(bot, 'e1'))
    const own = laneAt(working, 'user:U1')
    const { item } = (await own.take())!
    const state = async () => (await waitingStories(redis, { bot, lane: 'user:U1', most: 1 }))[0]
    expect(await state()).toMatchObject({ state: 'working' })
    const until = Date.now() + 60_000
    item.waits = { reason: 'closed', until }
    await own.amend(item, { orderly: true })
    expect(await state()).toMatchObject({ state: 'waiting', reason: 'closed' })
    expect(await waitOfLane(redis, bot, 'user:U1')).toEqual({ reason: 'closed', until })
  })
})

describe('trimming', () => {
  test('keeps as many stories as are asked for, in every key', async () => {
    await keep({ items: 3 })
    for (let i = 1; i <= 6; i++) await worked(`e${i}`, { lane: i <= 2 ? 'user:gone' : 'user:U1' })
    const keys = botKeys(bot)
    expect(await idsOf()).toEqual(['e6', 'e5', 'e4'])
    expect((await redis.hkeys(keys.stories)).sort()).toEqual(['e4', 'e5', 'e6'])
    expect(await redis.zcard(keys.storyTimes)).toBe(3)
    expect(await redis.zrange(keys.conversations, 0, '-1')).toEqual(['user:U1'])
    expect(await redis.exists(keys.storyOf('user:gone'))).toBe(0)
  })

  test('of a large number drops a dozen too many at once', async () => {
    await keep({ items: 1200 })
    const keys = botKeys(bot)
    const many = Array.from({ length: 1211 }, (_, i) => `x${i} user:U1`)
    await redis.zadd(keys.storyTimes, ...many.flatMap((member, i) => [i, member]))
    await worked('e1')
    expect(await redis.zcard(keys.storyTimes)).toBe(1212)
    await worked('e2')
    expect(await redis.zcard(keys.storyTimes)).toBe(1200)
    expect(await redis.zrange(keys.storyTimes, 0, '0')).toEqual(['x13 user:U1'])
  })

  test('of what is too old is done by the sweep', async () => {
    for (let i = 1; i <= 4; i++) await worked(`e${i}`)
    const keys = botKeys(bot)
    const old = Date.now() - 8 * 86_400_000
    for (const id of ['e1', 'e3']) await redis.zadd(keys.storyTimes, old, `${id} user:U1`)
    const queue = openQueue(bot, redis)
    await sweep(queue, { bot, redis, log, timeline: working.timeline })
    expect((await redis.hkeys(keys.stories)).sort()).toEqual(['e2', 'e4'])
    expect(await idsOf()).toEqual(['e4', 'e2'])
    await queue.close()
  })

  test('is done by the sweep for a bot at rest, and of a bot that keeps none any more nothing stays', async () => {
    for (let i = 1; i <= 8; i++) await worked(`e${i}`, { lane: `user:U${i}` })
    const queue = openQueue(bot, redis)
    const sweepWith = async (timeline: Partial<Timeline>) => {
      await keep(timeline)
      await redis.del(botKeys(bot).sweep)
      await sweep(queue, { bot, redis, log, timeline: working.timeline })
    }
    await sweepWith({ items: 5 })
    expect(await redis.hlen(botKeys(bot).stories)).toBe(5)
    await sweepWith({ keep: 'none' })
    expect(await storyKeys(working)).toEqual([])
    await queue.close()
  })

  test('happens by itself where no worker runs any more: every key expires', async () => {
    await worked('e1')
    for (const key of await storyKeys(working)) {
      expect(await redis.pttl(key)).toBeGreaterThan(6.9 * 86_400_000)
    }
  })
})

describe('a message that is taken back', () => {
  const unsend = (id: string, messageId: string): Event =>
    said(bot, id, { type: 'unsend', messageId, text: undefined, raw: null } as Partial<Event>)

  test('is erased from its story and that of its edit, and from no other', async () => {
    await worked('e1')
    await worked('e2', { type: 'messageEdited', messageId: 'm-e1', text: 'edited words' })
    await worked('e3')
    const event = unsend('e4', 'm-e1')
    await post(event)
    if (event.type === 'unsend') await laneAt(working, 'user:U1').eraseUnsent(event)
    expect(await readStory(redis, bot, 'e1')).toMatchObject({
      erased: true,
      answers: [{ operation: 'reply', state: 'sent', messages: 1 }],
    })
    const all = JSON.stringify(await redis.hgetall(botKeys(bot).stories))
    expect(all).not.toMatch(/words of e1|answer to e1|edited words|answer to e2/)
    expect(all).toContain('words of e3')
  })

  test('while a worker parks it: no dead letter is kept, and its story names none', async () => {
    await post(said(bot, 'e1'))
    const own = laneAt(working, 'user:U1')
    const { item } = (await own.take())!
    await post({ ...said(bot, 'u1'), type: 'unsend', messageId: 'm-e1' })
    await own.finish(item, deadLetterOf(bot, 'user:U1', item, { reason: 'rejected', explanation: 'no' }))
    expect(await deadLetterRefs(redis, [bot])).toEqual([])
    const story = await readStory(redis, bot, 'e1')
    expect(story).toMatchObject({ state: 'done', reason: 'unsent', erased: true, messageId: 'm-e1' })
    expect(story).not.toHaveProperty('deadLetter')
    expect(story?.steps.map(({ name }) => name)).not.toContain('parked')
  })

  test('while a worker has it in hand: its story has no text', async () => {
    await post(said(bot, 'e1'))
    const own = laneAt(working, 'user:U1')
    const { item } = (await own.take())!
    item.calls = [
      {
        ...{ operation: 'reply', target: { kind: 'user', id: 'U1' }, state: 'sent' },
        messages: [{ type: 'text', text: 'a late answer' }],
      },
    ]
    await post(unsend('e2', 'm-e1'))
    await own.finish(item)
    const story = await readStory(redis, bot, 'e1')
    expect(story).toMatchObject({ erased: true, state: 'done', answers: [{ messages: 1, state: 'sent' }] })
    expect(JSON.stringify(story)).not.toMatch(/words of|a late answer/)
  })
})
