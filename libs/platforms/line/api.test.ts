import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import { inspect } from 'node:util'
import type { Call, Event } from '#libs/contract'
import { createHttp } from '#libs/http'
import { line } from '.'

interface Seen {
  method: string | undefined
  url: string | undefined
  headers: IncomingHttpHeaders
  body: unknown
}
interface Answer {
  status: number
  body?: unknown
  headers?: Record<string, string>
}

const accessToken = 'fake-access-token-EXAMPLE'
const retryKey = '5d0c2a4e-0000-4000-8000-000000000001'
const target = { kind: 'user', id: 'U1111111111111111111111111111111a' } as const
const messages = [{ type: 'text', text: 'こんにちは 😀' }]
const push: Call = { operation: 'push', target, messages }
const reply: Call = {
  operation: 'reply',
  target,
  messages,
  replyToken: { token: 'fake-reply-token-0001', expiresAt: 1_790_000_050_500 },
}
const anonymousEvent: Event = {
  key: '01M3250V00EXAMPMEKEY000000',
  platform: 'line',
  bot: 'shop',
  conversation: { kind: 'user', id: 'U/1 ä' },
  occurredAt: 1,
  receivedAt: 1,
  raw: {},
  type: 'unfollow',
}

const userEvent: Event = { ...anonymousEvent, userId: 'U/1 ä' }

const servers: Server[] = []

afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    if (server.listening) await once(server.close(), 'close')
  }
})

