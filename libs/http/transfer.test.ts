import { once } from 'node:events'
import { type RequestListener, type Server, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { type HttpOptions, type HttpRequest, createHttp } from '.'
import { isPublic } from './public-only'

const servers: Server[] = []

afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
})

async function setup(listener: RequestListener, options: HttpOptions = {}) {
  const server = createServer(listener).listen(0, '127.0.0.1')
  // A slow machine must not meet a connection that the server just closed.
  server.keepAliveTimeout = 60_000
  servers.push(server)
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const http = createHttp(options)
  return (request: Partial<HttpRequest> = {}) =>
    http({ method: 'GET', url: `http://127.0.0.1:${port}/x`, as: 'stream', ...request })
}

const bytes = Buffer.alloc(300_000, 'hookline')
const whole: RequestListener = (_request, response) => response.end(bytes)

describe('bytes of an answer', () => {
  test('come whole, or as a stream', async () => {
    const call = await setup(whole)
    expect((await call({ as: 'bytes' })).body).toEqual(bytes)
    expect(await buffer((await call()).body as Readable)).toEqual(bytes)
  })

  test('are sent as they are', async () => {
    const call = await setup((request, response) => {
      response.setHeader('content-type', request.headers['content-type'] ?? '')
      request.pipe(response)
    })
    const request = { method: 'POST', headers: { 'content-type': 'image/png' }, body: bytes } as const
    const answer = await call({ ...request, as: 'bytes' })
    expect(answer).toMatchObject({ headers: { 'content-type': 'image/png' }, body: bytes })
  })

  test.each([
    ['announced', whole],
    ['not announced', (_request, response) => void (response.write('x'), response.end(bytes))],
  ])('end with an error where they are more than allowed, %s', async (_name, listener) => {
    const call = await setup(listener)
    const tooMany = { code: 'api_rejected', message: expect.stringContaining('more than 1000 bytes') }
    await expect(call({ as: 'bytes', maxBytes: 1000 })).rejects.toMatchObject(tooMany)
    const { body } = await call({ maxBytes: 1000 })
    await expect(buffer(body as Readable)).rejects.toMatchObject(tooMany)
  })

  test.each(['content-length', 'chunked'])(
    'end with an error where the transfer breaks off (%s)',
    async (how) => {
      const call = await setup((_request, response) => {
        if (how === 'content-length') response.setHeader('content-length', bytes.length)
        response.write(bytes.subarray(0, 1000), () => response.socket?.destroy())
      })
      const { body } = await call()
      const broken = { code: 'api_outcome_unknown', message: expect.stringContaining('broke off') }
      await expect(buffer(body as Readable)).rejects.toMatchObject(broken)
      await expect(call({ as: 'bytes' })).rejects.toMatchObject(broken)
    },
  )

  test('that nobody reads break off without an unhandled rejection', async () => {
    const call = await setup((_request, response) => {
      response.setHeader('content-length', bytes.length)
      response.write('x', () => response.socket?.destroy())
    })
    const { body } = await call()
    const stream = body as Readable
    // An error event that nobody listens to would fail this file.
    await new Promise((resolve) => stream.once('close', resolve))
    expect(stream.errored).toMatchObject({ code: 'api_outcome_unknown' })
  })

  test('that stop coming end with an error', async () => {
    const call = await setup((_request, response) => void response.write('x'), { timeoutMs: 100 })
    const { body } = await call()
    await expect(buffer(body as Readable)).rejects.toMatchObject({
      message: expect.stringContaining('nothing came for 100 ms'),
    })
  })

  test('may take longer than the time limit while they come, and while their reader is slow', async () => {
    const call = await setup(
      (_request, response) => {
        let left = 8
        const drip = setInterval(() => {
          if (left-- > 0) response.write('12345678')
          else {
            clearInterval(drip)
            response.end()
          }
        }, 50)
      },
      { timeoutMs: 200 },
    )
    const stream = (await call()).body as Readable
    await once(stream, 'readable')
    await new Promise((resolve) => setTimeout(resolve, 500))
    expect((await buffer(stream)).length).toBe(64)
  })

  test('end when the caller aborts', async () => {
    const call = await setup((_request, response) => void response.write('x'))
    const abort = new AbortController()
    const { body } = await call({ signal: abort.signal })
    abort.abort()
    await expect(buffer(body as Readable)).rejects.toMatchObject({ code: 'api_outcome_unknown' })
  })

  test('of a refusal are read as what they say', async () => {
    const call = await setup((_request, response) => response.writeHead(404).end('{"message":"not found"}'))
    expect(await call()).toMatchObject({ status: 404, body: { message: 'not found' } })
  })
})

describe('an address that a stranger chose', () => {
  test.each([
    ['127.0.0.1', false],
    ['10.1.2.3', false],
    ['169.254.169.254', false],
    ['172.31.0.1', false],
    ['192.168.1.1', false],
    ['0.0.0.0', false],
    ['255.255.255.255', false],
    ['::1', false],
    ['::ffff:127.0.0.1', false],
    ['fd00::1', false],
    ['fe80::1', false],
    ['2002:7f00:1::', false],
    ['203.0.114.1', true],
    ['8.8.8.8', true],
    ['2606:4700::1111', true],
  ])('%s: public %s', (address, expected) => {
    expect(isPublic(address)).toBe(expected)
  })

  test.each(['http://127.0.0.1:9/x', 'http://[::1]:9/x', 'http://localhost:9/x'])(
    '%s is not connected to',
    async (url) => {
      const call = await setup(whole)
      await expect(call({ url, publicOnly: true })).rejects.toMatchObject({
        code: 'api_rejected',
        neverSent: true,
        message: expect.stringContaining('private network'),
      })
    },
  )
})
