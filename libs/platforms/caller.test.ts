import { once } from 'node:events'
import { type IncomingMessage, type RequestListener, type Server, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { inspect } from 'node:util'
import type { ApiRequest, ApiStream, PlatformName, TokenSource } from '#libs/contract'
import { createSender } from '.'

const servers: Server[] = []

afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
})

interface Seen extends Pick<IncomingMessage, 'method' | 'url' | 'headers'> {
  body: Buffer
}

/** A server that records requests and answers as told. */
async function listen(answer: RequestListener, host = '127.0.0.1') {
  const seen: Seen[] = []
  const server = createServer((request, response) => {
    void buffer(request).then((body) => {
      const { method, url, headers } = request
      seen.push({ method, url, headers, body })
      answer(request, response)
    })
  }).listen(0, host)
  servers.push(server)
  await once(server, 'listening')
  return { seen, port: (server.address() as AddressInfo).port }
}

const ok: RequestListener = (_request, response) => response.end('{}')
const options = { retryKey: '5d0c2a4e-0000-4000-8000-000000000001' }

/** Tokens `t1`, `t2`, …: the next one after each that was invalidated. */
function freshTokens(): TokenSource & { invalidated: string[] } {
  const invalidated: string[] = []
  return {
    invalidated,
    get: async () => `t${invalidated.length + 1}`,
    invalidate: async (failed) => void invalidated.push(failed),
  }
}

function callerFor(platform: PlatformName, url: string, tokens: TokenSource, dataUrl = url) {
  switch (platform) {
    case 'line':
      return createSender(
        { platform, name: 'shop', apiBaseUrl: url, dataApiBaseUrl: dataUrl, replyFallback: 'park' },
        tokens,
      )
    case 'lineworks':
      return createSender(
        {
          ...{ platform, name: 'desk', botId: '2000001', serviceAccount: 'a.serviceaccount@example.com' },
          ...{ limits: { perMinute: 240 }, apiBaseUrl: `${url}/v1.0` },
        },
        tokens,
      )
    case 'tocaro':
      return createSender(
        {
          ...{ platform, name: 'hall', apiBaseUrl: url, postPath: '/groups/{group}/messages' },
          ...{ hasAccessToken: true, limits: { perMinute: 60 } },
        },
        tokens,
      )
  }
}

async function setup(answer: RequestListener = ok, platform: PlatformName = 'line') {
  const server = await listen(answer)
  const tokens = freshTokens()
  const url = `http://127.0.0.1:${server.port}`
  const caller = callerFor(platform, url, tokens)
  const request = (what: Partial<ApiRequest>) =>
    caller.request({ method: 'GET', path: '/v2/bot/info', ...what }, options)
  const failed = (what: Partial<ApiRequest>) =>
    request(what).then(
      () => Promise.reject(new Error('the call succeeded')),
      (error: unknown) => error as Error,
    )
  return { ...server, url, tokens, caller, request, failed }
}