async function listen(handler: RequestListener) {
  const server = createServer(handler)
  servers.push(server)
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

async function setup(answer: Answer = { status: 200, body: { sentMessages: [] } }) {
  const seen: Seen[] = []
  const url = await listen((request, response) => {
    const { method, url, headers } = request
    void (method === 'POST' ? json(request) : Promise.resolve(undefined)).then((body) => {
      seen.push({ method, url, headers, body })
      response.writeHead(answer.status, { 'content-type': 'application/json', ...answer.headers })
      response.end(answer.body === undefined ? undefined : JSON.stringify(answer.body))
    })
  })
  return { url, seen, ...senderFor(url) }
}

function senderFor(apiBaseUrl: string, timeoutMs = 10_000) {
  const invalidated: string[] = []
  const tokens = {
    get: async () => accessToken,
    invalidate: async (failed: string) => void invalidated.push(failed),
  }
  const http = createHttp({ timeoutMs })
  const sender = line.createSender(
    { name: 'shop', apiBaseUrl, dataApiBaseUrl: apiBaseUrl, replyFallback: 'push', http },
    tokens,
  )
  const failureOf = (call: Call) =>
    sender.send(call, { retryKey }).then(
      () => undefined,
      (error: unknown) => error,
    )
  return { sender, invalidated, failureOf }
}

describe('LINE send', () => {
  test('pushes with the retry key', async () => {
    const { sender, seen } = await setup()
    await sender.send(push, { retryKey })
    expect(seen).toMatchObject([
      {
        method: 'POST',
        url: '/v2/bot/message/push',
        headers: {
          authorization: `Bearer ${accessToken}`,
          'content-type': 'application/json',
          'x-line-retry-key': retryKey,
        },
        body: { to: target.id, messages },
      },
    ])
  })

  test('replies with the reply token and without a retry key', async () => {
    const { sender, seen } = await setup()
    await sender.send(reply, { retryKey })
    expect(seen).toMatchObject([
      {
        method: 'POST',
        url: '/v2/bot/message/reply',
        headers: { authorization: `Bearer ${accessToken}` },
      },
    ])
    expect(seen[0]?.body).toEqual({ replyToken: 'fake-reply-token-0001', messages })
    expect(seen[0]?.headers).not.toHaveProperty('x-line-retry-key')
  })

  test('takes a base URL that ends in a slash', async () => {
    const { url, seen } = await setup()
    await senderFor(`${url}/`).sender.send(push, { retryKey })
    expect(seen[0]?.url).toBe('/v2/bot/message/push')
  })

  test('sees a push as done whose retry key was accepted before', async () => {
    const { failureOf } = await setup({ status: 409, body: { message: 'The retry key is already accepted' } })
    expect(await failureOf(push)).toBeUndefined()
    expect(await failureOf(reply)).toMatchObject({ code: 'api_rejected', status: 409 })
  })

  test.each([
    [400, 'The request body has 1 error(s)', 'api_rejected'],
    [401, 'Authentication failed due to the following reason: expired', 'api_unauthorized'],
    [403, 'Access to this API is not available for your account', 'api_rejected'],
    [404, 'Not found', 'api_rejected'],
    [410, 'Gone', 'api_rejected'],
    [413, 'Too large', 'api_rejected'],
    [429, 'The API rate limit has been exceeded. Try again later.', 'api_rate_limited'],
    [429, 'You have reached your monthly limit.', 'api_quota_exhausted'],
    [429, undefined, 'api_rate_limited'],
    [500, 'The monthly limit of patience', 'api_unavailable'],
    [503, undefined, 'api_unavailable'],
  ])('turns %i %j into %s', async (status, message, code) => {
    const { failureOf, seen } = await setup({ status, ...(message && { body: { message } }) })
    for (const call of [push, reply]) {
      expect(await failureOf(call)).toMatchObject({
        name: 'ApiError',
        code,
        status,
        message: expect.stringContaining(`LINE ${call.operation} answered ${status}: `),
        words: expect.stringContaining(message ?? '(no body)'),
      })
    }
    expect(seen).toHaveLength(2)
  })

  test('says which 400 is about the reply token', async () => {
    const { failureOf } = await setup({ status: 400, body: { message: 'Invalid reply token' } })
    expect(await failureOf(reply)).toMatchObject({ code: 'api_reply_token_invalid', status: 400 })
    expect(await failureOf(push)).toMatchObject({ code: 'api_rejected' })
  })

  test('drops the token that was refused, and only then', async () => {
    const refused = await setup({ status: 401, body: { message: 'no' } })
    await refused.failureOf(push)
    expect(refused.invalidated).toEqual([accessToken])
    const limited = await setup({ status: 429, body: { message: 'slow' } })
    await limited.failureOf(push)
    expect(limited.invalidated).toEqual([])
  })

  test('passes on the wait that LINE asks for and the id of the request', async () => {
    const headers = { 'retry-after': '3', 'x-line-request-id': 'fake-request-1' }
    const { failureOf } = await setup({ status: 429, body: { message: 'slow' }, headers })
    expect(await failureOf(push)).toMatchObject({ retryAfterMs: 3000, requestId: 'fake-request-1' })
  })

  test('sends nothing for a call that LINE does not have', async () => {
    const { failureOf, seen } = await setup()
    const withoutToken: Call = { operation: 'reply', target, messages }
    expect(await failureOf({ ...push, operation: 'parked' })).toMatchObject({ code: 'api_rejected' })
    expect(await failureOf(withoutToken)).toMatchObject({ code: 'api_rejected' })
    expect(seen).toEqual([])
  })

  test('says that the outcome is unknown when the connection is cut or no answer comes', async () => {
    const cut = senderFor(await listen((request) => request.socket.destroy()))
    expect(await cut.failureOf(push)).toMatchObject({ code: 'api_outcome_unknown' })
    const silent = senderFor(await listen(() => undefined), 100)
    expect(await silent.failureOf(reply)).toMatchObject({ code: 'api_outcome_unknown' })
  })

  test('says that LINE is unavailable when nobody listens', async () => {
    const url = await listen(() => undefined)
    const [server] = servers.splice(0)
    await once(server!.close(), 'close')
    expect(await senderFor(url).failureOf(push)).toMatchObject({ code: 'api_unavailable' })
  })

  test('ends with its signal', async () => {
    const controller = new AbortController()
    const url = await listen(() => controller.abort())
    const { sender } = senderFor(url)
    await expect(sender.send(push, { retryKey, signal: controller.signal })).rejects.toMatchObject({
      code: 'api_outcome_unknown',
    })
  })

  test.each([
    ['an answer that repeats them', 400],
    ['a refused token', 401],
  ])('shows no secret in the error of %s', async (_name, status) => {
    const message = `Bearer ${accessToken} with ${String(reply.replyToken?.token)} is wrong`
    const { failureOf } = await setup({ status, body: { message } })
    expectNoSecret(await failureOf(reply))
  })

  test('shows no secret in the error of a lost connection', async () => {
    const { failureOf } = senderFor(await listen((request) => request.socket.destroy()))
    expectNoSecret(await failureOf(reply))
  })
})

function expectNoSecret(error: unknown) {
  expect(error).toMatchObject({ name: 'ApiError' })
  for (const shown of [
    JSON.stringify(error),
    inspect(error, { depth: 20, showHidden: true }),
    String(error),
  ]) {
    expect(shown).not.toContain(accessToken)
    expect(shown).not.toContain('fake-reply-token')
  }
}

describe('LINE language', () => {
  test('reads it from the profile of the user', async () => {
    const { sender, seen } = await setup({ status: 200, body: { displayName: 'Rin', language: 'zh-Hant' } })
    expect(await sender.language?.(userEvent)).toBe('zh-Hant')
    expect(seen).toMatchObject([
      {
        method: 'GET',
        url: '/v2/bot/profile/U%2F1%20%C3%A4',
        headers: { authorization: `Bearer ${accessToken}` },
      },
    ])
  })

  test.each<Answer>([
    { status: 200, body: { displayName: 'Rin' } },
    { status: 200, body: { language: 7 } },
    { status: 200, body: null },
    { status: 200 },
    { status: 404, body: { message: 'Not found', language: 'en' } },
    { status: 500 },
  ])('is unknown after the answer %j', async (answer) => {
    const { sender, seen } = await setup(answer)
    expect(await sender.language?.(userEvent)).toBeUndefined()
    expect(seen).toHaveLength(1)
  })

  test('is unknown, without a question, where there is no single user', async () => {
    const { sender, seen } = await setup({ status: 200, body: { language: 'ja' } })
    expect(await sender.language?.(anonymousEvent)).toBeUndefined()
    expect(
      await sender.language?.({ ...userEvent, conversation: { kind: 'group', id: 'C1' } }),
    ).toBeUndefined()
    expect(seen).toEqual([])
  })

  test('is unknown, without an error, when LINE or the token is out of reach', async () => {
    const cut = senderFor(await listen((request) => request.socket.destroy()))
    expect(await cut.sender.language?.(userEvent)).toBeUndefined()
    const tokens = { get: () => Promise.reject(new Error('no token')), invalidate: async () => undefined }
    const { url } = await setup({ status: 200, body: { language: 'ja' } })
    const sender = line.createSender(
      { name: 'shop', apiBaseUrl: url, dataApiBaseUrl: url, replyFallback: 'push' },
      tokens,
    )
    expect(await sender.language?.(userEvent)).toBeUndefined()
  })
})

describe('line', () => {
  test('plans with its own settings', () => {
    const { sender } = senderFor('http://127.0.0.1:1')
    const messages = [{ type: 'text', text: 'hi' }] as const
    const event: Event = { ...userEvent, type: 'unsend', messageId: '1' }
    expect(sender.plan({ kind: 'reply', event, messages: [...messages] })).toMatchObject([
      { operation: 'push', messages },
    ])
    expect(line.createWebhook({ name: 'shop', channelSecret: ['s'] }).ackBody).toBe('')
    expect(line.name).toBe('line')
  })
})
