import { HooklineError, type Event, type WebhookRequest } from '#libs/contract'
import { describeConformance, readFixtures } from '../conformance'
import { lineworks, sign } from './index'
import { createLineworksWebhook } from './webhook'

const botId = '2000001'
const receivedAt = 1_790_000_000_500

function createWebhook(botSecret: string[], bot = botId) {
  return lineworks.createWebhook({ name: 'subject', botId: bot, botSecret })
}

describeConformance(
  {
    platform: 'lineworks',
    createWebhook: (secrets) => createWebhook(secrets),
    sign: (body, secret) => ({
      body,
      headers: { 'x-works-botid': botId, 'x-works-signature': sign(body, secret) },
    }),
    garbage: [
      '',
      'not json',
      '{"type":',
      'null',
      '3',
      '"message"',
      '[]',
      '[{"type":"message"}]',
      '{}',
      '\uFEFF{}',
    ],
  },
  readFixtures(__dirname),
)

function setup(bot = botId) {
  const webhook = createWebhook(['secret'], bot)
  const receive = (body: string, headers: WebhookRequest['headers'] = {}) => {
    const bytes = Buffer.from(body)
    const signature = { 'x-works-signature': sign(bytes, 'secret') }
    return webhook.receive({
      headers: { 'x-works-botid': bot, ...signature, ...headers },
      body: bytes,
      receivedAt,
    })
  }
  const eventOf = (body: string): Event => {
    const received = receive(body)
    const [event] = received.kind === 'events' ? received.events : []
    if (!event) throw new Error(`expected an event, got ${JSON.stringify(received)}`)
    return event
  }
  return { webhook, receive, eventOf }
}

function textAt(issuedTime: string, text = 'ok'): string {
  const source = { userId: 'u-1', channelId: 'c-1', domainId: 50010001 }
  return JSON.stringify({ type: 'message', source, issuedTime, content: { type: 'text', text } })
}

describe('sign', () => {
  test('is the base64 HMAC-SHA256 of the bytes under the characters of the secret', () => {
    // RFC 4231, test case 2.
    const expected = '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843'
    const signature = sign(Buffer.from('what do ya want for nothing?'), 'Jefe')
    expect(Buffer.from(signature, 'base64').toString('hex')).toBe(expected)
    expect(signature).toHaveLength(44)
  })
})

describe('LINE WORKS signature', () => {
  const body = textAt('2026-03-02T01:15:42.318Z', 'こんにちは')

  test('refuses a request without a signature', () => {
    expect(setup().receive(body, { 'x-works-signature': undefined })).toEqual({
      kind: 'refused',
      status: 401,
      reason: 'signature_missing',
    })
  })

  const valid = sign(Buffer.from(body), 'secret')
  test.each([
    ['empty', ''],
    ['cut', valid.slice(0, 40)],
    ['without padding', valid.slice(0, 43)],
    ['followed by more', `${valid}AAAA`],
    ['with white space inside', `${valid.slice(0, 20)} ${valid.slice(20)}`],
    ['in the URL alphabet', `-_${valid.slice(2)}`],
    ['in hex', Buffer.from(valid, 'base64').toString('hex')],
    ['no base64 at all', '日本語'.repeat(20)],
    ['of other bytes', sign(Buffer.from(`${body} `), 'secret')],
  ])('refuses a signature that is %s', (_name, signature) => {
    expect(setup().receive(body, { 'x-works-signature': signature })).toEqual({
      kind: 'refused',
      status: 401,
      reason: 'signature_mismatch',
    })
  })

  test('verifies the bytes as they came, not the JSON in them', () => {
    const pretty = JSON.stringify(JSON.parse(body), null, 2)
    const { receive } = setup()
    expect(receive(pretty).kind).toBe('events')
    const again = receive(body, { 'x-works-signature': sign(Buffer.from(pretty), 'secret') })
    expect(again).toMatchObject({ kind: 'refused', reason: 'signature_mismatch' })
  })

  test.each([[[]], [['']], [['secret', '']]])('takes no list of secrets like %j', (secrets) => {
    expect(() => createWebhook(secrets)).toThrow(HooklineError)
    expect(() => createWebhook(secrets)).toThrow('Bot "subject" has no botSecret, or an empty one.')
  })
})

describe('LINE WORKS bot id', () => {
  const body = textAt('2026-03-02T01:15:42.318Z')

  test.each([
    ['of another bot', '2000002'],
    ['that is missing', undefined],
    ['that came twice', [botId, botId]],
  ])('refuses an authentic request with an id %s', (_name, id) => {
    const received = setup().receive(body, { 'x-works-botid': id })
    expect(received).toEqual({ kind: 'refused', status: 401, reason: 'bot_id_mismatch' })
  })

  test('does not look at the id before the signature', () => {
    const headers = { 'x-works-botid': '2000002', 'x-works-signature': sign(Buffer.from(body), 'forged') }
    expect(setup().receive(body, headers)).toMatchObject({ reason: 'signature_mismatch' })
  })
})

