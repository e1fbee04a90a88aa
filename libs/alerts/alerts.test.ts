import { Redis } from 'ioredis'
import { createLogger } from '#libs/observability'
import type { BotOverview } from '#libs/vitals'
import { connectProducer } from '#libs/redis'
import { testRedisUrl } from '../../tests/support/redis'
import { createAlertDesk } from './alerts'
import { type Receiver, botOverview, settingsOf, startReceiver } from './alerts.test.support'
import { createChannels } from './channels'
import type { AlertBody } from './message'
import { type AlertReadings, alertReadings } from './readings'

const journal = { events: 0, bytes: 0, maxBytes: 1000 }
const minute = 60_000

let redis: Redis
let receiver: Receiver
let lines: string[]
let now: number
let readings: AlertReadings
const closers: (() => Promise<unknown>)[] = []

beforeEach(async () => {
  // A database of its own: the alerts of all bots stand together.
  redis = new Redis(`${testRedisUrl()}/${(Number(process.env['JEST_WORKER_ID'] ?? '1') % 15) + 1}`)
  await redis.flushdb()
  receiver = await startReceiver()
  lines = []
  now = Date.parse('2026-11-23T03:00:00Z')
  readings = alertReadings({ bots: [botOverview()], journal })
})
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
  await receiver.close()
  await redis.quit()
})

const log = () =>
  createLogger({ name: 'test', level: 'info', destination: { write: (line) => void lines.push(line) } })

function desk(env: Record<string, string> = {}, connection = redis) {
  const settings = settingsOf({ ALERT_WEBHOOK_URL: receiver.url, ...env })
  const channels = createChannels(settings, connection, log())
  const read = () => Promise.resolve(readings)
  const made = createAlertDesk({ redis: connection, read, channels, settings, log: log(), clock: () => now })
  closers.push(() => made.close())
  return made
}

const told = () => receiver.taken as AlertBody[]
const statuses = () => told().map(({ status }) => status)

/** Another look, 15 seconds later. */
async function look(at: ReturnType<typeof desk>, times = 1) {
  for (let i = 0; i < times; i++) {
    now += 15_000
    await at.evaluate()
  }
}

const see = (more: Partial<BotOverview>, also: Partial<AlertReadings> = {}) => {
  readings = { ...alertReadings({ bots: [botOverview(more)], journal }), ...also }
}
const allIsWell = () => see({})

const waiting = { lanes: 1, items: 3, oldestAgeMs: 10 * minute }
const day = 24 * 60 * minute

const troubles: [string, () => void, Record<string, string>, Partial<AlertBody>][] = [
  ['oldest_item', () => see({ waiting }), {}, { bot: 'shop', severity: 'warning', value: 600 }],
  ['dead_letters', () => see({ deadLetters: 3 }), {}, { bot: 'shop', severity: 'warning', value: 3 }],
  [
    'breaker_open',
    () => see({ state: 'failing', breaker: { state: 'held', heldForMs: 5000 } }),
    {},
    { bot: 'shop', severity: 'critical' },
  ],
  [
    'ack_slow',
    () => see({ ack: { p50Ms: 5, p99Ms: 1100, deadlineMs: 2000 } }),
    {},
    { bot: 'shop', severity: 'warning', value: 1100 },
  ],
  [
    'certificate',
    () => see({}, { certificateEndsAt: now + 10.5 * day }),
    { HOOKLINE_PUBLIC_URL: 'https://bots.example.com' },
    { severity: 'warning', value: 10 },
  ],
  [
    'signature_failures',
    () => see({}, { refusedSignatures: { shop: 25 } }),
    {},
    { bot: 'shop', severity: 'warning', value: 25 },
  ],
  [
    'journal_in_use',
    () => see({}, { journal: { events: 4, bytes: 900, maxBytes: 1000 } }),
    {},
    { severity: 'critical', value: 4 },
  ],
  [
    'no_worker',
    () => see({ workers: 0, waiting: { ...waiting, oldestAgeMs: 1000 } }),
    {},
    { bot: 'shop', severity: 'critical', value: 3 },
  ],
]

