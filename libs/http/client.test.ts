import { once } from 'node:events'
import { type IncomingMessage, type RequestListener, type Server, createServer } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { inspect } from 'node:util'
import type { ApiError } from '#libs/contract'
import { type HttpOptions, type HttpRequest, createHttp } from '.'

const secret = 'fake-access-token-EXAMPLE'
const headers = { authorization: `Bearer ${secret}` }

const servers: Server[] = []

afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
})

/** A platform on the loopback that answers as told, and a client for it. */
async function setup(listener: RequestListener, options: HttpOptions = {}) {
  const server = createServer(listener).listen(0, '127.0.0.1')
  servers.push(server)
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => sockets.add(socket))
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const http = createHttp(options)
  const url = `http://127.0.0.1:${port}/v2/things`
  const call = (request: Partial<HttpRequest> = {}) => http({ method: 'POST', url, headers, ...request })
  return { call, url, sockets, host: `127.0.0.1:${port}` }
}

const failureOf = (promise: Promise<unknown>) =>
  promise.then(
    (value) => {
      throw new Error(`expected a failure, got ${inspect(value)}`)
    },
    (error: unknown) => error as ApiError,
  )

/** Everything that a logger or a console could make of an error. */
const shown = (error: unknown) =>
  [inspect(error, { depth: 9, showHidden: true }), JSON.stringify(error), String(error)].join('\n')

describe('an exchange that is answered', () => {
  const echo: RequestListener = (request, response) => {
    void text(request).then((body) =>
      response.end(
        JSON.stringify({
          method: request.method,
          type: request.headers['content-type'],
          accept: request.headers.accept,
          authorization: request.headers.authorization,
          body,
        }),
      ),
    )
  }

  test('sends an object as JSON, with the headers given', async () => {
    const { call } = await setup(echo)
    const { body } = await call({ body: { text: 'こんにちは 😀' } })
    expect(body).toEqual({
      method: 'POST',
      type: 'application/json',
      accept: 'application/json',
      authorization: headers.authorization,
      body: '{"text":"こんにちは 😀"}',
    })
  })

  test('sends URLSearchParams as a form', async () => {
    const { call } = await setup(echo)
    const { body } = await call({ body: new URLSearchParams({ scope: 'bot user', a: '1&2' }) })
    expect(body).toMatchObject({
      type: expect.stringMatching(/^application\/x-www-form-urlencoded/),
      body: 'scope=bot+user&a=1%262',
    })
  })

  test.each([200, 202, 204, 400, 401, 404, 429, 500, 503])('resolves with status %i', async (status) => {
    const { call } = await setup((_request, response) => response.writeHead(status).end())
    expect(await call()).toMatchObject({ status, body: undefined })
  })

  test.each([
    ['JSON', '{"message":"ok"}', { message: 'ok' }],
    ['JSON that is no object', '17', 17],
    ['HTML', '<html>Bad gateway</html>', '<html>Bad gateway</html>'],
    ['broken JSON', '{"message":', '{"message":'],
    ['nothing', '', undefined],
  ])('gives a body of %s as it is', async (_name, sent, body) => {
    const { call } = await setup((_request, response) =>
      response.setHeader('content-type', 'application/json').end(sent),
    )
    expect((await call()).body).toEqual(body)
  })

  test('names headers in lower case', async () => {
    const { call } = await setup((_request, response) => response.setHeader('X-Line-Request-Id', 'r1').end())
    expect((await call()).headers['x-line-request-id']).toBe('r1')
  })

  test.each([301, 302, 307])('does not follow a %i', async (status) => {
    const paths: (string | undefined)[] = []
    const { call } = await setup((request, response) => {
      paths.push(request.url)
      response.writeHead(status, { location: '/elsewhere' }).end()
    })
    expect(await call()).toMatchObject({ status, headers: { location: '/elsewhere' } })
    expect(paths).toEqual(['/v2/things'])
  })

  test('keeps the connection for the next request', async () => {
    const { call, sockets } = await setup((_request, response) => response.end('{}'))
    for (let i = 0; i < 5; i++) await call({ body: { i } })
    expect(sockets.size).toBe(1)
  })

  test('keeps as many connections as there were requests at once', async () => {
    const { call, sockets } = await setup((_request, response) => response.end('{}'))
    const callTwice = async () => {
      await call()
      await call()
    }
    for (let i = 0; i < 5; i++) await Promise.all(Array.from({ length: 10 }, callTwice))
    expect(sockets.size).toBe(10)
  })

  test('opens no more connections than it may', async () => {
    const { call, sockets } = await setup((_request, response) => response.end('{}'), { maxSockets: 2 })
    await Promise.all(Array.from({ length: 10 }, () => call()))
    expect(sockets.size).toBe(2)
  })

  test.each([200, 400])('knows the status %i of an answer whose body breaks off', async (status) => {
    const { call } = await setup((_request, response) => {
      response.writeHead(status, { 'content-length': 100 })
      response.write('{"mess', () => response.socket?.destroy())
    })
    expect(await call()).toMatchObject({ status, body: undefined })
  })
})

