import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { type IncomingMessage, request as startRequest } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import Ajv2020 from 'ajv/dist/2020'
import addFormats from 'ajv-formats'
import { loadConfig } from '#libs/config'
import { createLogger } from '#libs/observability'
import { testRedis, testRedisUrl, uniqueBotName } from '../../tests/support/redis'
import { type Ingress, startIngress } from './server'

const key = 'push-key-EXAMPLE'
const dir = mkdtempSync(join(tmpdir(), 'hookline-push-'))
const redis = testRedis()
const bot = uniqueBotName()
const lines: string[] = []
const log = createLogger({
  name: 'test',
  level: 'info',
  destination: { write: (line) => void lines.push(line) },
})
let ingress: Ingress
let off: Ingress

const start = (apiKey: string | undefined) =>
  startIngress(
    loadConfig({
      role: 'ingress',
      cwd: dir,
      env: {
        ...{ REDIS_URL: testRedisUrl(), INGRESS_PORT: '0', HOOKLINE_JOURNAL_DIR: join(dir, 'journal') },
        ...(apiKey === undefined ? {} : { HOOKLINE_API_KEY: apiKey }),
      },
      readFile: () => `bots:\n  ${bot}: { platform: line, handler: ./b.ts, channelSecret: x }\n`,
    }),
    log,
  )

beforeAll(async () => {
  ingress = await start(`${key},the-next-key-EXAMPLE`)
  off = await start(undefined)
})
afterAll(async () => {
  await ingress.close()
  await off.close()
  rmSync(dir, { recursive: true, force: true })
  await redis.quit()
})

interface Sent {
  method?: string
  path?: string
  headers?: Record<string, string | string[]>
  body?: string | Buffer
  at?: Ingress
}

interface Answer {
  status: number
  headers: IncomingMessage['headers']
  body: { id?: string; error?: { code: string; message: string; field?: string } } & Record<string, unknown>
}

const right = { authorization: `Bearer ${key}`, 'content-type': 'application/json' }
const messages = `/v1/bots/${bot}/messages`
const hi = JSON.stringify({ to: { user: 'U1' }, messages: [{ type: 'text', text: 'hi' }] })

/** Everything that was answered, for the comparison with the document. */
const answered: { route: string; method: string; answer: Answer; sent: string | undefined }[] = []

async function send({
  method = 'POST',
  path = messages,
  headers = right,
  body = hi,
  at = ingress,
}: Sent = {}) {
  const call = startRequest(`${at.url}${path}`, { method, headers })
  const [response] = (await once(call.end(method === 'POST' ? body : undefined), 'response')) as [
    IncomingMessage,
  ]
  const answer: Answer = {
    status: response.statusCode ?? 0,
    headers: response.headers,
    body: JSON.parse(await text(response)) as Answer['body'],
  }
  const route = path.startsWith('/v1/bots/') ? '/v1/bots/{bot}/messages' : '/v1/messages/{id}'
  if (!path.includes('openapi')) answered.push({ route, method, answer, sent: body.toString() })
  return answer
}

const get = (path: string, more: Sent = {}) => send({ method: 'GET', path, ...more })

test('stores a push in the lane of its conversation and tells where its status is', async () => {
  const { status, headers, body } = await send()
  expect([status, Object.keys(body)]).toEqual([202, ['id']])
  expect(headers.location).toBe(`/v1/messages/${body.id}`)
  expect(body.id).toMatch(new RegExp(`^${bot}\\.[0-9a-f]{32}$`))
  const [item = ''] = await redis.lrange(`{hookline:${bot}}:lane:user:U1`, -1, -1)
  expect(item.startsWith(`${body.id} `)).toBe(true)
  const asked = await get(headers.location ?? '')
  expect(asked.body).toMatchObject({ id: body.id, bot, to: { user: 'U1' }, status: 'queued', failures: 0 })
  expect(asked.body['messages']).toEqual([{ status: 'queued' }])
  expect(asked.headers['cache-control']).toBe('no-store')
})

test('remembers a push, and with it its key, for seven days', async () => {
  const { body } = await send({ headers: { ...right, 'idempotency-key': 'week' } })
  const ttl = await redis.pttl(`{hookline:${bot}}:seen:${body.id}`)
  expect(ttl / 86_400_000).toBeCloseTo(7, 2)
})

test('takes each of the keys, and others after a reload, none of the old ones', async () => {
  const by = (word: string, scheme = 'Bearer') =>
    send({ headers: { ...right, authorization: `${scheme} ${word}` } })
  expect((await by('the-next-key-EXAMPLE')).status).toBe(202)
  expect((await by(key, 'bearer')).status).toBe(202)
  ingress.useApiKeys(['reloaded-EXAMPLE'])
  expect([(await by('reloaded-EXAMPLE')).status, (await by(key)).status]).toEqual([202, 401])
  ingress.useApiKeys([key])
})

