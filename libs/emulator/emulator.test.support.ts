import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { worksAssertion, publicKey, type AssertionClaims } from './assertions.test.support'
import { startEmulator, type Accounts, type Emulator, type SettingsPatch } from './index'

/** One webhook as it reached the bot. */
export interface Received {
  path: string
  headers: IncomingMessage['headers']
  rawHeaders: string[]
  text: string
  json: WebhookJson
}

/** The fields of all three platforms' webhooks that tests look into. */
export interface WebhookJson {
  type: string
  token: string
  challenge: string
  content: { text: string }
  event: { item: { ts: number } }
  events: [LineEventJson, ...LineEventJson[]]
}

export interface LineEventJson {
  webhookEventId: string
  replyToken: string
  source: { userId: string; groupId: string }
  message: { text: string }
}

export interface BotAnswer {
  status: number
  headers?: Record<string, string>
  body?: string
}

/** A bot's server: records what it is told and answers as `answer` says; `hang`: never. */
export interface FakeBot {
  url: string
  received: Received[]
  answer: (request: Received) => BotAnswer | 'hang'
}

const started: { emulators: Emulator[]; servers: Server[] } = { emulators: [], servers: [] }

/** For afterEach. */
export async function closeAll(): Promise<void> {
  await Promise.all(started.emulators.splice(0).map((emulator) => emulator.close()))
  for (const server of started.servers.splice(0)) {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
}

/** An emulator on a clock that stands still until a test moves `time.now`, and a bot for it to talk to. */
export async function setup(settings: SettingsPatch = {}) {
  const time = { now: Date.parse('2026-10-01T00:00:00.250Z') }
  const bot = await startBot()
  const accounts = accountsOf(bot.url)
  const log: string[] = []
  const emulator = await startEmulator({
    host: '127.0.0.1',
    port: 0,
    accounts,
    clock: () => time.now,
    log: (line) => log.push(line),
    settings,
  })
  started.emulators.push(emulator)
  return { emulator, bot, accounts, time, log, ...clients(emulator, accounts) }
}

export type Setup = Awaited<ReturnType<typeof setup>>

function accountsOf(botUrl: string): Required<Accounts> {
  return {
    line: {
      channelId: '2000000001',
      channelSecret: 'line-secret',
      channelAccessToken: 'line-long-lived',
      assertionPublicKey: publicKey,
      assertionKid: 'kid-1',
      botUserId: `U${'0'.repeat(31)}1`,
      webhookUrl: `${botUrl}/webhooks/line`,
    },
    lineworks: {
      botId: '2000001',
      botSecret: 'works-secret',
      clientId: 'works-client',
      clientSecret: 'works-client-secret',
      serviceAccount: 'abcde.serviceaccount@example.com',
      publicKey,
      domainId: 50010001,
      webhookUrl: `${botUrl}/webhooks/lineworks`,
    },
    tocaro: {
      signingSecret: 'tocaro-secret',
      accessToken: 'tocaro-access',
      hookKey: 'hook0key',
      botUser: 'usbot',
      webhookUrl: `${botUrl}/webhooks/tocaro`,
    },
  }
}

async function startBot(): Promise<FakeBot> {
  const bot: FakeBot = { url: '', received: [], answer: handshakeAware }
  const server = createServer((req, res) => {
    const chunks: Buffer[] = []
    req.on('data', (chunk: Buffer) => chunks.push(chunk))
    req.on('end', () => {
      const text = Buffer.concat(chunks).toString('utf8')
      const { url: path = '', headers, rawHeaders } = req
      const request = { path, headers, rawHeaders, text, json: JSON.parse(text) as WebhookJson }
      bot.received.push(request)
      const answer = bot.answer(request)
      if (answer !== 'hang') res.writeHead(answer.status, answer.headers).end(answer.body)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  started.servers.push(server)
  bot.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return bot
}

/** 200, and Tocaro's handshake done right. */
export function handshakeAware({ json }: Received): BotAnswer {
  if (json.type !== 'url_verification') return { status: 200 }
  if (json.token !== 'tocaro-secret') return { status: 401 }
  const headers = { 'content-type': 'application/json' }
  return { status: 200, headers, body: JSON.stringify({ challenge: json.challenge }) }
}

export interface Answer {
  status: number
  headers: Headers
  text: string
  body: AnswerJson
}

/** The fields of all answers that tests look into. */
export interface AnswerJson {
  access_token: string
  refresh_token: string
  accounts: { tocaro: { endpoint: string } }
  deliveries: unknown
  description: string
  details: [{ message: string }]
  entries: unknown
  error: string
  key_id: string
  members: string[]
  message: string
  sentMessages: unknown[]
  userId: string
}

function clients(emulator: Emulator, accounts: Required<Accounts>) {
  const call = async (
    method: string,
    path: string,
    init: { headers?: Record<string, string>; body?: unknown } = {},
  ) => {
    const { body, headers } = init
    const encoded = body === undefined || typeof body === 'string' || body instanceof URLSearchParams
    const response = await fetch(emulator.url + path, {
      method,
      headers: { ...(encoded ? {} : { 'content-type': 'application/json' }), ...headers },
      ...(body === undefined ? {} : { body: encoded ? body : JSON.stringify(body) }),
    })
    return answerOf(response)
  }
  const bearer = (token: string) => ({ authorization: `Bearer ${token}` })

  return {
    call,
    line: (path: string, body?: unknown, headers: Record<string, string> = {}) =>
      call(body === undefined ? 'GET' : 'POST', path, {
        body,
        headers: { ...bearer('line-long-lived'), ...headers },
      }),
    tocaro: (path: string, body?: unknown) =>
      call(body === undefined ? 'GET' : 'POST', path, { body, headers: bearer('tocaro-access') }),
    works: (path: string, token: string, body?: unknown) =>
      call(body === undefined ? 'GET' : 'POST', `/v1.0/bots/2000001${path}`, {
        body,
        headers: bearer(token),
      }),
    form: (path: string, fields: Record<string, string>) =>
      call('POST', path, { body: new URLSearchParams(fields) }),
    worksToken: async (overrides: Record<string, string> = {}, claims: AssertionClaims = {}) =>
      call('POST', '/oauth2/v2.0/token', {
        body: new URLSearchParams({
          grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
          assertion: await worksAssertion(accounts.lineworks, claims),
          client_id: accounts.lineworks.clientId,
          client_secret: accounts.lineworks.clientSecret,
          scope: 'bot',
          ...overrides,
        }),
      }),
  }
}

async function answerOf(response: Response): Promise<Answer> {
  const text = await response.text()
  const json = /json/.test(response.headers.get('content-type') ?? '')
  return {
    status: response.status,
    headers: response.headers,
    text,
    body: (json ? JSON.parse(text) : {}) as AnswerJson,
  }
}
