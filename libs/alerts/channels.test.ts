import { createServer } from 'node:tls'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import type { Redis } from 'ioredis'
import { createLogger } from '#libs/observability'
import { introduceBot, isPush } from '#libs/mailbox'
import { parseBusinessHours } from '#libs/config'
import { X509Certificate, randomUUID } from 'node:crypto'
import { makeCertificates } from '../cli/doctor.test.support'
import { testRedis, uniqueBotName } from '../../tests/support/redis'
import { type MailServer, settingsOf, startMailServer, startReceiver } from './alerts.test.support'
import { businessMs } from './business-time'
import { watchCertificate } from './certificate'
import type { AlertMessage } from './advance'
import { emptyBook } from './book'
import { type Channel, createChannels } from './channels'
import { deliver, sendVia } from './deliver'
import { letterOf } from './message'
import type { Finding } from './rules'
import { span } from './words'

const log = createLogger({ name: 'test', level: 'silent' })
const manner = { language: 'en', timeZone: 'UTC' } as const
const finding: Finding = {
  rule: 'dead_letters',
  bot: 'shop',
  severity: 'warning',
  value: 2,
  words: { en: '2 dead letters <now> & then.', ja: 'デッドレターが 2 件あります。' },
}
const letter = letterOf({ id: 'm1', phase: 'firing', finding, since: 0, at: 0 }, manner)

let redis: Redis
beforeEach(() => (redis = testRedis()))
afterEach(() => redis.quit())

const channelOf = (env: Record<string, string>) => {
  const [channel] = createChannels(settingsOf(env), redis, log)
  if (!channel) throw new Error('none is set')
  return channel
}

test('the webhook gets the documented body', async () => {
  const receiver = await startReceiver()
  expect(await sendVia(channelOf({ ALERT_WEBHOOK_URL: receiver.url }), letter)).toBeUndefined()
  expect(receiver.taken).toEqual([
    {
      ...{ source: 'hookline', id: 'm1', status: 'firing', rule: 'dead_letters', bot: 'shop' },
      ...{ severity: 'warning', value: 2, title: 'Warning: shop: Dead letters' },
      text: expect.stringMatching(/^2 dead letters <now> & then\.\nRead them/),
      ...{ since: '1970-01-01T00:00:00.000Z', at: '1970-01-01T00:00:00.000Z' },
    },
  ])
  await receiver.close()
})

test('Slack reads no marks where none are meant', async () => {
  const receiver = await startReceiver()
  await sendVia(channelOf({ ALERT_SLACK_URL: receiver.url }), letter)
  expect(receiver.taken).toEqual([
    { text: expect.stringContaining('2 dead letters &lt;now&gt; &amp; then.') },
  ])
  await receiver.close()
})

describe('e-mail', () => {
  let server: MailServer
  const env = () => ({
    ALERT_EMAIL_TO: 'ops@example.com, night@example.com',
    ALERT_EMAIL_FROM: 'bot@example.com',
    ALERT_SMTP_URL: server.url,
  })
  beforeEach(async () => (server = await startMailServer('right-PASSWORD')))
  afterEach(() => server.close())

  test('goes by SMTP to all addresses, logged in', async () => {
    expect(await sendVia(channelOf(env()), letter)).toBeUndefined()
    expect(server.mails).toMatchObject([
      { from: 'bot@example.com', to: ['ops@example.com', 'night@example.com'], user: 'ops@example.com' },
    ])
    expect(server.mails[0]?.text).toContain('Subject: [Hookline] Warning: shop: Dead letters')
    expect(server.mails[0]?.text).toContain('Message-ID: <m1@hookline>')
  })

  test('an error names the server and its number, not the password', async () => {
    const wrong = { ...env(), ALERT_SMTP_URL: server.url.replace('right', 'wrong') }
    const error = await sendVia(channelOf(wrong), letter)
    expect(error).toBe(`The mail server ${new URL(server.url).host} did not take it (EAUTH, 535).`)
    expect(server.mails).toEqual([])
  })
})

describe('a room', () => {
  test('gets it through the lane of its bot, once per message', async () => {
    const bot = uniqueBotName()
    await introduceBot(redis, bot, 'lineworks')
    const channel = channelOf({ ALERT_ROOM: `${bot}:channel:c:1` })
    expect(await sendVia(channel, letter)).toBeUndefined()
    expect(await sendVia(channel, letter)).toBeUndefined()
    await channel.close()
    const lane = await redis.lrange(`{hookline:${bot}}:lane:channel:c:1`, 0, -1)
    expect(lane).toHaveLength(1)
    const item = JSON.parse(lane[0]?.replace(/^\S+ \S+ /, '') ?? '') as Parameters<typeof isPush>[0]
    expect(isPush(item)).toBe(true)
    expect(item.event).toMatchObject({
      conversation: { kind: 'channel', id: 'c:1' },
      messages: [{ type: 'text', text: expect.stringContaining('2 dead letters') }],
    })
  })

  test('that takes no message gets no more of them until a person has looked at the dead letter', async () => {
    const bot = uniqueBotName()
    await introduceBot(redis, bot, 'line')
    const channel = channelOf({ ALERT_ROOM: `${bot}:user:U1` })
    expect(await sendVia(channel, letter)).toBeUndefined()
    const lane = `{hookline:${bot}}:lane:user:U1`
    const id = (await redis.lindex(lane, 0))?.split(' ')[0] ?? ''
    const seen = `{hookline:${bot}}:seen:${id}`
    const record = JSON.parse((await redis.get(seen)) ?? '') as object
    const becomes = (more: object) => redis.set(seen, JSON.stringify({ ...record, ...more }))
    await becomes({ status: 'failed', reason: 'monthly_quota_used_up' })
    const next = { ...letter, id: randomUUID() }
    expect(await sendVia(channel, next)).toContain('monthly_quota_used_up')
    expect(await redis.llen(lane)).toBe(1)
    await becomes({ status: 'discarded' })
    expect(await sendVia(channel, next)).toBeUndefined()
    expect(await redis.llen(lane)).toBe(2)
    await channel.close()
  })

  test('of a bot that nobody works for is an error that says so', async () => {
    const channel = channelOf({ ALERT_ROOM: 'nobody:user:U1' })
    expect(await sendVia(channel, letter)).toContain('no worker has ever run for a bot "nobody"')
    await channel.close()
  })
})

