import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { type IncomingMessage, Agent, request as startRequest } from 'node:http'
import { type Socket, connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { type IngressConfig, loadConfig } from '#libs/config'
import { readBacklog } from '#libs/mailbox'
import { createLogger } from '#libs/observability'
import { signLine } from '#libs/platforms'
import { eventually } from '../../tests/support/eventually'
import { testRedis, testRedisUrl, uniqueBotName } from '../../tests/support/redis'
import { type Ingress, startIngress } from './server'

const log = createLogger({ name: 'test', level: 'silent' })
const secret = 'line-secret-EXAMPLE'
const dir = mkdtempSync(join(tmpdir(), 'hookline-ingress-'))
const redis = testRedis()
let ingress: Ingress | undefined

afterEach(() => ingress?.close())
afterAll(async () => {
  rmSync(dir, { recursive: true, force: true })
  await redis.quit()
})

function configOf(bots: string[], env: Record<string, string> = {}): IngressConfig {
  const lines = bots.map(
    (name) => `  ${name}: { platform: line, handler: ./b.ts, channelSecret: ${secret} }\n`,
  )
  return loadConfig({
    role: 'ingress',
    cwd: dir,
    env: { REDIS_URL: testRedisUrl(), INGRESS_PORT: '0', HOOKLINE_JOURNAL_DIR: join(dir, 'journal'), ...env },
    readFile: () => `bots:\n${lines.join('')}`,
  })
}

async function setup(env?: Record<string, string>) {
  const bot = uniqueBotName()
  const started = await startIngress(configOf([bot], env), log)
  ingress = started
  const { port } = new URL(started.url)
  const send = (name = bot, agent?: Agent) => post(started.url, { name, agent })
  return { bot, url: started.url, port: Number(port), send, ingress: started }
}

function bodyOf(name: string): Buffer {
  const source = { type: 'user', userId: 'U1' }
  const message = { type: 'text', id: '1', text: 'hi' }
  const event = { type: 'message', webhookEventId: `${name}-${Math.random()}`, timestamp: 1, source, message }
  return Buffer.from(JSON.stringify({ destination: 'U0', events: [event] }))
}

async function post(url: string, { name, agent }: { name: string; agent?: Agent | undefined }) {
  const body = bodyOf(name)
  const headers = { 'x-line-signature': signLine(body, secret), 'content-length': body.length }
  const call = startRequest(`${url}/webhooks/${name}`, {
    method: 'POST',
    headers,
    ...(agent ? { agent } : {}),
  })
  const [response] = (await once(call.end(body), 'response')) as [IncomingMessage]
  await text(response)
  return { status: response.statusCode, connection: response.headers.connection }
}

/** A webhook of which only the first half of the body was sent; the ingress has seen its head. */
async function halfSent(
  bot: string,
  port: number,
): Promise<{ socket: Socket; rest: Buffer; answer: () => string }> {
  const body = bodyOf(bot)
  const socket = connect(port, '127.0.0.1')
  let answer = ''
  socket.on('data', (chunk) => (answer += String(chunk)))
  const head = `POST /webhooks/${bot} HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\nx-line-signature: ${signLine(body, secret)}\r\ncontent-length: ${body.length}\r\n\r\n`
  socket.write(Buffer.concat([Buffer.from(head), body.subarray(0, 20)]))
  await eventually(() => expect(answer).toContain('100 Continue'))
  return { socket, rest: body.subarray(20), answer: () => answer }
}

const refusesConnections = (port: number) =>
  eventually(async () => {
    const socket = connect(port, '127.0.0.1')
    const result = await once(socket, 'connect').catch(
      (error: unknown) => (error as NodeJS.ErrnoException).code,
    )
    socket.destroy()
    expect(result).toBe('ECONNREFUSED')
  })

describe('an ingress that is told to stop', () => {
  test('says so and takes webhooks all the same, until its delay is over', async () => {
    const { bot, url, port, send, ingress: stopped } = await setup({ SHUTDOWN_DELAY: '3' })
    const agent = new Agent({ keepAlive: true })
    expect(await send(bot, agent)).toEqual({ status: 200, connection: 'keep-alive' })
    const closed = stopped.close()
    ingress = undefined
    const ready = await fetch(`${url}/readyz`)
    expect([ready.status, await ready.json()]).toMatchObject([503, { checks: { process: 'shutting down' } }])
    expect((await fetch(`${url}/healthz`)).status).toBe(200)
    // The connection that was kept, and a new one.
    expect(await send(bot, agent)).toEqual({ status: 200, connection: 'close' })
    expect(await send(bot)).toEqual({ status: 200, connection: 'close' })
    expect(await redis.llen(`{hookline:${bot}}:lane:user:U1`)).toBe(3)
    await closed
    await refusesConnections(port)
    agent.destroy()
  })

  test('answers a webhook whose body is still arriving when it stops accepting', async () => {
    const { bot, port, ingress: stopped } = await setup()
    const { socket, rest, answer } = await halfSent(bot, port)
    const closed = stopped.close()
    ingress = undefined
    await refusesConnections(port)
    socket.write(rest)
    await once(socket, 'end')
    expect(answer()).toContain('HTTP/1.1 200 OK')
    expect(answer()).toMatch(/connection: close/i)
    expect(await readBacklog(redis, bot)).toMatchObject({ lanes: 1 })
    socket.destroy()
    await closed
  })

  test('cuts a webhook that never comes to its end, unanswered', async () => {
    const { bot, port, ingress: stopped } = await setup({ SHUTDOWN_TIMEOUT: '1' })
    const { socket, answer } = await halfSent(bot, port)
    const cut = once(socket, 'close')
    socket.on('error', () => undefined)
    await stopped.close()
    ingress = undefined
    await cut
    expect(answer()).not.toContain('200')
    expect(await readBacklog(redis, bot)).toMatchObject({ lanes: 0 })
  })
})

test('knows other bots from one webhook to the next', async () => {
  const { bot, send, ingress: running } = await setup()
  const added = uniqueBotName()
  expect([(await send(bot)).status, (await send(added)).status]).toEqual([200, 401])
  running.useBots(configOf([added]).bots)
  expect([(await send(bot)).status, (await send(added)).status]).toEqual([401, 200])
  expect([await running.waiting(bot), await running.waiting(added)]).toEqual([1, 1])
})
