import type { Redis } from 'ioredis'
import type { Event } from '#libs/contract'
import { createLogger } from '#libs/observability'
import { eventually } from '../../tests/support/eventually'
import { testRedis, testRedisUrl, uniqueBotName } from '../../tests/support/redis'
import { type RedisClient, connectProducer } from '#libs/redis'
import { type DeadLetter, deadLetterOf, listDeadLetters } from './dead-letters'
import type { Item } from './item'
import { botKeys } from './keys'
import { type Lane, openLane } from './lane'
import { type Mailbox, createMailbox } from './post'

const log = createLogger({ name: 'test', level: 'silent' })
const window = 60_000
const secret = 'what the user regrets'

let redis: Redis
let producer: RedisClient
let box: Mailbox
let bot: string

beforeEach(async () => {
  bot = uniqueBotName()
  redis = testRedis()
  producer = connectProducer(testRedisUrl(), log)
  await eventually(() => expect(producer.status).toBe('ready'))
  box = createMailbox(producer, log)
})
afterEach(async () => {
  await box.close()
  producer.disconnect()
  await redis.quit()
})

const base = (key: string, of = bot) =>
  ({
    key,
    bot: of,
    platform: 'line',
    conversation: { kind: 'group', id: 'C1' },
    userId: 'U1',
    occurredAt: 1_790_000_000_123,
    receivedAt: 1_790_000_000_456,
  }) as const
const message = (key: string, messageId: string, more: Partial<Event> = {}): Event =>
  ({
    ...base(key),
    raw: {
      type: 'message',
      message: { id: messageId, text: secret },
    },
    type: 'text',
    text: secret,
    messageId,
    ...more,
  }) as Event
const unsend = (key: string, messageId: string, of = bot): Event => ({
  ...base(key, of),
  raw: { type: 'unsend', unsend: { messageId } },
  type: 'unsend',
  messageId,
})

const lane = (token = 't1', of = bot): Lane => openLane(redis, { bot: of, lane: 'group:C1', token })
const stored = async (of = bot) => redis.lrange(botKeys(of).lane('group:C1'), 0, -1)
/** Everything that Redis holds of the bot. */
async function dump(): Promise<string> {
  const keys = botKeys(bot)
  return JSON.stringify([
    await stored(),
    await redis.hgetall(keys.deadLetters),
    await Promise.all((await redis.keys(`${keys.prefix}:unsent:*`)).map((key) => redis.get(key))),
  ])
}

/** Works on every item of the lane; ids of those that are still to be handled. */
async function drain(): Promise<string[]> {
  const handled: string[] = []
  const mine = lane('drain')
  let head = await mine.take()
  while (head) {
    if (!head.item.erased) handled.push(head.item.id)
    const next = await mine.finish(head.item)
    if (typeof next === 'string') break
    head = next
  }
  return handled
}

describe('posting an unsend event', () => {
  test('erases the message that waits, leaves a tombstone in its place, and nothing else is touched', async () => {
    const others = [message('e0', '1000'), message('e2', '10012'), message('e3', '9')]
    await box.post([others[0]!, message('e1', '1001'), others[1]!, others[2]!], window)
    const before = await stored()
    expect(await box.post([unsend('e4', '1001')], window)).toEqual([true])
    const after = await stored()
    expect([after[0], after[2], after[3]]).toEqual([before[0], before[2], before[3]])
    expect(after[1]).not.toContain(secret)
    expect(after[1]?.split(' ').slice(0, 2)).toEqual(before[1]?.split(' ').slice(0, 2))
    expect(await drain()).toEqual(['e0', 'e2', 'e3', 'e4'])
  })

  test('leaves a tombstone that says when and where', async () => {
    await box.post([message('e1', '1001')], window)
    await box.post([unsend('e2', '1001')], window)
    const head = await lane().take()
    expect(head?.item).toEqual<Item>({
      erased: true,
      id: 'e1',
      postedAt: expect.any(Number),
      event: { ...base('e1'), type: 'text', text: '', raw: null },
      handled: true,
      pushes: [],
      calls: [],
      attempts: [],
      failures: 0,
    })
    expect(head?.item.postedAt).toBeGreaterThan(1_600_000_000_000)
  })

  test('erases the edited text too, and no other unsend event of the message', async () => {
    await box.post(
      [message('e1', '7'), message('e2', '7', { type: 'messageEdited' }), unsend('e3', '7')],
      window,
    )
    await box.post([unsend('e4', '7')], window)
    expect(await dump()).not.toContain(secret)
    expect(await drain()).toEqual(['e3', 'e4'])
  })

  test('is not misled by a message that quotes such JSON', async () => {
    const quoting = message('e1', '1', { text: '"messageId":"1001"' })
    await box.post([quoting], window)
    await box.post([unsend('e2', '1001')], window)
    expect(await drain()).toEqual(['e1', 'e2'])
  })

  test('of a message whose id must be escaped erases it', async () => {
    const id = 'a"b\\c%d.*'
    await box.post([message('e1', id)], window)
    await box.post([unsend('e2', id)], window)
    expect(await drain()).toEqual(['e2'])
  })

  test('leaves what another bot got', async () => {
    const other = uniqueBotName()
    await box.post([{ ...message('e1', '1001'), bot: other }], window)
    await box.post([unsend('e2', '1001')], window)
    expect((await stored(other)).join()).toContain(secret)
    await box.post([unsend('e2', '1001', other)], window)
    expect((await stored(other)).join()).not.toContain(secret)
  })

  test('before the message itself erases it when it comes', async () => {
    await box.post([unsend('e2', '1001')], window)
    expect(await box.post([message('e1', '1001'), message('e3', '1002')], window)).toEqual([true, true])
    expect((await stored())[1]).not.toContain(secret)
    expect(await drain()).toEqual(['e2', 'e3'])
  })

  test('in one batch with the message erases it, whichever comes first', async () => {
    await box.post([message('e1', '1'), unsend('e2', '1'), unsend('e3', '2'), message('e4', '2')], window)
    expect(await dump()).not.toContain(secret)
    expect(await drain()).toEqual(['e2', 'e3'])
  })

  test('forgets the mark after the dedupe window', async () => {
    await box.post([unsend('e1', '1001')], 30)
    await eventually(async () => expect(await redis.exists(botKeys(bot).unsent('1001'))).toBe(0))
  })
})

