import { once } from 'node:events'
import { type Server, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Entry, HooklineError } from '#libs/contract'
import { createLogger, createMetrics } from '#libs/observability'
import { signLine, signTocaro } from '#libs/platforms'
import { eventually } from '../../tests/support/eventually'
import { type Bots, createBots } from './bots'
import { type WebhookDeps, createWebhookHandler } from './webhook-handler'

const secret = 'line-secret-EXAMPLE'
const tocaroSecret = 'tocaro-secret-EXAMPLE'
const servers: Server[] = []

afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
})

type Store = WebhookDeps['events']['store']
const stores: Store = async () => 'stored'

async function setup({ store = stores, bots }: { store?: Store; bots?: Pick<Bots, 'at'> } = {}) {
  const posts: { events: Entry[]; dedupeWindowMs: number }[] = []
  const metrics = createMetrics()
  const handler = createWebhookHandler({
    bots:
      bots ??
      createBots([
        { platform: 'line', name: 'shop', channelSecret: [secret] },
        { platform: 'tocaro', name: 'ops', signingSecret: [tocaroSecret] },
      ]),
    events: {
      store: (events, dedupeWindowMs) => {
        posts.push({ events, dedupeWindowMs })
        return store(events, dedupeWindowMs)
      },
    },
    metrics,
    log: createLogger({ name: 'test', level: 'silent' }),
  })
  const server = createServer((request, response) => {
    if (!handler(request, response)) response.writeHead(404).end('not a webhook')
  }).listen(0, '127.0.0.1')
  servers.push(server)
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const url = `http://127.0.0.1:${port}`
  const send = (body: object, path = '/webhooks/shop', key = secret) => {
    const bytes = Buffer.from(JSON.stringify(body))
    const headers = { 'x-line-signature': signLine(bytes, key) }
    return fetch(url + path, { method: 'POST', body: bytes, headers })
  }
  const sendTocaro = (body: object, key = tocaroSecret) =>
    fetch(`${url}/events`, { method: 'POST', body: signTocaro(Buffer.from(JSON.stringify(body)), key) })
  const counted = async () =>
    (await metrics.webhooks.get()).values.map(({ labels, value }) => ({ ...labels, value }))
  return { url, posts, metrics, send, sendTocaro, counted }
}

const texts = (...ids: string[]) => ({
  destination: 'U0',
  events: ids.map((id) => ({
    type: 'message',
    webhookEventId: id,
    timestamp: 1,
    mode: 'active',
    source: { type: 'user', userId: 'U1' },
    message: { type: 'text', id: '1', text: 'hi' },
  })),
})

describe('an authentic webhook', () => {
  test('is stored, then answered with 200 and the body that the platform wants', async () => {
    const { send, posts, counted, metrics } = await setup()
    const response = await send(texts('e1', 'e2'))
    expect([response.status, await response.text()]).toEqual([200, ''])
    expect(response.headers.get('content-type')).toBeNull()
    expect(posts).toHaveLength(1)
    expect(posts[0]?.events.map(({ key }) => key)).toEqual(['e1', 'e2'])
    expect(posts[0]?.dedupeWindowMs).toBeGreaterThan(60_000)
    expect(await counted()).toEqual([{ bot: 'shop', result: 'stored', value: 1 }])
    expect(await metrics.registry.metrics()).toContain(
      'hookline_webhook_ack_seconds_count{bot="shop",platform="line"} 1',
    )
  })

  test('is not answered before its events are stored', async () => {
    const order: string[] = []
    const release: (() => void)[] = []
    const { send } = await setup({
      store: () =>
        new Promise((resolve) => {
          release.push(() => {
            order.push('stored')
            resolve('stored')
          })
        }),
    })
    const answered = send(texts('e1')).then(() => order.push('answered'))
    await eventually(() => expect(release).toHaveLength(1))
    release[0]?.()
    await answered
    expect(order).toEqual(['stored', 'answered'])
  })

  test('is answered with 200 as well when the journal took it, and counted as such', async () => {
    const { send, counted } = await setup({ store: async () => 'journaled' })
    expect((await send(texts('e1'))).status).toBe(200)
    expect(await counted()).toEqual([{ bot: 'shop', result: 'journaled', value: 1 }])
  })

  test('without events is answered with 200, as LINE’s connection check wants', async () => {
    const { send } = await setup()
    expect((await send(texts())).status).toBe(200)
  })

  test('is found whatever query the URL has', async () => {
    const { send } = await setup()
    expect((await send(texts('e1'), '/webhooks/shop?from=proxy')).status).toBe(200)
  })

  test('that is a handshake is answered and not stored', async () => {
    const { sendTocaro, posts, counted } = await setup()
    const response = await sendTocaro({ type: 'url_verification', challenge: 'c-例' })
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'application/json'])
    expect(await response.json()).toEqual({ challenge: 'c-例' })
    expect(posts).toEqual([])
    expect(await counted()).toEqual([{ bot: 'ops', result: 'challenge', value: 1 }])
  })

  test.each<[string, Store]>([
    ['rejects', () => Promise.reject(new HooklineError('store_unavailable', 'Redis is away'))],
    [
      'throws',
      () => {
        throw new Error('a bug')
      },
    ],
  ])('is answered with 503 when storing %s', async (_name, store) => {
    const { send, counted, metrics } = await setup({ store })
    const response = await send(texts('e1'))
    expect([response.status, await response.json()]).toEqual([503, { error: 'unavailable' }])
    expect(await counted()).toEqual([{ bot: 'shop', result: 'unavailable', value: 1 }])
    expect(await metrics.registry.metrics()).not.toContain('webhook_ack_seconds_count{')
  })

  test('is answered with 503 when the platform’s code fails', async () => {
    const receive = () => {
      throw new Error('a bug')
    }
    const webhook = { receive, ackBody: '', dedupeWindowMs: 1 }
    const { send } = await setup({ bots: { at: () => [{ name: 'shop', platform: 'line', webhook }] } })
    expect((await send(texts('e1'))).status).toBe(503)
  })
})

describe('a request that is refused', () => {
  test('looks the same for a wrong signature, an unknown bot and a wrong path below a bot', async () => {
    const { send, posts, counted } = await setup()
    const answers = await Promise.all([
      send(texts('e1'), '/webhooks/shop', 'wrong'),
      send(texts('e1'), '/webhooks/nobody'),
      send(texts('e1'), '/webhooks/shop/below'),
    ])
    for (const answer of answers) {
      expect([answer.status, await answer.text()]).toEqual([401, '{"error":"unauthorized"}'])
      expect(Object.fromEntries(answer.headers)).toMatchObject({ 'content-type': 'application/json' })
    }
    expect(posts).toEqual([])
    expect(await counted()).toEqual(
      expect.arrayContaining([
        { bot: 'shop', result: 'signature_mismatch', value: 1 },
        { bot: '(unknown)', result: 'signature_mismatch', value: 2 },
      ]),
    )
  })

  test('gets 400 where nothing could be authenticated', async () => {
    const { url } = await setup()
    const response = await fetch(`${url}/webhooks/ops`, { method: 'POST', body: 'not JSON' })
    expect([response.status, await response.json()]).toEqual([400, { error: 'bad_request' }])
  })

  test.each(['GET', 'PUT', 'DELETE'])('gets 405 for %s', async (method) => {
    const { url } = await setup()
    const response = await fetch(`${url}/webhooks/shop`, { method })
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST'])
  })

  test('is left to others when its path is no webhook', async () => {
    const { url } = await setup()
    expect(await (await fetch(`${url}/healthz`, { method: 'POST' })).text()).toBe('not a webhook')
  })
})
