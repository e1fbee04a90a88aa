import { randomUUID } from 'node:crypto'
import type { Redis } from 'ioredis'
import { type DeadLetter, botPrefix, deadLetterOf, introduceBot, newItem } from '#libs/mailbox'
import { createLogger } from '#libs/observability'
import { testRedis, uniqueBotName } from '../../tests/support/redis'
import type { DeadLetterPage, DeadLetterView } from './api-types'
import { deadLetterRoutes } from './dead-letter-routes'
import { type Site, fakeAudit, serveRoutes } from './routes.test.support'

const secret = '<img src=x onerror=alert(1)>'
const now = Date.now()
const minute = 60_000

let redis: Redis
let bot: string
let site: Site
let lines: string[]
let kept: ReturnType<typeof fakeAudit>
beforeEach(async () => {
  redis = testRedis()
  bot = uniqueBotName()
  lines = []
  kept = fakeAudit()
  const destination = { write: (line: string) => void lines.push(line) }
  const log = createLogger({ name: 'test', level: 'info', destination })
  site = await serveRoutes(deadLetterRoutes({ redis, audit: kept.audit, log }))
})
afterEach(async () => {
  await site.close()
  await redis.quit()
})

interface Parked {
  reason?: string
  platform?: 'line' | 'lineworks'
  ago?: number
  item?: object
  lane?: string
}

async function park({
  reason = 'rejected',
  platform = 'line',
  ago = 0,
  item = {},
  lane = 'U1',
}: Parked = {}) {
  const conversation = { kind: 'user' as const, id: lane }
  const times = { occurredAt: now - minute, receivedAt: now - minute + (await redis.incr(`${bot}:n`)) }
  const event = { key: randomUUID(), bot, platform, conversation, userId: lane, raw: {}, ...times }
  const parked = { ...newItem({ ...event, type: 'text', text: secret }, now), failures: 2, ...item }
  const made = deadLetterOf(bot, `user:${lane}`, parked, { reason, explanation: `no: ${reason}` })
  const letter: DeadLetter = { ...made, parkedAt: now - ago }
  await redis.hset(`${botPrefix(bot)}:dead-letters`, letter.id, JSON.stringify(letter))
  await redis.zadd(`${botPrefix(bot)}:dead-letter-times`, letter.parkedAt, letter.id)
  return letter
}

const list = async (query = '') => (await site.get(`/dead-letters?bot=${bot}${query}`)).body as DeadLetterPage
const show = async ({ id }: DeadLetter) =>
  (await site.get(`/dead-letters/${bot}/${id}`)).body as DeadLetterView
const left = () => redis.hlen(`${botPrefix(bot)}:dead-letters`)
const laneOf = async (user: string) =>
  (await redis.lrange(`${botPrefix(bot)}:lane:user:${user}`, 0, -1)).map((item) => item.split(' ')[0])

const target = { kind: 'user', id: 'U1' } as const
const call = (operation: string, more: object = {}) => ({
  ...{ operation, target, state: 'waiting', messages: [{ type: 'text', text: secret }] },
  ...more,
})

describe('the list', () => {
  test('is latest first, in pages that leave nothing out and repeat nothing', async () => {
    const parked = []
    for (let i = 0; i < 7; i++) parked.push((await park({ ago: Math.floor(i / 3) * 1000 })).id)
    const seen: string[] = []
    let cursor: string | undefined = ''
    while (cursor !== undefined) {
      const page: DeadLetterPage = await list(`&limit=3&cursor=${cursor}`)
      expect(page.total).toBe(7)
      seen.push(...page.letters.map(({ id }) => id))
      cursor = page.cursor
    }
    expect([...seen].sort()).toEqual([...parked].sort())
    expect((await list()).letters.map(({ parkedAt }) => now - parkedAt)).toEqual([
      0, 0, 0, 1000, 1000, 1000, 2000,
    ])
  })

  test('is filtered, and counts the reasons that the other filters leave', async () => {
    for (const reason of ['rejected', 'rejected', 'crashed']) await park({ reason })
    await park({ platform: 'lineworks', reason: 'crashed' })
    await park({ ago: 10 * minute })
    const page = await list(`&reason=crashed&platform=line&from=${now - minute}`)
    expect(page).toMatchObject({ total: 1, reasons: { rejected: 2, crashed: 1 } })
    expect(page.letters).toMatchObject([{ reason: 'crashed', platform: 'line', failures: 2, replays: 0 }])
    expect((await list(`&to=${now - minute}`)).total).toBe(1)
  })

  test('finds the bots by itself, and shows nothing that was said', async () => {
    const letter = await park()
    const { body } = await site.get('/dead-letters?limit=200')
    expect((body as DeadLetterPage).letters.map(({ id }) => id)).toContain(letter.id)
    expect(JSON.stringify(body)).not.toContain('onerror')
  })

  test.each(['limit=0', 'limit=x', 'platform=slack', 'cursor=abc', 'bot=a%7Db', 'bots=shop'])(
    'refuses %s',
    async (query) => {
      expect(await site.get(`/dead-letters?${query}`)).toMatchObject({
        status: 400,
        body: { error: 'request_invalid' },
      })
    },
  )
})

