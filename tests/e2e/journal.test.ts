import { createHmac } from 'node:crypto'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { eventually } from '../support/eventually'
import { type RedisServer, createRedisServer, describeWithRedisServer } from '../support/redis-server'
import { type Service, type Stack, killLeftovers, runToEnd, startService, startStack } from '../support/stack'

afterAll(killLeftovers)

const secret = 'line-secret-EXAMPLE'
/** LINE calls a delivery failed after this. */
const deadlineMs = 2000

/** Sends one text to the ingress as LINE does. Status 0: no answer came. */
async function send(ingress: Service, key: string, user = 'U1'): Promise<number> {
  const event = {
    type: 'message',
    webhookEventId: key,
    timestamp: 1,
    mode: 'active',
    source: { type: 'user', userId: user },
    message: { type: 'text', id: '1', text: key },
  }
  const body = JSON.stringify({ destination: 'U0', events: [event] })
  const signature = createHmac('sha256', secret).update(body).digest('base64')
  const response = await fetch(`${ingress.url}/webhooks/line`, {
    method: 'POST',
    body,
    headers: { 'x-line-signature': signature },
    signal: AbortSignal.timeout(deadlineMs),
  }).catch(() => undefined)
  return response?.status ?? 0
}

async function sendAll(ingress: Service, keys: string[], user = 'U1'): Promise<number[]> {
  const answers = []
  for (const key of keys) answers.push(await send(ingress, key, user))
  return answers
}

const keys = (name: string, count: number) => Array.from({ length: count }, (_, i) => `${name}-${i}`)
const all200 = (count: number) => Array<number>(count).fill(200)

async function readiness(ingress: Service) {
  const response = await fetch(`${ingress.url}/readyz`)
  const { checks } = (await response.json()) as { checks: { redis: string; journal: string } }
  return { status: response.status, redis: checks.redis, journal: checks.journal }
}

async function metric(ingress: Service, line: string): Promise<number> {
  const text = await (await fetch(`${ingress.url}/metrics`)).text()
  return Number(
    text
      .split('\n')
      .find((row) => row.startsWith(`${line} `))
      ?.split(' ')
      .at(-1) ?? 0,
  )
}

