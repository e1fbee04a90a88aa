import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type OutgoingHttpHeaders, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { inspect } from 'node:util'
import { ApiError, type Call, type Target } from '#libs/contract'
import { lineworks } from './index'

const token = 'at-0123456789-secret'
const options = { retryKey: '6f9b0f6e-5f0e-4a4b-9a5e-0d8c8a0c1f10' }

interface Answer {
  status: number
  headers?: OutgoingHttpHeaders
  body?: string
}

interface Seen {
  method: string | undefined
  url: string | undefined
  headers: IncomingHttpHeaders
  body: unknown
}

const servers: Server[] = []

afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.close()
    server.closeAllConnections()
    await once(server, 'close')
  }
})

/** A LINE WORKS API that gives `answer` to everything, and the sender of a bot that uses it. */
async function setup(answer: Answer = { status: 201 }) {
  const seen: Seen[] = []
  const server = createServer((req, res) => {
    const chunks: Buffer[] = []
    req.on('data', (chunk: Buffer) => chunks.push(chunk))
    req.on('end', () => {
      const body: unknown = JSON.parse(Buffer.concat(chunks).toString())
      seen.push({ method: req.method, url: req.url, headers: req.headers, body })
      res.writeHead(answer.status, answer.headers).end(answer.body)
    })
  }).listen(0, '127.0.0.1')
  servers.push(server)
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const invalidated: string[] = []
  const tokens = {
    get: async () => token,
    invalidate: async (failed: string) => void invalidated.push(failed),
  }
  const apiBaseUrl = `http://127.0.0.1:${port}/v1.0`
  const sender = lineworks.createSender(
    {
      name: 'helpdesk',
      botId: '2000001',
      serviceAccount: 'x.serviceaccount@example.com',
      limits: { perMinute: 240 },
      apiBaseUrl,
    },
    tokens,
  )
  return { sender, seen, invalidated }
}

function callTo(target: Target, content: Record<string, unknown> = { type: 'text', text: 'hi' }): Call {
  return { operation: `${target.kind}s.messages`, target, messages: [content] }
}

const call = callTo({ kind: 'channel', id: 'c-1' })

/** The error of the only call, from an API that gives `answer`. */
async function failureOf(answer: Answer) {
  const { sender, invalidated } = await setup(answer)
  const error: unknown = await sender.send(call, options).catch((reason: unknown) => reason)
  if (!(error instanceof ApiError)) throw new Error(`expected an ApiError, got ${String(error)}`)
  return { error, invalidated }
}

describe('LINE WORKS send', () => {
  test.each<[Target, string]>([
    [{ kind: 'user', id: '0d3f9a52-7c11' }, '/v1.0/bots/2000001/users/0d3f9a52-7c11/messages'],
    [
      { kind: 'user', id: 'aki+1@example.co.jp' },
      '/v1.0/bots/2000001/users/aki%2B1%40example.co.jp/messages',
    ],
    [{ kind: 'channel', id: '7b1e/a?b#c' }, '/v1.0/bots/2000001/channels/7b1e%2Fa%3Fb%23c/messages'],
  ])('posts to %j', async (target, url) => {
    const { sender, seen } = await setup()
    await sender.send(callTo(target, { type: 'text', text: 'やあ 😀' }), options)
    expect(seen).toMatchObject([
      { method: 'POST', url, body: { content: { type: 'text', text: 'やあ 😀' } } },
    ])
    expect(seen[0]?.headers).toMatchObject({
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
    })
  })

  test('sends what it has planned', async () => {
    const { sender, seen } = await setup()
    const target: Target = { kind: 'user', id: 'u-1' }
    const calls = sender.plan({ kind: 'push', target, messages: [{ type: 'text', text: 'hi' }] })
    for (const planned of calls) await sender.send(planned, options)
    expect(seen.map((request) => request.url)).toEqual(['/v1.0/bots/2000001/users/u-1/messages'])
  })

  test.each<Answer>([
    { status: 201 },
    { status: 200, body: '{"messageId":"m-1"}' },
    { status: 204 },
    { status: 201, body: 'not json' },
  ])('is done with %j', async (answer) => {
    const { sender, invalidated } = await setup(answer)
    await expect(sender.send(call, options)).resolves.toEqual({ status: answer.status })
    expect(invalidated).toEqual([])
  })

  test('drops the token after a 401 and says why it was refused', async () => {
    const { error, invalidated } = await failureOf({
      status: 401,
      headers: { 'WWW-Authenticate': 'Bearer error="invalid_token"' },
      body: '{"code":"UNAUTHORIZED","description":"Authentication failed."}',
    })
    expect(error).toMatchObject({ code: 'api_unauthorized', status: 401 })
    expect(error.message).toContain('LINE WORKS channels.messages answered 401: Bearer error="invalid_token"')
    expect(error.message).toContain('Authentication failed.')
    expect(invalidated).toEqual([token])
  })

  test('waits as long as rateLimit-reset says after a 429', async () => {
    const body = '{"code":"TOO_MANY_REQUESTS","description":"API rate limit exceeded"}'
    const { error, invalidated } = await failureOf({
      status: 429,
      headers: { 'rateLimit-reset': '17' },
      body,
    })
    expect(error).toMatchObject({ code: 'api_rate_limited', status: 429, retryAfterMs: 17_000 })
    expect(invalidated).toEqual([])
  })

  test('leaves the wait open after a 429 that states none', async () => {
    const { error } = await failureOf({ status: 429 })
    expect(error).toMatchObject({ code: 'api_rate_limited', retryAfterMs: undefined })
  })

  test.each([
    [400, 'INVALID_PARAMETER', 'api_rejected'],
    [403, 'ACCESS_DENIED', 'api_rejected'],
    [404, 'NOT_FOUND', 'api_rejected'],
    [410, 'DELETED', 'api_rejected'],
    [500, 'INTERNAL_SERVER_ERROR', 'api_unavailable'],
    [503, 'SERVICE_UNAVAILABLE', 'api_unavailable'],
  ])('takes %i %s as %s, in the words of the platform', async (status, word, code) => {
    const { error, invalidated } = await failureOf({ status, body: JSON.stringify({ code: word }) })
    expect(error).toMatchObject({ code, status, words: `{"code":"${word}"}` })
    expect(invalidated).toEqual([])
  })

  test.each([401, 403, 429, 500])(
    'puts no credential into the error of a %i that repeats it',
    async (status) => {
      const headers = { 'www-authenticate': `Bearer realm="${token}"` }
      const { error } = await failureOf({ status, headers, body: JSON.stringify({ description: token }) })
      const shown = [
        error.message,
        error.stack,
        JSON.stringify(error),
        inspect(error, { depth: 10, showHidden: true }),
      ]
      expect(shown.join('\n')).toContain('[secret]')
      expect(shown.join('\n')).not.toContain(token)
    },
  )

  test('puts no credential into the error of a connection that breaks', async () => {
    const { sender } = await setup()
    const [server] = servers
    server?.removeAllListeners('request').on('request', (req) => req.socket.destroy())
    const error: unknown = await sender.send(call, options).catch((reason: unknown) => reason)
    expect(error).toMatchObject({ code: 'api_outcome_unknown' })
    expect(inspect(error, { depth: 10, showHidden: true }) + JSON.stringify(error)).not.toContain(token)
  })

  test('ends when the caller aborts', async () => {
    const { sender } = await setup()
    const sending = sender.send(call, { ...options, signal: AbortSignal.abort() })
    await expect(sending).rejects.toMatchObject({ name: 'ApiError' })
  })
})