describe('a request', () => {
  test('has its ids encoded, its query, its JSON and the token', async () => {
    const { request, seen } = await setup()
    await request({
      ...{
        method: 'POST',
        path: '/v2/bot/group/{groupId}/member/{userId}',
        params: { groupId: 'C/1', userId: 'ä?#%' },
      },
      ...{ query: { start: 'a b', limit: 5, absent: undefined }, body: { text: 'こんにちは' } },
    })
    expect(seen).toMatchObject([
      {
        method: 'POST',
        url: '/v2/bot/group/C%2F1/member/%C3%A4%3F%23%25?start=a+b&limit=5',
        headers: { authorization: 'Bearer t1', 'content-type': 'application/json' },
      },
    ])
    expect(JSON.parse(String(seen[0]?.body))).toEqual({ text: 'こんにちは' })
    expect(seen[0]?.headers['x-line-retry-key']).toBeUndefined()
  })

  test.each(['', '.', '..', '\uD83D'])('with the id %j is refused before it is made', async (userId) => {
    const { failed, seen } = await setup()
    const error = await failed({ path: '/v2/bot/profile/{userId}', params: { userId } })
    expect(error).toMatchObject({
      code: 'message_invalid',
      message: expect.stringContaining('params.userId'),
    })
    expect(seen).toEqual([])
  })

  test.each([
    ['/v2/bot/profile/{userId}', 'needs params.userId'],
    ['v2/bot/info', 'begin with a slash'],
    ['/v2/../info', "can't stand in a path"],
    ['/v2/%2e%2E/info', "can't stand in a path"],
    ['/v2/bot/info?x=1', 'Use query'],
  ])('for the path %s is refused', async (path, words) => {
    expect((await (await setup()).failed({ path })).message).toContain(words)
  })

  test('of bytes goes out as they are, with their type, to the data host', async () => {
    const data = await listen(ok)
    const { url, tokens, seen } = await setup()
    const caller = callerFor('line', url, tokens, `http://127.0.0.1:${data.port}`)
    const body = new Uint8Array([1, 2, 3])
    const path = '/v2/bot/richmenu/{richMenuId}/content'
    const params = { richMenuId: 'r1' }
    await caller.request(
      { method: 'POST', host: 'data', path, params, body, contentType: 'image/png' },
      options,
    )
    expect(seen).toEqual([])
    expect(data.seen).toMatchObject([
      {
        url: '/v2/bot/richmenu/r1/content',
        headers: { 'content-type': 'image/png' },
        body: Buffer.from(body),
      },
    ])
  })

  test('fills in the bot of LINE WORKS, unless another is named', async () => {
    const { request, seen } = await setup(ok, 'lineworks')
    await request({ path: '/bots/{botId}' })
    await request({ path: '/bots/{botId}', params: { botId: '7' } })
    expect(seen.map(({ url }) => url)).toEqual(['/v1.0/bots/2000001', '/v1.0/bots/7'])
  })
})

describe('an answer', () => {
  test.each<[string, RequestListener, unknown]>([
    ['JSON', (_request, response) => response.end('{"a":1}'), { a: 1 }],
    ['text', (_request, response) => response.end('hello'), 'hello'],
    ['nothing', (_request, response) => response.writeHead(204).end(), undefined],
  ])('of %s comes as it is', async (_name, answer, body) => {
    expect((await (await setup(answer)).request({})).body).toEqual(body)
  })

  test('tells its headers and what the platform says of its limit', async () => {
    const { request } = await setup((_request, response) =>
      response.setHeader('rateLimit-remaining', '7').setHeader('X-Line-Request-Id', 'r1').end('{}'),
    )
    expect(await request({})).toMatchObject({
      headers: { 'x-line-request-id': 'r1' },
      limit: { remaining: 7 },
    })
  })

  test('comes as bytes or as a stream, not above its cap', async () => {
    const { request, failed } = await setup((_request, response) => response.end('0123456789'))
    expect((await request({ as: 'bytes' })).body).toEqual(Buffer.from('0123456789'))
    const { body } = await request({ as: 'stream' })
    expect(String(await buffer(body as ApiStream))).toBe('0123456789')
    expect(await failed({ as: 'bytes', maxBytes: 9 })).toMatchObject({ code: 'api_rejected' })
    expect(await failed({ maxBytes: 9 })).toMatchObject({ code: 'api_rejected' })
  })

  test('whose JSON breaks off is an error, not half of it', async () => {
    const { failed } = await setup((_request, response) => {
      response.setHeader('content-length', 100)
      response.write('{"userIds":["U1"', () => response.socket?.destroy())
    })
    expect(await failed({})).toMatchObject({ code: 'api_outcome_unknown' })
  })
})