describe('one letter', () => {
  test('is masked, with its advice and what a replay would do', async () => {
    const replyToken = { token: 'fake-reply-token', expiresAt: now - minute }
    const calls = [call('reply', { state: 'sent' }), call('reply', { replyToken })]
    const view = await show(await park({ reason: 'reply_token_expired', item: { handled: true, calls } }))
    expect(JSON.stringify(view)).not.toMatch(/onerror|fake-reply-token/)
    expect(view).toMatchObject({
      text: { masked: secret.length },
      advice: expect.stringContaining('push'),
      calls: [
        { state: 'sent', text: { masked: secret.length } },
        { state: 'waiting', to: 'user:U1' },
      ],
      plan: { possible: false },
      planAsPush: {
        possible: true,
        runsHandler: false,
        calls: [
          { does: 'stays_sent', billed: false },
          { operation: 'push', does: 'send', billed: true, to: 'user:U1', maybeTwice: false },
        ],
      },
    })
  })

  test('says that the handler runs again, and what may come twice', async () => {
    expect((await show(await park())).plan).toEqual({
      possible: true,
      words: 'The handler runs again.',
      runsHandler: true,
      calls: [],
    })
    const calls = [call('users.messages', { state: 'sending' })]
    const letter = await park({ platform: 'lineworks', item: { handled: true, calls } })
    expect((await show(letter)).plan).toMatchObject({
      words: expect.stringContaining('twice'),
      calls: [{ does: 'send', billed: false, maybeTwice: true }],
    })
  })

  test('that is gone or never was is not found', async () => {
    expect(await site.get(`/dead-letters/${bot}/${randomUUID()}`)).toMatchObject({
      status: 404,
      body: { error: 'unknown_dead_letter' },
    })
  })

  test('tells its story where there is one', async () => {
    const story = jest.fn().mockResolvedValue({ id: 'e1', answers: [] })
    const log = createLogger({ name: 'test', level: 'silent' })
    const other = await serveRoutes(deadLetterRoutes({ redis, audit: kept.audit, log, story }))
    const { id, item } = await park()
    expect((await other.get(`/dead-letters/${bot}/${id}`)).body).toMatchObject({ story: { id: 'e1' } })
    expect(story).toHaveBeenCalledWith(bot, 'user:U1', item.id)
    await other.close()
  })
})

