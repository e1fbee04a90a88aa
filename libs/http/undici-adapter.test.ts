import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { once } from 'node:events'
import { type IncomingMessage, type RequestListener, type Server, createServer } from 'node:http'
import { type AddressInfo, type Socket, connect, createServer as createTcpServer } from 'node:net'
import { text } from 'node:stream/consumers'
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib'
import type { ApiError } from '#libs/contract'
import { type HttpOptions, type HttpRequest, createHttp } from '.'

const stops: (() => Promise<void>)[] = []
const { env } = process
const environment = { ...env }

afterEach(async () => {
  for (const stop of stops.splice(0)) await stop()
  process.env = { ...environment }
})

async function listen(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  stops.push(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
  return `127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** A platform on the loopback that answers as told, and a client for it. */
async function setup(listener: RequestListener, options: HttpOptions = {}) {
  const server = createServer(listener)
  server.keepAliveTimeout = 60_000
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => sockets.add(socket))
  const host = await listen(server)
  const http = createHttp(options)
  const call = (request: Partial<HttpRequest> = {}) =>
    http({ method: 'POST', url: `http://${host}/v2/things?a=1#b`, ...request })
  return { call, sockets, host }
}

const failureOf = (promise: Promise<unknown>) =>
  promise.then(
    () => {
      throw new Error('expected a failure')
    },
    (error: unknown) => error as ApiError,
  )

const echo: RequestListener = (request, response) => {
  void text(request).then((body) => {
    const { url, method, headers } = request
    response.end(JSON.stringify({ url, method, headers, body }))
  })
}

describe('what goes out', () => {
  test('is what axios sends, but for compression, which is not asked for', async () => {
    const { call, host } = await setup(echo)
    const request = { body: { a: 'é' }, headers: { authorization: 'Bearer t', 'X-Line-Retry-Key': 'k' } }
    const { body } = await call(request)
    expect(body).toEqual({
      url: '/v2/things?a=1',
      method: 'POST',
      headers: {
        host,
        connection: 'keep-alive',
        accept: 'application/json',
        'accept-encoding': 'identity',
        authorization: 'Bearer t',
        'content-length': '10',
        'content-type': 'application/json',
        'user-agent': expect.stringMatching(/^axios\/\d/),
        'x-line-retry-key': 'k',
      },
      body: '{"a":"é"}',
    })
  })

  test('has no body and no type where there is none', async () => {
    const { call } = await setup(echo)
    const { body } = await call({ method: 'GET' })
    expect(body).toMatchObject({ method: 'GET', body: '' })
    expect(body).not.toMatchObject({ headers: { 'content-length': expect.anything() } })
  })

  test('may be bytes, or a form with a file, which axios sends', async () => {
    const { call } = await setup(echo)
    const bytes = { headers: { 'content-type': 'image/png' }, body: Buffer.from('png') }
    expect((await call(bytes)).body).toMatchObject({ headers: { 'content-type': 'image/png' }, body: 'png' })
    const form = new FormData()
    form.append('file', new Blob(['content']), 'a.txt')
    const type = expect.stringMatching(/^multipart\/form-data; boundary=/)
    const sent = { headers: { 'content-type': type }, body: expect.stringContaining('content') }
    expect((await call({ body: form })).body).toMatchObject(sent)
  })

  test('leaves out of a header what none may hold', async () => {
    const { call } = await setup(echo)
    const { body } = await call({ headers: { authorization: 'Bearer \u200bt\n' } })
    expect(body).toMatchObject({ headers: { authorization: 'Bearer t' } })
  })

  test('carries the password that stands in a URL', async () => {
    const { call, host } = await setup(echo)
    const { body } = await call({ url: `http://user:pass@${host}/x` })
    const authorization = `Basic ${Buffer.from('user:pass').toString('base64')}`
    expect(body).toMatchObject({ headers: { authorization } })
  })
})

describe('what comes back', () => {
  const sent = Buffer.from('{"message":"圧縮された答え"}')
  test.each([
    ['gzip', gzipSync(sent)],
    ['GZIP', gzipSync(sent)],
    ['deflate', deflateSync(sent)],
    ['deflate', deflateRawSync(sent)],
    ['br', brotliCompressSync(sent)],
    ['identity', sent],
  ])('is read where it is compressed all the same (%s)', async (encoding, bytes) => {
    const { call } = await setup((_request, response) =>
      response.setHeader('content-encoding', encoding).end(bytes),
    )
    expect((await call()).body).toEqual({ message: '圧縮された答え' })
  })

  test('keeps its status where it can not be decompressed', async () => {
    const { call } = await setup((_request, response) =>
      response.writeHead(400, { 'content-encoding': 'gzip' }).end('not gzip'),
    )
    expect(await call()).toMatchObject({ status: 400, body: undefined })
  })

  test.each([
    ['plain', {}, Buffer.alloc(1024 * 1024 + 1, ' ')],
    ['compressed', { 'content-encoding': 'gzip' }, gzipSync(Buffer.alloc(1024 * 1024 + 1, ' '))],
  ])('may be 1 MiB long, no more (%s)', async (_name, headers, bytes) => {
    const { call } = await setup((_request, response) => response.writeHead(200, headers).end(bytes))
    const error = await failureOf(call())
    expect(error.code).toBe('api_outcome_unknown')
    expect(error.message).toContain('ERR_BAD_RESPONSE')
  })

  test('loses its byte order mark', async () => {
    const { call } = await setup((_request, response) => response.end('\ufeff{"a":1}'))
    expect((await call()).body).toEqual({ a: 1 })
  })

  test('has headers that came twice as node:http has them', async () => {
    const { call } = await setup((_request, response) => {
      response.writeHead(429, ['Retry-After', '5', 'Retry-After', '7', 'Via', 'a', 'Via', 'b']).end()
    })
    expect((await call()).headers).toMatchObject({ 'retry-after': '5', via: 'a, b' })
  })

  test('is the answer, not what came before it', async () => {
    const { call } = await setup((_request, response) => {
      response.writeEarlyHints({ link: '</a>; rel=preload' })
      response.writeHead(201).end('{}')
    })
    expect((await call()).status).toBe(201)
  })
})

describe('connections', () => {
  test('are as many as allowed, however many requests wait', async () => {
    const waiting: (() => void)[] = []
    const { call, sockets } = await setup(
      (request, response) => {
        request.resume()
        waiting.push(() => response.end('{}'))
        if (waiting.length === 3) for (const answer of waiting.splice(0)) answer()
      },
      { maxSockets: 3 },
    )
    const answers = await Promise.all(Array.from({ length: 30 }, (_, i) => call({ body: { i } })))
    expect(answers.map(({ status }) => status)).toEqual(Array(30).fill(200))
    expect(sockets.size).toBe(3)
  })

  test('are not lost to a request that gave up while it waited', async () => {
    let answer: (() => void) | undefined
    const paths: (string | undefined)[] = []
    const { call, sockets, host } = await setup(
      (request, response) => {
        paths.push(request.url)
        if (paths.length > 1) response.end('{}')
        else answer = () => response.end('{}')
      },
      { maxSockets: 1 },
    )
    const first = call({ url: `http://${host}/first` })
    const abort = new AbortController()
    const waiting = failureOf(call({ url: `http://${host}/waiting`, signal: abort.signal }))
    const last = call({ url: `http://${host}/last` })
    abort.abort()
    expect(await waiting).toMatchObject({ code: 'api_unavailable', neverSent: true })
    // The server may not have the first request yet.
    while (!answer) await new Promise((resolve) => setImmediate(resolve))
    answer()
    expect([(await first).status, (await last).status]).toEqual([200, 200])
    expect(paths).toEqual(['/first', '/last'])
    expect(sockets.size).toBe(1)
  })

  test('none of which is free in time leave a request unsent', async () => {
    // Both limits pass in the same turn: else the one that waits has the connection of the other for a moment.
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask'] })
    stops.push(async () => void jest.useRealTimers())
    let came = 0
    const { call } = await setup(() => came++, { maxSockets: 1, timeoutMs: 100 })
    const failures = Promise.all([failureOf(call()), failureOf(call())])
    while (came === 0) await new Promise((resolve) => setImmediate(resolve))
    jest.advanceTimersByTime(100)
    const [sent, unsent] = await failures
    expect(sent).toMatchObject({ code: 'api_outcome_unknown', neverSent: false })
    expect(unsent).toMatchObject({ code: 'api_unavailable', neverSent: true })
    expect(unsent.message).toContain('none within 100 ms')
  })

  test.each([
    ['closes', (request: IncomingMessage) => request.socket.end()],
    ['resets', (request: IncomingMessage) => request.socket.resetAndDestroy()],
  ])('that the server %s under a POST do not make it go out again', async (_name, cut) => {
    const bodies: string[] = []
    const { call, sockets } = await setup((request, response) => {
      void text(request).then((body) => {
        bodies.push(body)
        if (bodies.length === 2) cut(request)
        else response.end('{}')
      })
    })
    await call({ body: { n: 1 } })
    const error = await failureOf(call({ body: { n: 2 } }))
    expect(error).toMatchObject({ code: 'api_outcome_unknown', neverSent: false })
    expect(error.message).toContain('(ECONNRESET); it may have been done')
    expect((await call({ body: { n: 3 } })).status).toBe(200)
    expect(bodies).toEqual(['{"n":1}', '{"n":2}', '{"n":3}'])
    // The second went over the first one's connection.
    expect(sockets.size).toBe(2)
  })

  test('that lose the way to the server under a POST may have sent it', async () => {
    const connected = new Promise<Socket>((resolve) => {
      const take = (message: unknown) => resolve((message as { socket: Socket }).socket)
      subscribe('undici:client:connected', take)
      stops.push(async () => void unsubscribe('undici:client:connected', take))
    })
    const { call } = await setup((request) => {
      request.resume().on('end', () => {
        const error = Object.assign(new Error('no route'), { code: 'EHOSTUNREACH' })
        void connected.then((socket) => socket.destroy(error))
      })
    })
    const error = await failureOf(call({ body: { n: 1 } }))
    expect(error).toMatchObject({ code: 'api_outcome_unknown', neverSent: false })
    expect(error.message).toContain('(EHOSTUNREACH); it may have been done')
  })

  test('that end before TLS is agreed on have sent nothing', async () => {
    const server = createTcpServer((socket) => socket.once('data', () => socket.end()))
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    stops.push(() => new Promise((resolve) => server.close(() => resolve())))
    const { port } = server.address() as AddressInfo
    const error = await failureOf(createHttp()({ method: 'POST', url: `https://127.0.0.1:${port}/` }))
    expect(error).toMatchObject({ code: 'api_unavailable', neverSent: true })
  })
})

describe('through a proxy', () => {
  /** A forward proxy that knows CONNECT, too. */
  async function proxy() {
    const seen: string[] = []
    const server = createServer((request, response) => {
      seen.push(`${request.method} ${request.url}`)
      response.end('{"from":"proxy"}')
    })
    server.on('connect', (request: IncomingMessage, socket: Socket) => {
      seen.push(`CONNECT ${request.url}`)
      const [host = '', port = ''] = (request.url ?? '').split(':')
      const onward = connect(Number(port), host, () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n')
        onward.pipe(socket).pipe(onward)
      })
      for (const end of [socket, onward]) end.on('error', () => (socket.destroy(), onward.destroy()))
    })
    return { seen, address: `http://${await listen(server)}` }
  }

  test('go http requests where HTTP_PROXY says so, but for NO_PROXY', async () => {
    const { seen, address } = await proxy()
    const { host } = await setup(echo)
    process.env['HTTP_PROXY'] = address
    const request = { method: 'POST', url: `http://${host}/x`, body: { a: 1 } } as const
    expect((await createHttp()(request)).body).toEqual({ from: 'proxy' })
    expect(seen).toEqual([`POST http://${host}/x`])
    process.env['NO_PROXY'] = '127.0.0.1'
    expect((await createHttp()(request)).body).toMatchObject({ url: '/x' })
    expect(seen).toHaveLength(1)
  })

  test('go https requests where HTTPS_PROXY says so, through a tunnel', async () => {
    const { seen, address } = await proxy()
    const { host } = await setup(echo)
    process.env['HTTPS_PROXY'] = address
    // The platform speaks no TLS: that the proxy was asked is what counts.
    await failureOf(createHttp()({ method: 'POST', url: `https://${host}/x` }))
    expect(seen).toEqual([`CONNECT ${host}`])
  })
})