describe('an exchange without an answer', () => {
  const neverEnds = (request: IncomingMessage) => void request.resume()

  test('is api_unavailable when the connection is refused', async () => {
    const { call, host } = await setup(() => undefined)
    const server = servers.pop()
    await new Promise((resolve) => server?.close(resolve))
    const error = await failureOf(call())
    expect(error).toMatchObject({ name: 'ApiError', code: 'api_unavailable', status: undefined })
    expect(error.message).toBe(`No connection to ${host} (ECONNREFUSED). Check the base URL and the network.`)
  })

  test('is api_unavailable when the name of the host is not known', async () => {
    const { call } = await setup(() => undefined)
    const error = await failureOf(call({ url: 'http://no-such-host.invalid/x' }))
    expect(error.code).toBe('api_unavailable')
    expect(error.message).toContain('no-such-host.invalid')
  })

  test('is api_outcome_unknown when the connection is reset after sending', async () => {
    const { call, host } = await setup((request) => {
      void text(request).then(() => request.socket.resetAndDestroy())
    })
    const error = await failureOf(call({ body: { text: 'hi' } }))
    expect(error).toMatchObject({ code: 'api_outcome_unknown', status: undefined })
    expect(error.message).toBe(`The request to ${host} got no answer (ECONNRESET); it may have been done.`)
  })

  test('is api_outcome_unknown when nothing comes within the timeout', async () => {
    const { call } = await setup(neverEnds, { timeoutMs: 50 })
    const error = await failureOf(call())
    expect(error.code).toBe('api_outcome_unknown')
    expect(error.message).toContain('no complete answer within 50 ms')
  })

  test('ends a dripping answer at the timeout, however often a byte comes', async () => {
    let drip: NodeJS.Timeout | undefined
    let gone: Promise<unknown> | undefined
    const { call } = await setup(
      (_request, response) => {
        response.writeHead(201, { 'content-type': 'application/json' })
        drip = setInterval(() => response.write(' '), 5)
        gone = once(response, 'close').then(() => clearInterval(drip))
      },
      { timeoutMs: 150 },
    )
    // What the platform decided is known: it must not be asked again.
    expect(await call()).toMatchObject({ status: 201, body: undefined })
    await gone
  })

  test('is not made, and says so, when its caller had given up before', async () => {
    let requests = 0
    const { call } = await setup((_request, response) => {
      requests += 1
      response.end()
    })
    const error = await failureOf(call({ signal: AbortSignal.abort() }))
    expect(error).toMatchObject({ code: 'api_unavailable', neverSent: true })
    expect(requests).toBe(0)
  })

  test('ends when the caller aborts', async () => {
    const abort = new AbortController()
    const { call } = await setup((request) => {
      request.resume()
      abort.abort()
    })
    const error = await failureOf(call({ signal: abort.signal }))
    expect(error.code).toBe('api_outcome_unknown')
    expect(error.message).not.toContain('within')
  })

  test('says nothing of headers, path, query or body in its error', async () => {
    const { call, url } = await setup(
      (request) => void text(request).then(() => request.socket.resetAndDestroy()),
      { timeoutMs: 2000 },
    )
    const request = { url: `${url}/${secret}?token=${secret}`, body: { password: secret } }
    const reset = await failureOf(call(request))
    const server = servers.pop()
    server?.closeAllConnections()
    await new Promise((resolve) => server?.close(resolve))
    const refused = await failureOf(call(request))
    expect([reset.code, refused.code]).toEqual(['api_outcome_unknown', 'api_unavailable'])
    for (const error of [reset, refused]) {
      expect(shown(error)).not.toContain(secret)
      expect(shown(error)).not.toMatch(/authorization|Bearer/i)
    }
  })
})
