import { generateKeyPairSync, randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Redis, type RedisOptions } from 'ioredis'
import { jwtVerify } from 'jose'
import { createHttp } from '#libs/http'
import { testRedisUrl } from '../../tests/support/redis'
import { createTokenSource, type TokenRedis, type TokenSettings } from './index'

const closers: (() => Promise<unknown>)[] = []
/** For `afterEach`: closes all that the test opened. */
export async function closeAll(): Promise<void> {
  await Promise.all(closers.splice(0).map((close) => close()))
}

export const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
export const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()

export interface Answer {
  status: number
  body: unknown
}
type Fault = (form: Record<string, string>) => Answer | 'hang up'

export interface TokenEndpoint {
  url: string
  /** Tokens issued so far. */
  issued: string[]
  forms: Record<string, string>[]
  /** Each is used for one request, before any token is issued. */
  faults: Fault[]
  expiresIn: unknown
}

/** A token endpoint that checks assertions as the platforms do and issues a new token each time. */
export async function startTokenEndpoint(clock: { now: number }): Promise<TokenEndpoint> {
  const endpoint: TokenEndpoint = { url: '', issued: [], forms: [], faults: [], expiresIn: '3600' }
  const server = createServer((request, response) => {
    void readForm(request).then(async (form) => {
      endpoint.forms.push(form)
      const fault = endpoint.faults.shift()
      const answer = fault ? fault(form) : await issue(endpoint, form, clock)
      if (answer === 'hang up') return request.socket.destroy()
      response.writeHead(answer.status, { 'content-type': 'application/json' })
      return response.end(JSON.stringify(answer.body))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closers.push(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
  endpoint.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return endpoint
}

async function readForm(request: IncomingMessage): Promise<Record<string, string>> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  const form = new URLSearchParams(Buffer.concat(chunks).toString())
  return { ...Object.fromEntries(form), path: request.url ?? '', type: request.headers['content-type'] ?? '' }
}

async function issue(
  endpoint: TokenEndpoint,
  form: Record<string, string>,
  clock: { now: number },
): Promise<Answer> {
  const jwt = form.assertion ?? form.client_assertion
  try {
    if (jwt) await jwtVerify(jwt, publicKey, { algorithms: ['RS256'], currentDate: new Date(clock.now) })
  } catch (error) {
    return { status: 400, body: { error: 'invalid_grant', error_description: String(error) } }
  }
  if (!jwt && form.client_secret !== secrets.channelSecret)
    return { status: 401, body: { error: 'invalid_client' } }
  endpoint.issued.push(`token-${endpoint.issued.length + 1}-${randomUUID()}`)
  const body = { access_token: endpoint.issued.at(-1), token_type: 'Bearer', expires_in: endpoint.expiresIn }
  return { status: 200, body }
}

export const secrets = { clientSecret: 'client secret/1', channelSecret: '0f1e2d3c4b5a69788796a5b4c3d2e1f0' }

export const lineWorks = (url: string) => ({
  platform: 'lineworks' as const,
  name: 'helpdesk',
  authBaseUrl: url,
  clientId: 'client-1',
  clientSecret: secrets.clientSecret,
  serviceAccount: 'abc.serviceaccount@example',
  privateKey: pem,
  scope: 'bot bot.read',
})

export type ConnectOptions = Pick<RedisOptions, 'retryStrategy' | 'maxRetriesPerRequest'>

export function connect(options: ConnectOptions = {}, url = testRedisUrl()): Redis {
  // ioredis keeps the process alive this long after it let go of a connection that never was.
  const redis = new Redis(url, { disconnectTimeout: 50, ...options })
  redis.on('error', () => undefined)
  closers.push(async () => redis.disconnect())
  return redis
}

/** A connection that calls back before it reads, and before it takes the lock. */
export function tapped(before: { get?: () => void; set?: () => Promise<unknown> }): TokenRedis {
  const redis = connect()
  return {
    get(key) {
      before.get?.()
      return redis.get(key)
    },
    async set(...args) {
      await before.set?.()
      return redis.set(...args)
    },
    eval: (...args) => redis.eval(...args),
  }
}

export interface SetupOptions {
  workers?: number
  settings?: (url: string) => TokenSettings
  redis?: () => TokenRedis
}

/** A token endpoint and some workers of one bot, each with a connection and a token source of its own. */
export async function setup(options: SetupOptions = {}) {
  const { workers = 1, settings = lineWorks, redis: connection = connect } = options
  const clock = { now: Date.now() }
  const endpoint = await startTokenEndpoint(clock)
  const keyPrefix = `{hookline:${randomUUID()}}`
  const minted: string[] = []
  const logged: string[] = []
  const write = (_fields: Record<string, unknown>, message: string) => logged.push(message)
  const http = createHttp()
  const addWorker = (own: TokenSettings = settings(endpoint.url)) =>
    createTokenSource(own, {
      http,
      redis: connection(),
      keyPrefix,
      now: () => clock.now,
      onMint: (bot) => minted.push(bot),
      log: { info: write, warn: write },
    })
  const sources = Array.from({ length: workers }, () => addWorker())
  return { clock, endpoint, keyPrefix, minted, logged, sources, addWorker }
}

export async function failure(promise: Promise<unknown>): Promise<Error> {
  return promise.then(
    () => {
      throw new Error('did not fail')
    },
    (error: unknown) => error as Error,
  )
}