test.each<[string, Sent, number, string]>([
  ['no key', { headers: { 'content-type': 'application/json' } }, 401, 'unauthorized'],
  ['a wrong key', { headers: { ...right, authorization: 'Bearer wrong' } }, 401, 'unauthorized'],
  ['half a key', { headers: { ...right, authorization: `Bearer ${key.slice(0, -1)}` } }, 401, 'unauthorized'],
  ['another scheme', { headers: { ...right, authorization: `Basic ${key}` } }, 401, 'unauthorized'],
  [
    'all keys at once',
    { headers: { ...right, authorization: `Bearer ${key},the-next-key-EXAMPLE` } },
    401,
    'unauthorized',
  ],
  ['a wrong key and an unknown bot', { path: '/v1/bots/nobody/messages', headers: {} }, 401, 'unauthorized'],
  ['an unknown bot', { path: '/v1/bots/nobody/messages' }, 404, 'unknown_bot'],
  ['a bot named as objects name things', { path: '/v1/bots/__proto__/messages' }, 404, 'unknown_bot'],
  ['no content type', { headers: { authorization: right.authorization } }, 415, 'unsupported_media_type'],
  [
    'a form',
    { headers: { ...right, 'content-type': 'application/x-www-form-urlencoded' } },
    415,
    'unsupported_media_type',
  ],
  ['a compressed body', { headers: { ...right, 'content-encoding': 'gzip' } }, 415, 'unsupported_media_type'],
  ['too much', { body: Buffer.alloc(2 * 1024 * 1024 + 1, ' ') }, 413, 'too_large'],
  ['no JSON', { body: '{' }, 400, 'not_json'],
  ['an empty body', { body: '' }, 400, 'not_json'],
  ['bytes that are no text', { body: Buffer.from([0x7b, 0xff, 0x7d]) }, 400, 'not_json'],
  ['deep nesting', { body: '['.repeat(100_000) }, 400, 'not_json'],
  ['deep and closed nesting', { body: '['.repeat(100_000) + ']'.repeat(100_000) }, 400, 'request_invalid'],
  ['a LINE channel', { body: hi.replace('user', 'channel') }, 400, 'target_invalid'],
  [
    'a message of another platform',
    { body: '{"to":{"user":"U1"},"messages":[{"type":"native","platform":"tocaro","message":{}}]}' },
    400,
    'message_invalid',
  ],
  [
    'an Idempotency-Key with a blank',
    { headers: { ...right, 'idempotency-key': 'a b' } },
    400,
    'idempotency_key_invalid',
  ],
  [
    'an endless Idempotency-Key',
    { headers: { ...right, 'idempotency-key': 'a'.repeat(129) } },
    400,
    'idempotency_key_invalid',
  ],
  [
    'two Idempotency-Keys',
    { headers: { ...right, 'idempotency-key': ['a', 'b'] } },
    400,
    'idempotency_key_invalid',
  ],
  [
    'an empty Idempotency-Key',
    { headers: { ...right, 'idempotency-key': '' } },
    400,
    'idempotency_key_invalid',
  ],
  ['GET', { method: 'GET' }, 405, 'method_not_allowed'],
  ['OPTIONS, as browsers ask', { method: 'OPTIONS' }, 405, 'method_not_allowed'],
  ['a path that is no text', { path: '/v1/bots/%ff/messages' }, 404, 'not_found'],
  ['no such path', { path: `/v1/bots/${bot}` }, 404, 'not_found'],
])('%s is refused', async (_name, sent, status, code) => {
  const answer = await send(sent)
  expect([answer.status, answer.body.error?.code]).toEqual([status, code])
  expect(answer.body.error?.message).toMatch(/^\S.*\.$/s)
  expect(answer.headers['content-type']).toBe('application/json; charset=utf-8')
  expect(answer.headers).not.toHaveProperty('access-control-allow-origin')
  if (status === 401) expect(answer.headers['www-authenticate']).toBe('Bearer')
  if (status === 405) expect(answer.headers.allow).toBe('POST')
})

test.each([
  ['of a bot that is not configured', `nobody.${'0'.repeat(32)}`],
  ['that never was', `BOT.${'0'.repeat(32)}`],
  ['that is no id', 'x'],
  ['that is the key of an event', 'BOT.01H'],
])('the status of a push %s is 404', async (_name, id) => {
  const answer = await get(`/v1/messages/${id.replace('BOT', bot)}`)
  expect([answer.status, answer.body.error?.code]).toEqual([404, 'unknown_message'])
})