describe('every rule', () => {
  test.each(troubles)('%s fires once and recovers', async (rule, trouble, env, expected) => {
    const at = desk(env)
    await look(at, 3)
    expect(told()).toEqual([])
    trouble()
    await look(at, 8)
    expect(told()).toMatchObject([{ source: 'hookline', status: 'firing', rule, ...expected }])
    expect(await at.firing()).toMatchObject([{ rule, told: expect.any(Number) }])
    readings = alertReadings(
      { bots: [botOverview()], journal },
      { certificateEndsAt: now + 80 * day, refusedSignatures: {}, lastEventAt: undefined },
    )
    await look(at, 4)
    expect(told()).toMatchObject([{}, { status: 'recovered', rule, lastedSeconds: 9 * 15 }])
    expect(await at.view()).toMatchObject({ firing: [], past: [{ rule, endedAt: expect.any(Number) }] })
  })

  test.each(troubles)('%s is off at 0', async (rule, trouble, env) => {
    const variables: Record<string, string> = {
      oldest_item: 'ALERT_OLDEST_ITEM',
      dead_letters: 'ALERT_DEAD_LETTERS',
      breaker_open: 'ALERT_BREAKER_OPEN',
      ack_slow: 'ALERT_ACK_SLOW',
      certificate: 'ALERT_CERTIFICATE',
      signature_failures: 'ALERT_SIGNATURE_FAILURES',
      journal_in_use: 'ALERT_JOURNAL',
      no_worker: 'ALERT_NO_WORKER',
    }
    const at = desk({ ...env, [variables[rule] ?? '']: '0' })
    trouble()
    await look(at, 8)
    expect(told()).toEqual([])
    expect((await at.view()).rules).toContainEqual(expect.objectContaining({ id: rule, on: false }))
  })

  test('no_events counts business hours only, and ends with the next event', async () => {
    // Friday 17:00 in Tokyo.
    now = Date.parse('2026-11-20T08:00:00Z')
    const at = desk({ ALERT_NO_EVENTS: '3' })
    see({ eventsPerMinute: 2 })
    await look(at)
    see({})
    // Monday 10:30: one hour of Friday and one and a half of today.
    now = Date.parse('2026-11-23T01:30:00Z')
    await look(at, 3)
    expect(told()).toEqual([])
    now = Date.parse('2026-11-23T02:01:00Z')
    await look(at, 3)
    expect(told()).toMatchObject([{ rule: 'no_events', bot: 'shop', value: 3 }])
    see({ eventsPerMinute: 0.2 })
    await look(at, 2)
    expect(statuses()).toEqual(['firing', 'recovered'])
  })

  test('redis_down is told by the console that sees it, and its end', async () => {
    const broken = connectProducer('redis://127.0.0.1:1', createLogger({ name: 'x', level: 'silent' }))
    const real = new Redis(testRedisUrl())
    const ping = { current: broken as { ping(): Promise<string> } }
    const connection = new Proxy(real, {
      get: (target, name) =>
        name === 'ping' ? () => ping.current.ping() : (Reflect.get(target, name) as unknown),
    })
    closers.push(() => real.quit())
    closers.push(() => Promise.resolve(broken.disconnect()))
    const at = desk({ ALERT_ROOM: 'shop:user:U1' }, connection)
    await look(at, 4)
    expect(told()).toMatchObject([{ rule: 'redis_down', status: 'firing', severity: 'critical' }])
    expect(await at.firing()).toMatchObject([{ rule: 'redis_down' }])
    ping.current = real
    await look(at, 2)
    expect(statuses()).toEqual(['firing', 'recovered'])
  })
})

describe('what is told', () => {
  test('flickering is not, neither as trouble nor as its end', async () => {
    const at = desk()
    for (let i = 0; i < 5; i++) {
      see({ deadLetters: 1 })
      await look(at)
      allIsWell()
      await look(at)
    }
    expect(told()).toEqual([])
    see({ deadLetters: 1 })
    await look(at, 2)
    for (let i = 0; i < 5; i++) {
      allIsWell()
      await look(at)
      see({ deadLetters: 1 })
      await look(at)
    }
    expect(statuses()).toEqual(['firing'])
  })

  test('dead letters again only when there are more than were told', async () => {
    const at = desk()
    see({ deadLetters: 5 })
    await look(at, 2)
    see({ deadLetters: 2 })
    await look(at, 45)
    see({ deadLetters: 5 })
    await look(at, 45)
    expect(told()).toHaveLength(1)
    see({ deadLetters: 6 })
    await look(at, 3)
    expect(told().map(({ value }) => value)).toEqual([5, 6])
    // A crowd of them is no crowd of messages.
    for (let i = 7; i < 20; i++) {
      see({ deadLetters: i })
      await look(at)
    }
    expect(told()).toHaveLength(2)
  })

  test('what gets worse, at once', async () => {
    const at = desk()
    see({ ack: { p50Ms: 5, p99Ms: 1100, deadlineMs: 2000 } })
    await look(at, 3)
    see({ ack: { p50Ms: 5, p99Ms: 2500, deadlineMs: 2000 } })
    await look(at, 3)
    expect(told().map(({ severity }) => severity)).toEqual(['warning', 'critical'])
  })

  test('a reminder after the time that is set, and none at 0', async () => {
    const at = desk({ ALERT_REMINDER: '2' })
    see({ deadLetters: 1 })
    await look(at, 2)
    now += 119 * minute
    await look(at)
    expect(statuses()).toEqual(['firing'])
    now += minute
    await look(at, 2)
    expect(statuses()).toEqual(['firing', 'reminder'])
    const never = desk({ ALERT_REMINDER: '0' })
    now += 100 * day
    await at.close()
    await look(never)
    expect(statuses()).toHaveLength(2)
  })

  test('what can not be seen now neither fires nor ends', async () => {
    const at = desk()
    see({}, { refusedSignatures: { shop: 50 } })
    await look(at, 2)
    see({})
    await look(at, 10)
    expect(statuses()).toEqual(['firing'])
    see({}, { refusedSignatures: {} })
    await look(at, 2)
    expect(statuses()).toEqual(['firing', 'recovered'])
  })

  test('in Japanese, with the time of the place', async () => {
    const at = desk({ ALERT_LANGUAGE: 'ja' })
    see({ deadLetters: 2 })
    await look(at, 2)
    allIsWell()
    await look(at, 2)
    expect(told()[0]).toMatchObject({
      title: '警告: shop: デッドレターがあります',
      text: expect.stringContaining('デッドレターが 2 件あります。'),
    })
    expect(told()[1]?.text).toBe('2026-11-23 12:00 から 45 秒続きました。')
  })
})