describe('LINE WORKS event key', () => {
  const precise = textAt('2026-03-02T01:15:42.318Z')

  test('is the same for the same bytes of a time with a fraction', () => {
    const { eventOf } = setup()
    expect(eventOf(precise).key).toBe(eventOf(precise).key)
    expect(eventOf(textAt('2026-03-02T01:15:42.319Z')).key).not.toBe(eventOf(precise).key)
  })

  test('differs between bots', () => {
    expect(setup('2000001').eventOf(precise).key).not.toBe(setup('2000002').eventOf(precise).key)
  })

  test.each(['2026-03-02T01:15:42Z', 'yesterday.5'])('tells two equal events of %s apart', (issuedTime) => {
    const { eventOf } = setup()
    const [first, second] = [eventOf(textAt(issuedTime)), eventOf(textAt(issuedTime))]
    expect(first.key).not.toBe(second.key)
  })
})

describe('LINE WORKS event', () => {
  test.each([
    ['2026-03-02T01:15:42.318Z', Date.UTC(2026, 2, 2, 1, 15, 42, 318)],
    ['2026-03-02T01:15:42Z', Date.UTC(2026, 2, 2, 1, 15, 42)],
    ['2026-03-02T10:15:42+09:00', Date.UTC(2026, 2, 2, 1, 15, 42)],
    ['2026-03-02T01:15:42', receivedAt],
    ['2026-13-45T01:15:42.318Z', receivedAt],
    ['1', receivedAt],
  ])('takes %s as its time', (issuedTime, occurredAt) => {
    expect(setup().eventOf(textAt(issuedTime)).occurredAt).toBe(occurredAt)
  })

  test('keeps the object of the platform', () => {
    const body = textAt('2026-03-02T01:15:42.318Z')
    expect(setup().eventOf(body).raw).toEqual(JSON.parse(body))
    expect(setup().eventOf('not json')).toMatchObject({ raw: 'not json', reason: 'body is not JSON' })
    expect(setup().eventOf('[1]')).toMatchObject({ raw: [1], reason: 'body is not a JSON object' })
  })

  test('takes @ and the name of the bot in a text as a mention of it, where it knows the name', () => {
    const body = textAt('2026-03-02T01:15:42.318Z', '@受付 <m userId="u-2"> と昼食')
    const { eventOf } = setup()
    expect(eventOf(body)).toMatchObject({ mentions: [{ userId: 'u-2' }] })
    const named = createLineworksWebhook({ name: 'desk', botId, botSecret: ['secret'], botName: '受付' })
    const bytes = Buffer.from(body)
    const headers = { 'x-works-botid': botId, 'x-works-signature': sign(bytes, 'secret') }
    expect(named.receive({ headers, body: bytes, receivedAt })).toMatchObject({
      events: [{ mentions: [{ userId: 'u-2' }, { self: true, index: 0, length: 3 }] }],
    })
  })

  test('has no mentions and no postback where the text has none', () => {
    const event = setup().eventOf(textAt('2026-03-02T01:15:42.318Z', '<m userId="">, <m> and @bot'))
    expect(event).not.toHaveProperty('mentions')
    expect(event).not.toHaveProperty('postback')
  })

  test('takes a null channelId as absent', () => {
    const source = { userId: 'u-1', channelId: null, domainId: 50010001 }
    const event = setup().eventOf(JSON.stringify({ type: 'begin', source }))
    expect(event).toMatchObject({ type: 'begin', conversation: { kind: 'user', id: 'u-1' } })
  })

  test('takes no number that JSON can not hold as a place', () => {
    const body = textAt('2026-03-02T01:15:42.318Z').replace(
      '"type":"text"',
      '"type":"location","latitude":1e999,"longitude":0',
    )
    expect(setup().eventOf(body).type).toBe('unknown')
  })

  test('names an unknown type in few words however long it is', () => {
    const event = setup().eventOf(JSON.stringify({ type: 'x'.repeat(10_000) }))
    expect(event).toMatchObject({ type: 'unknown', reason: `event type "${'x'.repeat(40)}"` })
  })

  test('is acknowledged without a body and remembered for ten minutes', () => {
    expect(setup().webhook).toMatchObject({ ackBody: '', dedupeWindowMs: 600_000 })
  })
})
