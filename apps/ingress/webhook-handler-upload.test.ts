import { once } from 'node:events'
import { type IncomingMessage, type Server, createServer } from 'node:http'
import { type AddressInfo, type Socket, connect } from 'node:net'
import type { Entry } from '#libs/contract'
import { createLogger, createMetrics } from '#libs/observability'
import { signLine } from '#libs/platforms'
import { createBots } from './bots'
import { maxBodyBytes } from './read-body'
import { createWebhookHandler } from './webhook-handler'

const secret = 'line-secret-EXAMPLE'
const servers: Server[] = []
const requests: IncomingMessage[] = []

afterEach(async () => {
  // Node ends no request whose answer went out before its body had come: the handler's timer would stay.
  for (const request of requests.splice(0)) request.destroy()
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
})

async function setup() {
  const posts: Entry[][] = []
  const logged: string[] = []
  const metrics = createMetrics()
  const handler = createWebhookHandler({
    bots: createBots([{ platform: 'line', name: 'shop', channelSecret: [secret] }]),
    events: {
      store: async (events) => {
        posts.push(events)
        return 'stored'
      },
    },
    metrics,
    log: createLogger({
      name: 'test',
      level: 'warn',
      destination: { write: (line) => void logged.push(line) },
    }),
  })
  const server = createServer((request, response) => {
    requests.push(request)
    handler(request, response)
  }).listen(0, '127.0.0.1')
  servers.push(server)
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const send = (body: string) =>
    fetch(`http://127.0.0.1:${port}/webhooks/shop`, {
      method: 'POST',
      body,
      headers: { 'x-line-signature': signLine(Buffer.from(body), secret) },
    })
  const counted = async () =>
    (await metrics.webhooks.get()).values.map(({ labels, value }) => ({ ...labels, value }))
  return { server, port, posts, logged, send, counted }
}

const head = (line: string) => `POST /webhooks/shop HTTP/1.1\r\nhost: x\r\n${line}\r\n\r\n`
const whenClosed = (socket: Socket) => new Promise((resolve) => socket.once('close', resolve))

test.each([
  ['by its Content-Length', `content-length: ${maxBodyBytes + 1}`, ''],
  ['by what came', 'transfer-encoding: chunked', `200001\r\n${'x'.repeat(maxBodyBytes + 1)}\r\n0\r\n\r\n`],
])('an upload that is too large %s gets 413 and its connection is closed', async (_name, header, body) => {
  const { port, counted, posts } = await setup()
  const socket = connect(port, '127.0.0.1')
  let answer = ''
  socket.on('data', (chunk) => (answer += String(chunk)))
  socket.write(head(header) + body)
  await whenClosed(socket)
  expect(answer).toMatch(/^HTTP\/1\.1 413 .*connection: close.*\{"error":"too_large"\}$/is)
  expect(await counted()).toEqual([{ bot: 'shop', result: 'too_large', value: 1 }])
  expect(posts).toEqual([])
})

test('a sender that writes on for long gets its 413', async () => {
  const { send } = await setup()
  expect((await send('x'.repeat(8 * maxBodyBytes))).status).toBe(413)
})

test('an upload of the largest size is taken', async () => {
  const { send, posts } = await setup()
  const rest = JSON.stringify({ destination: 'U0', events: [], padding: '' })
  const response = await send(rest.replace('""', `"${'x'.repeat(maxBodyBytes - rest.length)}"`))
  expect([response.status, posts]).toEqual([200, [[]]])
})

test('a text cut inside a character by the network arrives whole', async () => {
  const { port, posts } = await setup()
  const source = { type: 'user', userId: 'U1' }
  const message = { type: 'text', id: '1', text: '例😀' }
  const body = Buffer.from(
    JSON.stringify({ events: [{ type: 'message', webhookEventId: 'e1', source, message }] }),
  )
  const socket = connect(port, '127.0.0.1').setNoDelay()
  const lines = `connection: close\r\ncontent-length: ${body.length}\r\nx-line-signature: ${signLine(body, secret)}`
  const closed = whenClosed(socket.resume())
  const cut = body.indexOf(Buffer.from('😀')) + 2
  const written = (part: Buffer) => new Promise((resolve) => socket.write(part, resolve))
  await written(Buffer.concat([Buffer.from(head(lines)), body.subarray(0, cut)]))
  await written(body.subarray(cut))
  await closed
  expect(posts[0]).toMatchObject([{ key: 'e1', text: '例😀' }])
})

test.each([
  ['of a known length', 'content-length: 100', '{"events":'],
  ['in chunks', 'transfer-encoding: chunked', '5\r\n{"eve\r\n'],
  ['that is too large', `content-length: ${maxBodyBytes + 1}`, '{"events":'],
])('an upload %s that breaks off stores nothing and does no harm', async (_name, header, body) => {
  const { server, port, send, posts, logged } = await setup()
  const gone = new Promise<void>((resolve) => {
    server.once('connection', (incoming: Socket) => incoming.once('close', () => resolve()))
  })
  const requested = once(server, 'request')
  const socket = connect(port, '127.0.0.1').on('error', () => undefined)
  socket.write(head(header) + body)
  await requested
  socket.resetAndDestroy()
  await gone
  expect(posts).toEqual([])
  expect((await send('{"events":[]}')).status).toBe(200)
  expect([posts, logged]).toEqual([[[]], []])
})
