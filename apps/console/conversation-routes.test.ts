import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import express from 'express'
import type { Redis } from 'ioredis'
import type { Event } from '#libs/contract'
import {
  type Item,
  type Mailbox,
  createMailbox,
  introduceBot,
  startLaneWorker,
  deadLetterOf,
  deadLetterRefs,
} from '#libs/mailbox'
import { createLogger } from '#libs/observability'
import { type RedisClient, connectProducer, connectWorker } from '#libs/redis'
import { eventually } from '../../tests/support/eventually'
import { testRedis, testRedisUrl, uniqueBotName } from '../../tests/support/redis'
import { setCaller } from './access'
import type { AuditEntry, ConversationPage, ConversationView, Revealed, StoryView } from './api-types'
import { conversationRoutes } from './conversation-routes'

const log = createLogger({ name: 'test', level: 'silent' })
const timeline = { keep: 'text', days: 7, items: 1000 } as const
const secret = 'my PIN is 1234'

let redis: Redis
let producer: RedisClient
let box: Mailbox
let bot: string
let url: string
let caller: { role: 'viewer' | 'operator'; readOnly: boolean }
let notes: Omit<AuditEntry, 'at'>[]
let close: () => Promise<void>

beforeEach(async () => {
  bot = uniqueBotName()
  redis = testRedis()
  producer = connectProducer(testRedisUrl(), log)
  await eventually(() => expect(producer.status).toBe('ready'))
  box = createMailbox(producer, log)
  caller = { role: 'operator', readOnly: false }
  notes = []
  const audit = {
    note: async (entry: Omit<AuditEntry, 'at'>) => void notes.push(entry),
    page: async () => ({ entries: [] }),
  }
  const app = express().use(express.json())
  app.use((_request, response, next) => {
    setCaller(response, { user: 'kana', ip: '127.0.0.1', ...caller })
    next()
  })
  app.use('/api', conversationRoutes({ redis, audit, bots: async () => [bot] }))
  const server = createServer(app)
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api`
  close = () => new Promise<void>((closed) => void server.close(() => closed()))
})
afterEach(async () => {
  await close()
  await box.close()
  producer.disconnect()
  await redis.quit()
})

const said = (id: string, user: string, text: string): Event => ({
  ...{ type: 'text', text, key: id, bot, platform: 'line', userId: user },
  ...{ conversation: { kind: 'user', id: user }, occurredAt: Date.now(), receivedAt: Date.now() },
  raw: { message: { text } },
})

/** Works on everything that is stored; what says "broken" is parked. */
async function work(events: Event[]): Promise<void> {
  await introduceBot(redis, bot, 'line', timeline)
  await box.post(events, 60_000)
  const connection = connectWorker(testRedisUrl(), log)
  const worker = startLaneWorker({
    ...{ bot, redis: connection, concurrency: 5, log, timeline },
    drain: async (lane, { lane: name }) => {
      let head = await lane.take()
      while (head) {
        const { item } = head
        item.calls = [answerTo(item)]
        const isBroken = item.event.type === 'text' && item.event.text.includes('broken')
        const why = { reason: 'rejected', explanation: 'no' }
        const next = await lane.finish(item, isBroken ? deadLetterOf(bot, name, item, why) : undefined)
        head = typeof next === 'string' ? undefined : next
      }
      return { kind: 'done' }
    },
  })
  const key = `{hookline:${bot}}:stories`
  await eventually(async () => expect(await redis.hlen(key)).toBe(events.length))
  await worker.close()
  connection.disconnect()
}

const answerTo = ({ id }: Item): Item['calls'][number] => ({
  ...{ operation: 'reply', target: { kind: 'user', id: 'U1' }, state: 'sent' },
  messages: [{ type: 'text', text: `answer ${id}` }],
})

/* eslint-disable @typescript-eslint/no-unnecessary-type-parameters -- what the answer is, only the test knows */
async function get<T>(path: string): Promise<{ status: number; body: T; text: string }> {
  const response = await fetch(`${url}${path}`)
  const text = await response.text()
  return { status: response.status, body: JSON.parse(text) as T, text }
}

async function send<T>(path: string, body: unknown): Promise<{ status: number; body: T }> {
  const headers = { 'content-type': 'application/json' }
  const response = await fetch(`${url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) })
  return { status: response.status, body: (await response.json()) as T }
}

test('conversations come the latest first, with masks in the place of words', async () => {
  await work([said('e1', 'U1', secret)])
  await work([said('e1', 'U1', secret), said('e2', 'U2', 'broken')].slice(1))
  const { body, text } = await get<ConversationPage>('/conversations')
  expect(body.conversations.map(({ lane }) => lane)).toEqual(['user:U2', 'user:U1'])
  expect(body.conversations[1]).toEqual({
    ...{ bot, platform: 'line', lane: 'user:U1', userId: 'U1', lastAt: expect.any(Number), waiting: 0 },
    last: { type: 'text', state: 'done', text: { masked: secret.length } },
  })
  expect(text).not.toContain(secret)
})