describe('a head under way', () => {
  test('does not bring its text back', async () => {
    await box.post([message('e1', '1001'), message('e2', '1002')], window)
    const mine = lane()
    const head = await mine.take()
    await box.post([unsend('e3', '1001')], window)
    expect(await mine.amend(head!.item)).toBe('erased')
    expect(await mine.amend(head!.item, { orderly: true })).toBe('erased')
    expect((await stored())[0]).not.toContain(secret)
    const letter = deadLetterOf(bot, 'group:C1', head!.item, { reason: 'rejected', explanation: 'no' })
    expect(await mine.finish(head!.item, letter)).toMatchObject({ item: { id: 'e2' } })
    expect(await listDeadLetters(redis, bot)).toEqual([])
  })

  test('that waits for its next try is erased', async () => {
    await box.post([message('e1', '1001')], window)
    const head = await lane('t1').take()
    head!.item.handled = true
    head!.item.calls = [
      {
        operation: 'push',
        target: { kind: 'group', id: 'C1' },
        messages: [{ text: secret }],
        state: 'waiting',
      },
    ]
    expect(await lane('t1').amend(head!.item, { orderly: true })).toBe('written')
    await box.post([unsend('e2', '1001')], window)
    expect(await dump()).not.toContain(secret)
    expect(await drain()).toEqual(['e2'])
  })
})

describe('dead letters', () => {
  async function park(...events: Event[]) {
    await box.post(events, window)
    const mine = lane('park')
    let head = await mine.take()
    while (head) {
      head.item.attempts = [
        { at: 5, step: 'handler', code: 'handler_threw', words: `can't read "${secret}"` },
      ]
      head.item.failures = 1
      const why = { reason: 'attempts_used_up', explanation: `Failed 1 times. Last: can't read "${secret}"` }
      const next = await mine.finish(head.item, deadLetterOf(bot, 'group:C1', head.item, why))
      if (typeof next === 'string') return listDeadLetters(redis, bot)
      head = next
    }
    return []
  }
  const erase = (messageId: string) =>
    lane().eraseUnsent(unsend('e9', messageId) as Extract<Event, { type: 'unsend' }>)

  test('lose the text that was taken back, and keep reason and times', async () => {
    // Parked within the same millisecond, perhaps: their order says nothing.
    const of = (letters: DeadLetter[], id: string) => letters.find(({ item }) => item.id === id)
    const parked = await park(message('e1', '1001'), message('e2', '1002'))
    const [first, second] = [of(parked, 'e1'), of(parked, 'e2')]
    await erase('1001')
    const letters = await listDeadLetters(redis, bot)
    const [erased, kept] = [of(letters, 'e1'), of(letters, 'e2')]
    expect(kept).toEqual(second)
    expect(JSON.stringify(erased)).not.toContain(secret)
    expect(erased).toMatchObject({
      id: first?.id,
      reason: 'attempts_used_up',
      parkedAt: first?.parkedAt,
      explanation: expect.stringContaining('took the message back'),
      item: { erased: true, id: 'e1', event: { text: '' }, attempts: [{ at: 5, words: '' }], failures: 1 },
    })
  })

  test('that are discarded at the same time do not come back', async () => {
    const [letter] = await park(message('e1', '1001'))
    const text = await redis.hget(botKeys(bot).deadLetters, letter!.id)
    // The discard comes between the read and the rewrite.
    const slow = Object.create(redis) as Redis
    slow.hscan = (async () => {
      await redis.hdel(botKeys(bot).deadLetters, letter!.id)
      return ['0', [letter!.id, text]]
    }) as unknown as Redis['hscan']
    const event = unsend('e9', '1001') as Extract<Event, { type: 'unsend' }>
    await openLane(slow, { bot, lane: 'group:C1', token: 't' }).eraseUnsent(event)
    expect(await listDeadLetters(redis, bot)).toEqual([])
  })

  test('that are rewritten at the same time are erased as they are now', async () => {
    const [letter] = await park(message('e1', '1001'))
    const key = botKeys(bot).deadLetters
    const text = await redis.hget(key, letter!.id)
    await redis.hset(key, letter!.id, JSON.stringify({ ...letter, parkedAt: 77 }))
    const slow = Object.create(redis) as Redis
    slow.hscan = (async () => ['0', [letter!.id, text]]) as unknown as Redis['hscan']
    const event = unsend('e9', '1001') as Extract<Event, { type: 'unsend' }>
    await openLane(slow, { bot, lane: 'group:C1', token: 't' }).eraseUnsent(event)
    expect(await listDeadLetters(redis, bot)).toMatchObject([{ parkedAt: 77, item: { erased: true } }])
  })

  test('that were just replayed into the lane are erased there', async () => {
    await box.post([message('e1', '1001')], window)
    await erase('1001')
    expect(await dump()).not.toContain(secret)
  })
})