test('a delivery ends when all channels have come to their end, also where one can not note it', async () => {
  const message: AlertMessage = { id: 'm', phase: 'test', since: 0, at: 0 }
  const book = {
    ...emptyBook(),
    pending: [{ channel: 'slack', message } as const, { channel: 'email', message } as const],
  }
  let arrive: () => void = () => undefined
  const slow = new Promise<void>((resolve) => (arrive = resolve))
  const close = () => Promise.resolve()
  const channels: Channel[] = [
    { kind: 'slack', send: () => Promise.resolve(), close },
    { kind: 'email', send: () => slow, close },
  ]
  let isOver = false
  const keep = () => (isOver ? Promise.resolve(true) : Promise.reject(new Error('Redis is away')))
  const delivery = deliver(book, { channels, manner, log, now: Date.now, keep }).finally(() => {
    expect(isOver).toBe(true)
  })
  await new Promise(setImmediate)
  isOver = true
  arrive()
  await expect(delivery).rejects.toThrow('Redis is away')
})

test('the end of a certificate is read from the server, and not again for an hour', async () => {
  const certificates = makeCertificates()
  const { key, cert } = certificates.of('good')
  const validTo = Date.parse(new X509Certificate(cert).validTo)
  certificates.remove()
  const server = createServer({ key, cert }, (socket) => socket.on('error', () => undefined))
  let connections = 0
  server.on('connection', () => (connections += 1))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  let now = Date.now()
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`
  const watch = watchCertificate({ url, clock: () => now })
  expect(await watch()).toBe(validTo)
  now += 59 * 60_000
  expect(await watch()).toBe(validTo)
  expect(connections).toBe(1)
  server.close()
  now += 60_000
  // Not reached: what was known stays.
  expect(await watch()).toBe(validTo)
  expect(await watchCertificate({ url: undefined })()).toBeUndefined()
  expect(await watchCertificate({ url: 'https://127.0.0.1:1' })()).toBeUndefined()
})

describe('business hours', () => {
  const hour = 3_600_000
  const hours = (from: string, to: string, text = 'Mon-Fri 09:00-18:00', zone = 'Asia/Tokyo') =>
    businessMs(Date.parse(from), Date.parse(to), { spans: parseBusinessHours(text) ?? [], zone }) / hour

  test.each([
    // In Tokyo: Friday 17:00 to Monday 10:00.
    ['2026-11-20T08:00Z', '2026-11-23T01:00Z', 2],
    // A whole week.
    ['2026-11-16T00:00Z', '2026-11-23T00:00Z', 45],
    // At night.
    ['2026-11-16T10:00Z', '2026-11-16T20:00Z', 0],
  ])('from %s to %s are %d h', (from, to, expected) => {
    expect(hours(from, to)).toBe(expected)
  })

  test('follow the clocks of the place when these are changed', () => {
    // New York: the night to 2026-11-01 has 25 hours.
    expect(hours('2026-10-31T04:00Z', '2026-11-02T05:00Z', 'Sat-Sun 00:00-24:00', 'America/New_York')).toBe(
      49,
    )
  })

  test.each([
    '',
    'Mon',
    'Mon-Fri',
    'Mon-Fri 18:00-09:00',
    'Mon-Fri 9-18',
    'Mon-Fry 09:00-18:00',
    'Mon 09:00-25:00',
  ])('%j is none', (text) => {
    expect(parseBusinessHours(text)).toBeUndefined()
  })

  test('may be several', () => {
    expect(parseBusinessHours('Fri-Mon 09:00-12:30, Wed 10:00-24:00')).toEqual([
      { days: [5, 6, 0, 1], fromMinute: 540, toMinute: 750 },
      { days: [3], fromMinute: 600, toMinute: 1440 },
    ])
  })
})

test.each([
  ['ALERT_ROOM', 'shop'],
  ['ALERT_ROOM', 'shop:nobody:U1'],
  ['ALERT_SMTP_URL', 'mail.example.com'],
  ['ALERT_EMAIL_TO', 'ops'],
  ['ALERT_TIME_ZONE', 'Tokyo'],
  ['ALERT_BUSINESS_HOURS', '9-5'],
  ['ALERT_WEBHOOK_URL', 'ftp://example.com'],
  ['ALERT_LANGUAGE', 'fr'],
])('%s=%s is refused, and a secret is not repeated', (name, value) => {
  expect(() => settingsOf({ [name]: value })).toThrow(name)
  if (/URL/.test(name)) expect(() => settingsOf({ [name]: value })).not.toThrow(value)
})

test.each([
  [0, '0 s'],
  [119_000, '119 s'],
  [120_000, '2 min'],
  [3 * 3_600_000, '3 h'],
  [10 * 24 * 3_600_000, '10 d'],
])('%d ms are %s', (ms, text) => {
  expect(span(ms, 'en')).toBe(text)
})