describe('a refusal', () => {
  test.each<[PlatformName, string]>([
    ['line', 'LINE GET /x'],
    ['lineworks', 'LINE WORKS GET /x'],
    ['tocaro', 'Tocaro GET /x'],
  ])('of %s has the platform’s words and no secret', async (platform, what) => {
    const { failed } = await setup((request, response) => {
      response.writeHead(400).end(`{"message":"no, ${String(request.headers.authorization)}"}`)
    }, platform)
    const error = await failed({ path: '/x' })
    expect(error).toMatchObject({ code: 'api_rejected', status: 400 })
    expect(error.message).toContain(`${what} answered 400: {"message":"no, Bearer [secret]"}`)
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('t1')
  })

  test.each([
    ['The API rate limit has been exceeded. Try again later.', 'api_rate_limited'],
    ['You have reached your monthly limit.', 'api_quota_exhausted'],
  ])('429 "%s" is %s', async (message, code) => {
    const { failed } = await setup((_request, response) =>
      response.writeHead(429).end(JSON.stringify({ message })),
    )
    expect(await failed({})).toMatchObject({ code })
  })

  test('401 renews the token once', async () => {
    const { request, seen, tokens } = await setup((incoming, response) =>
      response.writeHead(incoming.headers.authorization === 'Bearer t2' ? 200 : 401).end('{}'),
    )
    expect(await request({ method: 'POST', body: { a: 1 } })).toMatchObject({ status: 200 })
    expect(tokens.invalidated).toEqual(['t1'])
    expect(seen.map(({ headers }) => headers.authorization)).toEqual(['Bearer t1', 'Bearer t2'])
    expect(seen.map(({ body }) => String(body))).toEqual(['{"a":1}', '{"a":1}'])
  })

  test('401 with the new token too is an error after two requests', async () => {
    const { failed, seen } = await setup((_request, response) => response.writeHead(401).end('{}'))
    expect(await failed({})).toMatchObject({ code: 'api_unauthorized' })
    expect(seen).toHaveLength(2)
  })

  test('401 is not repeated with a token that only a person can replace', async () => {
    const { url, seen } = await setup((_request, response) => response.writeHead(401).end('{}'))
    const caller = callerFor('line', url, {
      get: async () => 'long-lived',
      invalidate: async () => undefined,
    })
    const request = { method: 'GET', path: '/v2/bot/info' } as const
    await expect(caller.request(request, options)).rejects.toMatchObject({ code: 'api_unauthorized' })
    expect(seen).toHaveLength(1)
  })

  test('409 to a retry key says that it was done; without one it is a refusal', async () => {
    const { request, failed, seen } = await setup((_request, response) => response.writeHead(409).end('{}'))
    const broadcast = { method: 'POST', path: '/v2/bot/message/broadcast' } as const
    expect(await request({ ...broadcast, retryKey: true })).toMatchObject({ status: 409 })
    expect(seen[0]?.headers['x-line-retry-key']).toBe(options.retryKey)
    expect(await failed(broadcast)).toMatchObject({ code: 'api_rejected', status: 409 })
  })
})

describe('a redirect', () => {
  const path = '/bots/{botId}/attachments/{fileId}'
  const get = { method: 'GET', path, params: { fileId: 'f1' }, as: 'bytes' } as const
  const leadTo =
    (location: string): RequestListener =>
    (_request, response) =>
      response.writeHead(302, { location }).end()
  const content: RequestListener = (_request, response) => response.end('content')

  test('to another port of the host keeps the token', async () => {
    const storage = await listen(content)
    const { request } = await setup(leadTo(`http://127.0.0.1:${storage.port}/f1`), 'lineworks')
    expect((await request(get)).body).toEqual(Buffer.from('content'))
    expect(storage.seen[0]?.headers.authorization).toBe('Bearer t1')
  })

  test.each(['http://localhost', 'http://127.0.0.2', 'https://127.0.0.2', 'https://localhost'])(
    'to the foreign host %s takes the token nowhere',
    async (host) => {
      const foreign = await listen(content, '0.0.0.0')
      const { failed } = await setup(leadTo(`${host}:${foreign.port}/f1`), 'lineworks')
      await failed(get)
      expect(foreign.seen).toEqual([])
    },
  )

  test('without an end ends all the same', async () => {
    const { failed, seen } = await setup(leadTo('/again'), 'lineworks')
    expect(await failed(get)).toMatchObject({ status: 302 })
    expect(seen).toHaveLength(4)
  })

  test('of a write is not followed', async () => {
    const { failed, seen } = await setup(leadTo('/elsewhere'), 'lineworks')
    expect(await failed({ method: 'POST', path: '/bots' })).toMatchObject({ status: 302 })
    expect(seen).toHaveLength(1)
  })
})