describe('replay and discard', () => {
  test('of one: written down first, then done, and the lane has it again', async () => {
    const { id, item } = await park()
    await park({ lane: 'U2' })
    const done = await site.post('/dead-letters/replay', { letters: [{ bot, id }], expect: 1 })
    expect(done).toEqual({ status: 200, body: { done: 1, failed: [] } })
    expect(await laneOf('U1')).toEqual([item.id])
    expect(await left()).toBe(1)
    expect(kept.entries).toEqual([
      {
        user: 'ann',
        role: 'operator',
        ip: '127.0.0.1',
        result: 'ok',
        action: 'replay',
        bot,
        target: id,
        details: 'late=drop',
      },
    ])
    expect(lines.join()).toContain(`${bot}/${id}`)
  })

  test('of all that match: in the order of their receipt, one entry with the number', async () => {
    const first = await park({ ago: 1 })
    const second = await park({ ago: 5 })
    const other = await park({ reason: 'crashed', lane: 'U2' })
    const filter = { bot, reason: 'rejected' }
    expect(await site.post('/dead-letters/replay', { filter, expect: 2, late: 'push' })).toMatchObject({
      body: { done: 2 },
    })
    expect(await laneOf('U1')).toEqual([first.item.id, second.item.id])
    expect(kept.entries).toMatchObject([
      { target: '2 dead letters', bot, details: `bot=${bot} reason=rejected late=push` },
    ])
    const discarded = await site.post('/dead-letters/discard', { filter: { bot }, expect: 1 })
    expect(discarded.body).toEqual({ done: 1, failed: [] })
    expect(await laneOf('U2')).toEqual([])
    expect(other.bot).toBe(bot)
    expect(await left()).toBe(0)
  })

  test.each(['replay', 'discard'])('%s: another number than was shown does nothing', async (action) => {
    const { id } = await park()
    // The list was read just now: what it keeps for a moment must not decide.
    expect((await list()).total).toBe(1)
    const second = await park()
    expect(await site.post(`/dead-letters/${action}`, { filter: { bot }, expect: 1 })).toMatchObject({
      status: 409,
      body: { error: 'changed', total: 2 },
    })
    const letters = [
      { bot, id },
      { bot, id: second.id },
      { bot, id: randomUUID() },
    ]
    expect(await site.post(`/dead-letters/${action}`, { letters, expect: 3 })).toMatchObject({ status: 409 })
    expect(await left()).toBe(2)
    expect(kept.entries).toEqual([])
  })

  test('what can not be replayed this way stays and is named', async () => {
    const replyToken = { token: 'fake-reply-token', expiresAt: now - minute }
    const stays = await park({ item: { handled: true, calls: [call('reply', { replyToken })] } })
    await park({ lane: 'U2' })
    const { body } = await site.post('/dead-letters/replay', { filter: { bot }, expect: 2 })
    expect(body).toEqual({
      done: 1,
      failed: [{ bot, id: stays.id, words: expect.stringContaining('stays') }],
    })
  })

  test('nothing is done that can not be written down', async () => {
    await park()
    kept.state.refuses = true
    expect((await site.post('/dead-letters/discard', { filter: { bot }, expect: 1 })).status).toBe(500)
    expect(await left()).toBe(1)
  })

  test('Redis goes away in the middle: what was done and what is unclear is told', async () => {
    for (const lane of ['U1', 'U2', 'U3']) await park({ lane })
    const original = redis.hget.bind(redis)
    let calls = 0
    jest
      .spyOn(redis, 'hget')
      .mockImplementation((key, field) =>
        (calls += 1) > 1 ? Promise.reject(new Error('gone')) : original(key, field),
      )
    const { body } = await site.post('/dead-letters/replay', { filter: { bot }, expect: 3 })
    const unclear = { words: expect.stringContaining('may have been done') }
    expect(body).toMatchObject({ done: 1, failed: [unclear, unclear] })
    expect(kept.entries.map(({ result }) => result)).toEqual(['ok', 'failed'])
    expect(await left()).toBe(2)
  })

  test('is for operators', async () => {
    const letter = await park()
    site.caller.role = 'viewer'
    const body = { letters: [{ bot, id: letter.id }], expect: 1 }
    for (const action of ['replay', 'discard'])
      expect((await site.post(`/dead-letters/${action}`, body)).status).toBe(403)
    expect((await list()).total).toBe(1)
  })

  test.each([
    [{}],
    [{ expect: 1 }],
    [{ expect: 1, filter: {}, letters: [] }],
    [{ expect: '1', filter: {} }],
    [{ expect: 1, filter: { reasons: 'x' } }],
    [{ expect: 1, filter: {}, late: 'maybe' }],
  ])('refuses %j', async (body) => {
    expect((await site.post('/dead-letters/replay', body)).status).toBe(400)
  })
})

test('twenty thousand letters: a page is there at once', async () => {
  await introduceBot(redis, bot, 'line')
  const letter = await park()
  const pipeline = redis.pipeline()
  for (let i = 0; i < 20_000; i++) {
    const id = randomUUID()
    pipeline.hset(`${botPrefix(bot)}:dead-letters`, id, JSON.stringify({ ...letter, id }))
    pipeline.zadd(`${botPrefix(bot)}:dead-letter-times`, now - i, id)
  }
  await pipeline.exec()
  expect((await list()).total).toBe(20_001)
  const begin = Date.now()
  expect((await list('&reason=rejected&limit=50')).letters).toHaveLength(50)
  // The decoding of all is done once; generous, since the machine may be busy.
  expect(Date.now() - begin).toBeLessThan(2000)
  await redis.del(`${botPrefix(bot)}:dead-letters`, `${botPrefix(bot)}:dead-letter-times`)
})