describeWithRedisServer('an ingress whose Redis', () => {
  let server: RedisServer
  let dir: string
  let started: Service[]

  beforeEach(async () => {
    server = await createRedisServer()
    dir = mkdtempSync(join(tmpdir(), 'hookline-journal-'))
    started = []
  })
  afterEach(async () => {
    await Promise.all(started.map((service) => service.end('SIGKILL')))
    await server.remove()
    rmSync(dir, { recursive: true, force: true })
  })

  const env = () => ({
    LINE_CHANNEL_SECRET: secret,
    LINE_CHANNEL_ACCESS_TOKEN: 't',
    REDIS_URL: server.url,
    HOOKLINE_JOURNAL_DIR: dir,
  })
  const start = async (extra: Record<string, string> = {}, ready = true) => {
    const ingress = await startService('ingress', { ...env(), ...extra }, ready)
    started.push(ingress)
    return ingress
  }
  const lane = async (user = 'U1') => {
    const items = await server.redis.lrange(`{hookline:line}:lane:user:${user}`, 0, -1)
    return items.map((item) => item.split(' ', 1)[0])
  }
  const untilAtRest = (ingress: Service) =>
    eventually(async () => {
      expect(await readiness(ingress)).toEqual({ status: 200, redis: 'ok', journal: 'ok' })
      expect(await metric(ingress, 'hookline_journal_pending_events')).toBe(0)
    })

  test('was never there takes every event, tells what it holds, and drains it before what is new', async () => {
    const ingress = await start({}, false)
    const users = ['U1', 'U2', 'U3']
    const answers = await Promise.all(users.map((user) => sendAll(ingress, keys(user, 10), user)))
    expect(answers).toEqual(users.map(() => all200(10)))
    await eventually(async () => {
      expect(await readiness(ingress)).toEqual({
        status: 503,
        redis: expect.stringContaining('Redis connection is'),
        journal: 'ok, holding 30 events',
      })
    })
    await server.start()
    await untilAtRest(ingress)
    expect(await sendAll(ingress, ['U1-new'])).toEqual([200])
    expect(await lane('U1')).toEqual([...keys('U1', 10), 'U1-new'])
    expect(await lane('U3')).toEqual(keys('U3', 10))
    expect(await metric(ingress, 'hookline_journal_events_total{bot="line"}')).toBe(30)
    expect(await metric(ingress, 'hookline_journal_drained_total{bot="line"}')).toBe(30)
    expect(await metric(ingress, 'hookline_webhook_requests_total{bot="line",result="journaled"}')).toBe(30)
    expect(await metric(ingress, 'hookline_webhook_requests_total{bot="line",result="stored"}')).toBe(1)
    expect(await metric(ingress, 'hookline_events_total{bot="line",type="text"}')).toBe(31)
    expect(readdirSync(dir)).toEqual(['id'])
  })

  /** Sends to six conversations without a pause, until told to stop; then every event is there, once, in order. */
  const underTraffic = async (ingress: Service, during: () => Promise<void>) => {
    const users = ['U1', 'U2', 'U3', 'U4', 'U5', 'U6']
    const stop = new AbortController()
    const slow: string[] = []
    const sent = new Map(users.map((user) => [user, [] as string[]]))
    const traffic = users.map(async (user) => {
      while (!stop.signal.aborted) {
        const key = `${user}-${sent.get(user)?.length}`
        const answer = await send(ingress, key, user)
        if (answer !== 200) slow.push(`${key}: ${answer}`)
        sent.get(user)?.push(key)
      }
    })
    await during().finally(() => stop.abort())
    await Promise.all(traffic)
    expect(slow).toEqual([])
    await untilAtRest(ingress)
    for (const user of users) expect(await lane(user)).toEqual(sent.get(user))
  }
  const journaled = (ingress: Service) => metric(ingress, 'hookline_journal_events_total{bot="line"}')
  const untilJournaling = async (ingress: Service) => {
    const before = await journaled(ingress)
    await eventually(async () => expect(await journaled(ingress)).toBeGreaterThan(before + 30))
  }
  /** The traffic goes on, and yet the journal comes to an end. */
  const untilDirect = async (ingress: Service) => {
    const result = 'hookline_webhook_requests_total{bot="line",result="stored"}'
    const before = await metric(ingress, result)
    await eventually(async () => expect(await metric(ingress, result)).toBeGreaterThan(before + 60))
  }

  test.each<[string, () => Promise<unknown>, () => Promise<unknown>]>([
    ['is killed', () => server.kill(), () => server.start()],
    ['hangs', async () => server.freeze(), async () => server.thaw()],
    [
      'has no memory left',
      () => server.redis.config('SET', 'maxmemory', '1'),
      () => server.redis.config('SET', 'maxmemory', '0'),
    ],
    [
      'became a replica',
      () => server.redis.replicaof('127.0.0.1', 1),
      () => server.redis.replicaof('NO', 'ONE'),
    ],
  ])(
    '%s under traffic answers in time, loses, repeats and reorders nothing',
    async (_name, breakIt, repair) => {
      await server.start()
      const ingress = await start()
      await underTraffic(ingress, async () => {
        await untilDirect(ingress)
        await breakIt()
        await untilJournaling(ingress)
        await repair()
        await untilDirect(ingress)
      })
    },
  )

  test('is nearly full is given nothing more until it has room again', async () => {
    await server.start()
    const ingress = await start({ REDIS_MEMORY_SHARE: '50' })
    await server.redis.config('SET', 'maxmemory', String(40 * 1024 * 1024))
    for (let i = 0; i < 22; i++) await server.redis.append(`filler-${i}`, 'x'.repeat(1024 * 1024))
    await eventually(async () => expect((await readiness(ingress)).redis).toContain('Redis is full'))
    // Where new events go is decided ten times a second.
    let probes = 0
    await eventually(async () => {
      await send(ingress, `probe-${probes++}`, 'U2')
      expect(await journaled(ingress)).toBe(1)
    })
    expect(await sendAll(ingress, ['a', 'b'])).toEqual([200, 200])
    expect(await lane()).toEqual([])
    expect((await readiness(ingress)).journal).toBe('ok, holding 3 events')
    for (let i = 0; i < 22; i++) await server.redis.del(`filler-${i}`)
    await untilAtRest(ingress)
    expect(await lane()).toEqual(['a', 'b'])
  })

  test('is away while its journal fills up answers 503, says so, and goes on when there is room', async () => {
    const ingress = await start({ HOOKLINE_JOURNAL_MAX_MB: '1' }, false)
    const accepted: string[] = []
    const large = 'x'.repeat(30_000)
    let status = 200
    for (let i = 0; status === 200; i++) {
      status = await send(ingress, `${i}-${large}`)
      if (status === 200) accepted.push(`${i}-${large}`)
    }
    expect([status, accepted.length > 3]).toEqual([503, true])
    expect((await fetch(`${ingress.url}/healthz`)).status).toBe(200)
    await server.start()
    await untilAtRest(ingress)
    expect(await send(ingress, 'new')).toBe(200)
    expect(await lane()).toHaveLength(accepted.length + 1)
  })

  test('is away and whose journal has a file in its place answers 503 and says why', async () => {
    const place = join(dir, 'journal')
    writeFileSync(place, 'in the way')
    const ingress = await start({ HOOKLINE_JOURNAL_DIR: place }, false)
    expect(await send(ingress, 'lost')).toBe(503)
    expect((await readiness(ingress)).journal).toMatch(/journal in .* can't be written \(E(EXIST|NOTDIR)\)/)
    await server.start()
    // With Redis alone it works, but it is not ready: the next outage would lose events.
    await eventually(async () => expect(await send(ingress, 'kept')).toBe(200))
    expect(await readiness(ingress)).toMatchObject({ status: 503, redis: 'ok' })
    rmSync(place)
    await untilAtRest(ingress)
  })

  test('is away can be told to end, and the next process drains what it left', async () => {
    await server.start()
    const first = await start()
    server.freeze()
    expect(await sendAll(first, keys('a', 3))).toEqual(all200(3))
    expect(await first.end('SIGTERM')).toBe(0)
    expect(first.output()).toContain('"stopped"')
    server.thaw()
    const second = await start()
    await untilAtRest(second)
    expect(await lane()).toEqual(keys('a', 3))
  })

  test('is away is shared by two processes with one journal, one of them killed: all is drained in order', async () => {
    const [a, b] = await Promise.all([start({}, false), start({}, false)])
    const expected: string[] = []
    for (let i = 0; i < 20; i++) {
      expect(await send(i % 2 ? a : b, `e-${i}`)).toBe(200)
      expected.push(`e-${i}`)
    }
    await b.end('SIGKILL')
    for (const key of keys('late', 3)) expect(await send(a, key)).toBe(200)
    await server.start()
    await untilAtRest(a)
    expect(await lane()).toEqual([...expected, ...keys('late', 3)])
  })

  test('came back is not used by one of two processes before the other is done', async () => {
    await server.start()
    const [a, b] = await Promise.all([start(), start()])
    const expected: string[] = []
    const sendTurns = async (count: number) => {
      for (let i = 0; i < count; i++) {
        const key = `e-${expected.length}`
        expect(await send(i % 2 ? a : b, key)).toBe(200)
        expected.push(key)
      }
    }
    await sendTurns(10)
    await server.kill()
    await sendTurns(40)
    await server.start()
    const direct = () =>
      Promise.all(
        [a, b].map((each) => metric(each, 'hookline_webhook_requests_total{bot="line",result="stored"}')),
      )
    const before = await direct()
    await eventually(async () => {
      await sendTurns(4)
      const now = await direct()
      expect(now.every((count, i) => count > (before[i] ?? 0) + 4)).toBe(true)
    })
    await Promise.all([a, b].map(untilAtRest))
    expect(await lane()).toEqual(expected)
  })

  test('evicts keys refuses to start, as the worker does', async () => {
    await server.start()
    await server.redis.config('SET', 'maxmemory-policy', 'allkeys-lru')
    for (const name of ['ingress', 'worker']) {
      const { code, output } = await runToEnd(`dist/apps/${name}/main.js`, env())
      expect([code, output]).toEqual([1, expect.stringContaining('maxmemory-policy allkeys-lru')])
    }
  })
})

describeWithRedisServer(
  'with Redis killed and away, and the ingress killed and started again meanwhile',
  () => {
    let server: RedisServer
    let stack: Stack

    beforeAll(async () => {
      server = await createRedisServer()
      await server.start()
      stack = await startStack({
        env: { REDIS_URL: server.url },
        settings: { lineworksRatePerMinute: 100_000 },
      })
    })
    afterAll(async () => {
      await stack.stop()
      await server.remove()
    })

    test('every one of 240 events is acknowledged in time and answered once, in order', async () => {
      const platforms = ['line', 'lineworks'] as const
      const conversations = platforms.flatMap((platform) =>
        Array.from({ length: 10 }, (_, i) => ({ platform, user: `U${i.toString(16).padStart(32, '0')}` })),
      )
      const late: string[] = []
      const sayAll = (from: number, to: number) =>
        Promise.all(
          conversations.map(async ({ platform, user }) => {
            for (let i = from; i < to; i++) {
              const startedAt = Date.now()
              const { delivered } = await stack.emulator.say({ platform, user, text: `text ${i}` })
              const tookMs = Date.now() - startedAt
              if (!delivered || tookMs > deadlineMs)
                late.push(`${user} ${i}: ${delivered} after ${tookMs} ms`)
            }
          }),
        )
      await sayAll(0, 2)
      await server.kill()
      await sayAll(2, 6)
      const { port } = new URL(stack.ingress.url)
      await stack.ingress.end('SIGKILL')
      const restarted = await startService('ingress', { ...stack.env, INGRESS_PORT: port }, false)
      await sayAll(6, 14)
      expect(late).toEqual([])
      await server.start()
      await sayAll(14, 16)
      const expected = Array.from({ length: 16 }, (_, i) => `text ${i}`)
      const seenBy = (platform: 'line' | 'lineworks', conversation: string) =>
        stack.emulator.ledger
          .messages({ platform, conversation })
          .flatMap((entry) => (entry.messages ?? []).map((message) => (message as { text?: string }).text))
      await eventually(() => {
        const counts = conversations.map(({ platform, user }) => seenBy(platform, user).length)
        expect(counts).toEqual(conversations.map(() => expected.length))
      })
      for (const { platform, user } of conversations) expect(seenBy(platform, user)).toEqual(expected)
      expect(late).toEqual([])
      await restarted.end('SIGTERM')
    })
  },
)