test('a conversation and a story show what happened, not what was said', async () => {
  await work([said('e1', 'U1', secret)])
  await box.post([said('e2', 'U1', 'one more')], 60_000)
  const view = await get<ConversationView>(`/conversations/${bot}/${encodeURIComponent('user:U1')}`)
  expect(view.body).toMatchObject({ bot, platform: 'line', keeps: 'text' })
  expect(view.body.waiting).toMatchObject([{ id: 'e2', state: 'waiting', text: { masked: 8 } }])
  expect(view.body.ended).toMatchObject([
    { id: 'e1', state: 'done', answers: [{ operation: 'reply', messages: 1, text: { masked: 9 } }] },
  ])
  const story = await get<StoryView>(`/stories/${bot}/e1`)
  expect(story.body).toEqual(view.body.ended[0])
  expect(view.text + story.text).not.toMatch(/PIN|one more|answer e1/)
})

test('searches by user, outcome, time and text', async () => {
  await work([said('e1', 'U1', secret), said('e2', 'U2', 'broken'), said('e3', 'U3', 'hello')])
  const lanes = async (query: string) =>
    (await get<ConversationPage>(`/conversations?${query}`)).body.conversations.map(({ lane }) => lane)
  expect(await lanes('user=U3')).toEqual(['user:U3'])
  expect(await lanes('outcome=parked')).toEqual(['user:U2'])
  expect(await lanes(`outcome=done&bot=${bot}`)).toHaveLength(2)
  expect(await lanes(`from=${Date.now() + 60_000}`)).toEqual([])
  expect(await lanes('text=pin%20IS')).toEqual(['user:U1'])
  await box.post([said('e4', 'U4', 'not handled yet')], 60_000)
  expect(await lanes('outcome=waiting')).toEqual(['user:U4'])
  expect(await lanes('user=U4')).toEqual(['user:U4'])
})

test('pages show each conversation once, though it matches often', async () => {
  const users = ['U1', 'U2', 'U3', 'U4']
  await work([1, 2, 3, 4, 5].flatMap((n) => users.map((user) => said(`e${n}${user}`, user, `hi ${n}`))))
  const seen: string[] = []
  let cursor = ''
  do {
    const path = `/conversations?outcome=done&limit=3&cursor=${encodeURIComponent(cursor)}`
    const { body } = await get<ConversationPage>(path)
    seen.push(...body.conversations.map(({ lane }) => lane))
    cursor = body.cursor ?? ''
  } while (cursor !== '')
  expect(seen.sort()).toEqual(users.map((user) => `user:${user}`))
})

test('a search for text is for operators, and audited without the text', async () => {
  await work([said('e1', 'U1', secret)])
  await get(`/conversations?bot=${bot}&text=PIN`)
  expect(notes).toEqual([
    {
      user: 'kana',
      role: 'operator',
      ip: '127.0.0.1',
      result: 'ok',
      action: 'search_text',
      bot,
      details: '3 characters',
    },
  ])
  caller.role = 'viewer'
  expect((await get('/conversations?text=PIN')).status).toBe(403)
  expect((await get('/conversations')).status).toBe(200)
  expect(notes).toHaveLength(1)
})

test('a reveal of a story or a dead letter is for operators, and audited', async () => {
  await work([said('e1', 'U1', secret), said('e2', 'U2', 'broken things')])
  const [ref] = await deadLetterRefs(redis, [bot])
  expect((await send<Revealed>('/reveal', { bot, story: 'e1' })).body).toEqual({
    text: secret,
    answers: [{ operation: 'reply', text: 'answer e1' }],
  })
  const letter = (await send<Revealed>('/reveal', { bot, deadLetter: ref?.id })).body
  expect(letter.text).toBe('broken things')
  expect(JSON.parse(letter.raw ?? '')).toEqual({ message: { text: 'broken things' } })
  expect(notes.map(({ action, target }) => [action, target])).toEqual([
    ['reveal', 'story e1'],
    ['reveal', `dead letter ${ref?.id}`],
  ])
  caller = { role: 'viewer', readOnly: false }
  expect((await send('/reveal', { bot, story: 'e1' })).status).toBe(403)
  caller = { role: 'operator', readOnly: true }
  expect((await send('/erase', { bot, userId: 'U1' })).status).toBe(403)
  expect(notes).toHaveLength(2)
})

test('erases a user, audited', async () => {
  await work([said('e1', 'U1', secret), said('e2', 'U1', 'broken')])
  expect(await send('/erase', { bot, userId: 'U1' })).toEqual({
    status: 200,
    body: { stories: 2, deadLetters: 1, waiting: 0 },
  })
  expect(notes).toMatchObject([{ action: 'erase', bot, target: 'U1' }])
  const { body } = await send<Revealed>('/reveal', { bot, story: 'e1' })
  expect(body).toEqual({ answers: [{ operation: 'reply' }] })
})

test.each([
  ['/conversations?limit=0', 400],
  ['/conversations?outcome=lost', 400],
  ['/conversations?from=yesterday', 400],
  ['/conversations?cursor=nonsense', 400],
  ['/conversations?outcome=waiting&text=a', 400],
  ['/conversations?bot=nobody', 404],
  ['/conversations/nobody/user:U1', 404],
  ['/stories/nobody/e1', 404],
])('%s is refused with %d and words', async (path, status) => {
  expect(await get(path)).toMatchObject({
    status,
    body: { error: expect.any(String), message: expect.any(String) },
  })
})

test.each([{}, { bot: 'b' }, { bot: 'b', story: 's', deadLetter: 'd' }])(
  'a reveal of %j is refused',
  async (body) => {
    expect((await send('/reveal', body)).status).toBe(400)
    expect(notes).toEqual([])
  },
)
