import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text as readText } from 'node:stream/consumers'
import { inspect } from 'node:util'
import type { Call } from '#libs/contract'
import { createTocaroSender } from './api'
import type { TocaroOutSettings } from './message'

const token = 'EXAMPLE.JWT.VALUE'
const hookKey = '0123456789abcdefghijklmnopqrstuv'
const retryKey = '00000000-0000-4000-8000-000000000000'

interface Seen {
  method: string | undefined
  url: string | undefined
  headers: IncomingHttpHeaders
  body: string
}
interface Answer {
  status: number
  body?: string
  headers?: Record<string, string>
}

const closers: (() => Promise<unknown>)[] = []
afterEach(async () => {
  await Promise.all(closers.splice(0).map((close) => close()))
})

async function startServer(answer: Answer) {
  const seen: Seen[] = []
  const server = createServer((req, res) => {
    void readText(req).then((body) => {
      seen.push({ method: req.method, url: req.url, headers: req.headers, body })
      res.writeHead(answer.status, answer.headers).end(answer.body)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const close = async () => {
    if (!server.listening) return
    const closed = once(server, 'close')
    server.close()
    server.closeAllConnections()
    await closed
  }
  closers.push(close)
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen, close }
}

async function setup(answer: Answer = { status: 200 }, overrides: Partial<TocaroOutSettings> = {}) {
  const { url, seen, close } = await startServer(answer)
  const hook = `${url}/integrations/inbound_webhook/${hookKey}`
  const invalidated: string[] = []
  const settings: TocaroOutSettings = {
    name: 'ops',
    apiBaseUrl: url,
    postPath: '/groups/{group}/messages',
    webhookUrl: hook,
    hasAccessToken: true,
    limits: { perMinute: 60 },
    ...overrides,
  }
  const tokens = {
    get: async () => token,
    invalidate: async (failed: string) => void invalidated.push(failed),
  }
  const sender = createTocaroSender(settings, tokens)
  const send = (call: Call) => sender.send(call, { retryKey })
  const failureOf = (call: Call): Promise<unknown> =>
    send(call).then(
      () => {
        throw new Error('expected a failure')
      },
      (error: unknown) => error,
    )
  return { url, hook, seen, close, invalidated, sender, send, failureOf }
}

const call = (operation: string, id = 'grops0042'): Call => ({
  operation,
  target: { kind: 'group', id },
  messages: [{ text: '復旧しました 👍', color: 'success' }],
})
const webApi = call('groups.messages')
const inboundWebhook = call('inbound_webhook')

describe('Tocaro Web API', () => {
  test('takes a post as JSON with a bearer token', async () => {
    const { send, seen } = await setup()
    await send(webApi)
    expect(seen).toMatchObject([
      {
        method: 'POST',
        url: '/groups/grops0042/messages',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      },
    ])
    expect(JSON.parse(seen[0]!.body)).toEqual(webApi.messages[0])
  })

  test('is posted to at the configured path, with the group encoded', async () => {
    const { send, seen, url } = await setup()
    await send(call('groups.messages', 'gr/$& あ'))
    const moved = await setup(undefined, { apiBaseUrl: `${url}/v2/`, postPath: 'post?to={group}' })
    await moved.send(webApi)
    expect(seen.map((request) => request.url)).toEqual([
      '/groups/gr%2F%24%26%20%E3%81%82/messages',
      '/v2/post?to=grops0042',
    ])
  })

  test.each([200, 201, 202, 204])('has taken the post when it answers %d', async (status) => {
    const { send } = await setup({ status })
    await expect(send(webApi)).resolves.toEqual({ status })
  })

  test.each([
    [302, 'api_rejected'],
    [400, 'api_rejected'],
    [401, 'api_unauthorized'],
    [403, 'api_rejected'],
    [404, 'api_rejected'],
    [422, 'api_rejected'],
    [429, 'api_rate_limited'],
    [500, 'api_unavailable'],
    [503, 'api_unavailable'],
  ])('gives status %d the code %s', async (status, code) => {
    const { failureOf } = await setup({ status, body: '{"message":"no"}' })
    expect(await failureOf(webApi)).toMatchObject({
      code,
      status,
      words: '{"message":"no"}',
      message: expect.stringContaining(`Tocaro Web API answered ${status}`),
    })
  })

  test('has its token dropped after a 401 and after nothing else', async () => {
    const [expired, forbidden] = [await setup({ status: 401 }), await setup({ status: 403 })]
    await expired.failureOf(webApi)
    await forbidden.failureOf(webApi)
    expect([expired.invalidated, forbidden.invalidated]).toEqual([[token], []])
  })

  test('says how long to wait where it knows', async () => {
    const { failureOf } = await setup({ status: 429, headers: { 'retry-after': '3' } })
    expect(await failureOf(webApi)).toMatchObject({ retryAfterMs: 3000 })
  })

  test('points to postPath when it knows no such path', async () => {
    const { failureOf } = await setup({ status: 404 })
    expect(await failureOf(webApi)).toMatchObject({ message: expect.stringContaining('postPath') })
  })
})

describe('Tocaro inbound webhook', () => {
  test('takes a post as JSON without an Authorization header', async () => {
    const { send, seen } = await setup()
    await send(inboundWebhook)
    expect(seen).toMatchObject([{ method: 'POST', url: `/integrations/inbound_webhook/${hookKey}` }])
    expect(seen[0]!.headers).toMatchObject({ 'content-type': 'application/json' })
    expect(seen[0]!.headers).not.toHaveProperty('authorization')
    expect(JSON.parse(seen[0]!.body)).toEqual(inboundWebhook.messages[0])
  })

  test('is the one of the group where there are several', async () => {
    const { url, seen } = await setup()
    const several = await setup(undefined, { webhookUrl: { gr1: `${url}/in/key1`, gr2: `${url}/in/key2` } })
    await several.send(call('inbound_webhook', 'gr2'))
    expect(seen.map((request) => request.url)).toEqual(['/in/key2'])
  })

  test.each([200, 201, 202, 204])('has taken the post when it answers %d', async (status) => {
    const { send } = await setup({ status })
    await expect(send(inboundWebhook)).resolves.toEqual({ status })
  })

  test.each([
    [400, 'api_rejected'],
    [401, 'api_rejected'],
    [403, 'api_rejected'],
    [404, 'api_rejected'],
    [410, 'api_rejected'],
    [422, 'api_rejected'],
    [429, 'api_rate_limited'],
    [500, 'api_unavailable'],
  ])('gives status %d the code %s', async (status, code) => {
    const { failureOf, invalidated } = await setup({ status, body: 'no' })
    const message = expect.stringContaining(`Tocaro inbound webhook answered ${status}`)
    expect(await failureOf(inboundWebhook)).toMatchObject({ code, status, words: 'no', message })
    expect(invalidated).toEqual([])
  })

  test.each([404, 410])('was revoked when it answers %d', async (status) => {
    const { failureOf } = await setup({ status })
    expect(await failureOf(inboundWebhook)).toMatchObject({ message: expect.stringContaining('revoked') })
  })

  test.each(['', hookKey, `hooks.example/in/${hookKey}`])(
    'does not start with the URL %j nor prints it',
    async (url) => {
      const error = await setup(undefined, { webhookUrl: { gr1: url } }).catch((failure: unknown) => failure)
      expect(error).toMatchObject({ code: 'config_invalid', message: expect.stringContaining('gr1') })
      expect(inspect(error)).not.toContain(hookKey)
    },
  )
})

describe('an error of the Tocaro sender', () => {
  const bodies: [string, (secret: string) => string][] = [
    ['JSON', (secret) => JSON.stringify({ message: 'no', url: secret })],
    ['plain text', (secret) => `no such thing: ${secret}`],
    ['HTML', (secret) => `<html><body><a href="${secret}">no</a></body></html>`],
    ['empty', () => ''],
  ]
  const cases = [webApi, inboundWebhook].flatMap((post) =>
    [400, 401, 404, 429, 500].flatMap((status) =>
      bodies.map(([name, body]) => [name, status, post.operation, body] as const),
    ),
  )

  test.each(cases)('holds no credential after %s with %d to %s', async (_name, status, operation, body) => {
    const echo = `http://127.0.0.1/integrations/inbound_webhook/${hookKey} Bearer ${token}`
    const { failureOf } = await setup({ status, body: body(echo) })
    const error = await failureOf(call(operation))
    expect(error).toMatchObject({ name: 'ApiError', status })
    const secret = operation === 'inbound_webhook' ? hookKey : token
    for (const shown of [
      JSON.stringify(error),
      inspect(error, { depth: 9, showHidden: true }),
      String(error),
    ]) {
      expect(shown).not.toContain(secret)
    }
  })

  test.each([webApi, inboundWebhook])(
    'holds no credential where nothing answers $operation',
    async (post) => {
      const { failureOf, close } = await setup()
      await close()
      const error = await failureOf(post)
      expect(error).toMatchObject({ code: 'api_unavailable' })
      expect(inspect(error, { depth: 9, showHidden: true })).not.toMatch(new RegExp(`${hookKey}|${token}`))
    },
  )
})