describe('an address that the platform gave', () => {
  test('is called with the token on the own host, without it where it is anonymous', async () => {
    const storage = await listen(ok)
    const { request } = await setup(ok, 'lineworks')
    const url = `http://127.0.0.1:${storage.port}/upload?once=1`
    await request({ method: 'POST', path: '/attachments/upload', url, body: { a: 1 } })
    await request({ path: '/(content elsewhere)', url, anonymous: true })
    expect(storage.seen.map(({ url: at, headers }) => [at, headers.authorization])).toEqual([
      ['/upload?once=1', 'Bearer t1'],
      ['/upload?once=1', undefined],
    ])
  })

  test.each(['http://example.com/x', 'ftp://127.0.0.1/x', 'nonsense', 'https://10.0.0.1/x'])(
    '%s is not called',
    async (url) => {
      await expect((await setup()).failed({ url })).resolves.toMatchObject({
        code: expect.stringMatching(/message_invalid|api_rejected/),
      })
    },
  )
})

describe('the limit', () => {
  const caller = callerFor('line', 'http://127.0.0.1:1', freshTokens())
  const hour = 3_600_000

  test.each([
    ['POST', '/v2/bot/message/broadcast', 60, hour],
    ['POST', '/v2/bot/message/narrowcast', 60, hour],
    ['GET', '/v2/bot/insight/followers', 60, hour],
    ['POST', '/v2/bot/channel/webhook/test', 60, hour],
    ['POST', '/v2/bot/audienceGroup/upload', 60, 60_000],
    ['PUT', '/v2/bot/channel/webhook/endpoint', 1000, 60_000],
    ['GET', '/v2/bot/channel/webhook/endpoint', 1000, 60_000],
    ['POST', '/v2/bot/richmenu', 100, hour],
    ['DELETE', '/v2/bot/richmenu/{richMenuId}', 100, hour],
    ['DELETE', '/v2/bot/richmenu/alias/{richMenuAliasId}', 100, hour],
    ['GET', '/v2/bot/richmenu/progress/batch', 100, hour],
    ['POST', '/v2/bot/richmenu/batch', 3, hour],
    ['GET', '/v2/bot/richmenu/list', 10, 1000],
    ['POST', '/v2/bot/message/multicast', 200, 1000],
    ['POST', '/v2/bot/coupon', 200, 1000],
    ['POST', '/v2/bot/chat/loading/start', 100, 1000],
    ['GET', '/v2/bot/profile/{userId}', 2000, 1000],
    ['POST', '/v2/bot/chat/markAsRead', 2000, 1000],
  ] as const)('of LINE for %s %s is %i per %i ms', (method, path, amount, perMs) => {
    const limit = caller.limitOfRequest({ method, path })
    expect(limit).toEqual({ scope: `line:shop:${method} ${path}`, amount, perMs })
  })

  test('of a push is the one that sending has', () => {
    const target = { kind: 'user', id: 'U1' } as const
    const call = { operation: 'push', target, messages: [] }
    expect(caller.limitOfRequest({ method: 'POST', path: '/v2/bot/message/push' })).toEqual(
      caller.limitOf(call),
    )
  })

  test('has no ids in its name, wherever the author put them', () => {
    const path = `/v2/bot/profile/U${'1'.repeat(32)}`
    expect(caller.operationOf({ method: 'GET', path })).toBe('GET /v2/bot/profile/{id}')
  })

  test('of LINE WORKS is per domain and operation, ten a minute for rooms, one at once for bots', () => {
    const works = callerFor('lineworks', 'http://127.0.0.1:1', freshTokens())
    expect(works.limitOfRequest({ method: 'POST', path: '/bots/{botId}/channels' })).toMatchObject({
      ...{ scope: 'lineworks:example.com:POST /bots/{botId}/channels', amount: 10, perMs: 60_000 },
    })
    expect(works.limitOfRequest({ method: 'GET', path: '/bots/{botId}/channels/{channelId}' })).toMatchObject(
      {
        ...{ amount: 240, perMs: 60_000, atOnce: 4 },
      },
    )
    expect(works.limitOfRequest({ method: 'PUT', path: '/bots/{botId}' })).toMatchObject({ atOnce: 1 })
  })

  test('of Tocaro is the assumed one', () => {
    const hall = callerFor('tocaro', 'http://127.0.0.1:1', freshTokens())
    expect(hall.limitOfRequest({ method: 'GET', path: '/users' })).toEqual({
      ...{ scope: 'tocaro:hall:GET /users', amount: 5, perMs: 5000 },
    })
  })
})