test('asking for a status needs a key too, and a method that reads', async () => {
  const path = `/v1/messages/${bot}.${'0'.repeat(32)}`
  expect((await get(path, { headers: {} })).status).toBe(401)
  expect((await send({ path })).status).toBe(405)
})

test('without a key the API is off, and says what to do', async () => {
  for (const sent of [send({ at: off }), get(`/v1/messages/${bot}.${'0'.repeat(32)}`, { at: off })]) {
    const { status, body } = await sent
    expect([status, body.error?.code]).toEqual([503, 'push_api_off'])
    expect(body.error?.message).toContain('HOOKLINE_API_KEY')
  }
})

test('the same key and body in any order of fields is the same push; another body is a conflict', async () => {
  const headers = { ...right, 'idempotency-key': 'one' }
  const first = await send({ headers })
  const turned = '{"messages":[{"text":"hi","type":"text"}],"to":{"user":"U1"}}'
  expect((await send({ headers, body: turned })).body).toEqual(first.body)
  const length = await redis.llen(`{hookline:${bot}}:lane:user:U1`)
  for (const body of [hi.replace('hi', 'ho'), hi.replace('U1', 'U2')]) {
    const { status, body: answer } = await send({ headers, body })
    expect([status, answer.error?.code]).toEqual([409, 'idempotency_conflict'])
  }
  expect(await redis.llen(`{hookline:${bot}}:lane:user:U1`)).toBe(length)
  expect(await redis.llen(`{hookline:${bot}}:lane:user:U2`)).toBe(0)
})

test('logs who sent how much where, and nothing that is said', async () => {
  const body = JSON.stringify({ to: { user: 'U9' }, messages: [{ type: 'text', text: 'top secret' }] })
  const { body: answer } = await send({ body, headers: { ...right, 'idempotency-key': 'log' } })
  await send({ body: body.replace('"text":', '"txet":') })
  const entries = lines.map((line) => JSON.parse(line) as Record<string, unknown>)
  expect(entries.find(({ event }) => event === answer.id)).toMatchObject({
    ...{
      level: 'info',
      msg: 'push',
      bot,
      platform: 'line',
      conversation: 'user:U9',
      messages: 1,
      types: ['text'],
    },
    ...{ stored: 'stored', idempotency_key: true },
  })
  expect(entries.findLast(({ msg }) => msg === 'push refused')).toMatchObject({
    bot,
    code: 'request_invalid',
  })
  expect(lines.join('')).not.toMatch(/top secret|push-key/)
})

test('the OpenAPI document describes every answer given here, and takes every request that was taken', async () => {
  const document = (await get('/v1/openapi.json', { headers: {} })).body as unknown as OpenApi
  expect(document.openapi).toBe('3.1.0')
  const ajv = addFormats(new Ajv2020({ strict: false, allErrors: true }))
  ajv.addSchema(document, 'doc')
  const check = (pointer: string) => ajv.getSchema(`doc#${pointer}`) ?? fail(pointer)
  const isRequest = check('/components/schemas/PushRequest')
  expect(answered.length).toBeGreaterThan(40)
  const covered = new Set<string>()
  for (const { route, method, answer, sent } of answered) {
    if (answer.body.error && ['not_found', 'method_not_allowed'].includes(answer.body.error.code)) {
      expect(check('/components/schemas/Error')(answer.body)).toBe(true)
      continue
    }
    const operation = document.paths[route]?.[method.toLowerCase()]
    const response = operation?.responses[String(answer.status)]
    const name = `${method} ${route} ${answer.status}`
    if (!response) throw new Error(`${name} is not in the document`)
    covered.add(name)
    if (answer.body.error) expect(response.description.split(', ')).toContain(answer.body.error.code)
    const valid = check(response.content['application/json'].schema.$ref.slice(1))
    expect([name, valid(answer.body), valid.errors]).toEqual([name, true, null])
    if (method !== 'POST') continue
    if (answer.status === 202) expect(isRequest(JSON.parse(sent ?? ''))).toBe(true)
    if (answer.body.error?.code === 'request_invalid') expect(isRequest(JSON.parse(sent ?? ''))).toBe(false)
  }
  expect([...covered].sort()).toEqual(
    expect.arrayContaining([
      ...[202, 400, 401, 404, 409, 413, 415, 503].map((status) => `POST /v1/bots/{bot}/messages ${status}`),
      ...[200, 401, 404, 503].map((status) => `GET /v1/messages/{id} ${status}`),
    ]),
  )
})

interface OpenApi {
  openapi: string
  paths: Record<
    string,
    Record<
      string,
      | {
          responses: Record<
            string,
            { description: string; content: { 'application/json': { schema: { $ref: string } } } }
          >
        }
      | undefined
    >
  >
}

function fail(pointer: string): never {
  throw new Error(`${pointer} is not in the document`)
}