describe('several consoles', () => {
  test('tell once', async () => {
    const [one, two] = [desk(), desk()]
    see({ deadLetters: 1 })
    for (let i = 0; i < 6; i++) {
      now += 15_000
      await Promise.all([one.evaluate(), two.evaluate()])
    }
    allIsWell()
    for (let i = 0; i < 6; i++) {
      now += 15_000
      await Promise.all([two.evaluate(), one.evaluate()])
    }
    expect(statuses()).toEqual(['firing', 'recovered'])
  })

  test('one that ends is followed by another, which tells nothing twice', async () => {
    const one = desk()
    see({ deadLetters: 1 })
    await look(one, 3)
    await one.close()
    const two = desk()
    expect(await two.firing()).toMatchObject([{ rule: 'dead_letters', bot: 'shop' }])
    await look(two, 3)
    expect(statuses()).toEqual(['firing'])
    allIsWell()
    await look(two, 2)
    expect(statuses()).toEqual(['firing', 'recovered'])
  })

  test('one that is killed is followed when its lease has run out', async () => {
    see({ deadLetters: 1 })
    await look(desk(), 2)
    const two = desk()
    await look(two, 2)
    expect(await redis.pttl('{hookline-alerts}:lease')).toBeGreaterThan(0)
    await redis.del('{hookline-alerts}:lease')
    allIsWell()
    await look(two, 2)
    expect(statuses()).toEqual(['firing', 'recovered'])
  })
})

describe('a channel that fails', () => {
  test('is tried again, shows its error without the secret, and holds up no other', async () => {
    const slack = await startReceiver()
    closers.push(() => slack.close())
    const at = desk({ ALERT_SLACK_URL: slack.url })
    receiver.status = 500
    see({ deadLetters: 1 })
    await look(at, 3)
    expect(told()).toEqual([])
    expect(slack.taken).toEqual([{ text: expect.stringContaining('[Hookline] Warning: shop: Dead letters') }])
    const view = await at.view()
    expect(view.channels).toMatchObject([
      { kind: 'webhook', set: true, lastError: `${new URL(receiver.url).host} answered 500.` },
      { kind: 'slack', set: true, lastAt: expect.any(Number) },
      { kind: 'email', set: false },
      { kind: 'room', set: false },
    ])
    expect(JSON.stringify(view) + lines.join()).not.toContain('secret-PATH')
    receiver.status = 204
    await look(at, 2)
    expect(statuses()).toEqual(['firing'])
    expect(slack.taken).toHaveLength(1)
    expect((await at.view()).channels[0]).not.toHaveProperty('lastError')
  })

  test('and comes back only after all is well hears nothing of it', async () => {
    const at = desk()
    receiver.status = 503
    see({ deadLetters: 1 })
    await look(at, 3)
    allIsWell()
    await look(at, 3)
    receiver.status = 200
    await look(at, 2)
    expect(told()).toEqual([])
  })

  test('and that knows of the trouble hears of its end late', async () => {
    const at = desk()
    see({ deadLetters: 1 })
    await look(at, 2)
    receiver.status = 503
    allIsWell()
    await look(at, 3)
    receiver.status = 200
    await look(at)
    expect(statuses()).toEqual(['firing', 'recovered'])
  })
})

test('what can not be read is no trouble and no end', async () => {
  const settings = settingsOf({ ALERT_WEBHOOK_URL: receiver.url })
  const channels = createChannels(settings, redis, log())
  const read = () => Promise.reject(new Error('the overview is away'))
  const at = createAlertDesk({ redis, read, channels, settings, log: log(), clock: () => now })
  closers.push(() => at.close())
  await expect(at.evaluate()).rejects.toThrow('away')
  expect(told()).toEqual([])
})

test('e-mail by halves is a wrong setting', () => {
  expect(() => desk({ ALERT_EMAIL_TO: 'ops@example.com', ALERT_EMAIL_FROM: 'bot@example.com' })).toThrow(
    /ALERT_SMTP_URL/,
  )
})
