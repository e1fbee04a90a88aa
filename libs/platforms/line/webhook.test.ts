import type { Event } from '#libs/contract'
import { describeConformance, readFixtures } from '../conformance'
import { createLineWebhook, sign } from './webhook'

const secret = '0f1e2d3c4b5a69788796a5b4c3d2e1f0'
const receivedAt = 1_790_000_000_500

describeConformance(
  {
    platform: 'line',
    createWebhook: (secrets) => createLineWebhook({ name: 'subject', channelSecret: secrets }),
    sign: (body, key) => ({ headers: { 'x-line-signature': sign(body, key) }, body }),
    garbage: [
      '',
      'not JSON',
      '7',
      'null',
      '[]',
      '{}',
      '{"events":{}}',
      '{"events":[7]}',
      '{"events":[[]]}',
      '{"events":[{}]}',
      '{"events":[{"type":{"toString":1}}]}',
      '{"events":[{"type":"constructor"}]}',
      '{"events":[{"type":"__proto__","__proto__":{"type":"x"}}]}',
    ],
  },
  readFixtures(__dirname),
)

function setup(channelSecret = [secret]) {
  const webhook = createLineWebhook({ name: 'shop', channelSecret })
  const receive = (body: Buffer, signature?: string | string[]) =>
    webhook.receive({ headers: { 'x-line-signature': signature }, body, receivedAt })
  const eventsOf = (body: unknown): Event[] => {
    const bytes = Buffer.from(typeof body === 'string' ? body : JSON.stringify(body))
    const received = receive(bytes, sign(bytes, secret))
    if (received.kind !== 'events') throw new Error(`expected events, got ${received.kind}`)
    return received.events
  }
  const eventOf = (fields: Record<string, unknown>): Event => {
    const [event] = eventsOf({ events: [{ ...common, ...fields }] })
    if (!event) throw new Error('expected one event')
    return event
  }
  return { webhook, receive, eventsOf, eventOf }
}

const common = {
  type: 'message',
  mode: 'active',
  timestamp: 1_790_000_000_000,
  webhookEventId: '01M3250V00EXAMPMEKEY000000',
  deliveryContext: { isRedelivery: false },
  source: { type: 'user', userId: 'U1111111111111111111111111111111a' },
  replyToken: 'fake-reply-token-0001',
}
const message = (fields: Record<string, unknown>) => ({ message: { id: '900000000000000001', ...fields } })

describe('LINE signature', () => {
  const event = (text: string) =>
    `{"destination":"U00000000000000000000000000000001","events":[{"type":"message","message":{"type":"text","id":"900000000000000001","quoteToken":"q-1","text":"hi ${text}"}}]}`
  const vectors = [
    [
      'no events',
      '{"destination":"U00000000000000000000000000000001","events":[]}',
      63,
      'bh5LBU3iL1mYWSjjR1h0QYQsRSQHzMCUWN4nOkrSh0Y=',
    ],
    ['an escaped emoji', event('\\uD83D\\uDE00'), 177, 'yYyVjVfE3OEPUp9yqywFBX6q6q+2/ERlXk+aODbq3TQ='],
    ['a raw emoji', event('😀'), 169, 'pv0mG5BlvAaLTktMqoz/JSIr6NPUmAscTBisojkpSEQ='],
  ] as const

  test.each(vectors)('signs %s byte by byte', (_name, text, length, signature) => {
    const body = Buffer.from(text)
    const { receive } = setup()
    expect(body).toHaveLength(length)
    expect(sign(body, secret)).toBe(signature)
    expect(receive(body, signature).kind).toBe('events')
  })

  const [, text, , right] = vectors[2]
  const body = Buffer.from(text)

  test('takes only the signature of the bytes as they came', () => {
    const { receive } = setup()
    expect(receive(Buffer.from(JSON.stringify(JSON.parse(vectors[1][1]))), vectors[1][3])).toMatchObject({
      reason: 'signature_mismatch',
    })
  })

  test.each([undefined, '', []])('says that the signature is missing when it is %j', (signature) => {
    const { receive } = setup()
    expect(receive(body, signature)).toEqual({ kind: 'refused', status: 401, reason: 'signature_missing' })
  })

  test.each([
    ['of other bytes', vectors[0][3]],
    ['cut short', right.slice(0, 40)],
    ['without its padding', right.slice(0, -1)],
    ['with something behind it', `${right}AAAA`],
    ['with blanks that a lenient decoder skips', `${right.slice(0, 10)} ${right.slice(10)}`],
    ['in URL-safe Base64', right.replaceAll('/', '_').replaceAll('+', '-')],
    ['in hexadecimal', Buffer.from(right, 'base64').toString('hex')],
    ['of 44 characters that are no Base64', 'é'.repeat(44)],
    ['twice', `${right}, ${right}`],
  ])('refuses a signature %s', (_name, signature) => {
    const { receive } = setup()
    expect(receive(body, signature)).toEqual({ kind: 'refused', status: 401, reason: 'signature_mismatch' })
  })

  test('takes the signature of any configured secret, and of no other', () => {
    const { receive } = setup(['newest', 'older', 'oldest'])
    const kinds = ['newest', 'older', 'oldest', 'else', ''].map((key) => receive(body, sign(body, key)).kind)
    expect(kinds).toEqual(['events', 'events', 'events', 'refused', 'refused'])
  })

  test.each([[[]], [['']], [['good', '']]])('does not start with the secrets %j', (secrets) => {
    expect(() => setup(secrets)).toThrow('Bot "shop" has no channelSecret')
  })
})

describe('LINE events', () => {
  test('acknowledges with an empty body and remembers keys for a week', () => {
    const { webhook } = setup()
    expect(webhook).toMatchObject({ ackBody: '', dedupeWindowMs: 604_800_000 })
  })

  test('keeps the key of an event that is delivered again, alone or beside others', () => {
    const { eventsOf, eventOf } = setup()
    const again = { ...common, deliveryContext: { isRedelivery: true } }
    const other = { ...common, webhookEventId: '01M3250V00EXAMPMEKEY999999' }
    expect(eventsOf({ events: [other, again] })[1]?.key).toBe(eventOf({}).key)
  })

  test('makes a key that survives redelivery where the event has no id', () => {
    const { eventOf } = setup()
    const key = (fields: Record<string, unknown>) => eventOf({ webhookEventId: undefined, ...fields }).key
    expect(key({})).toMatch(/^[0-9a-f]{64}$/)
    expect(key({ deliveryContext: { isRedelivery: true } })).toBe(key({}))
    expect(key({ webhookEventId: 7, timestamp: 5 })).not.toBe(key({}))
    expect(key({ timestamp: 6 })).not.toBe(key({ timestamp: 5 }))
  })

  test('tells apart two equal elements that are no events', () => {
    const { eventsOf } = setup()
    const [first, second] = eventsOf({ events: [null, null] })
    expect(first).toMatchObject({ type: 'unknown', reason: 'event is not an object', raw: null })
    expect(second?.key).not.toBe(first?.key)
  })

  test.each([
    ['{"events":', 'body is not JSON'],
    ['{"destination":"U1"}', 'body has no readable list of events'],
    [`{"events":[${'['.repeat(9000)}${']'.repeat(9000)}]}`, 'body has no readable list of events'],
  ])('keeps the whole body %.20s as one unknown event that can be stored', (body, reason) => {
    const { eventsOf } = setup()
    const [event, ...more] = eventsOf(body)
    expect(event).toMatchObject({ type: 'unknown', reason, raw: body, occurredAt: receivedAt })
    expect(event?.key).toMatch(/^body-[0-9a-f]{64}$/)
    expect(more).toEqual([])
    expect(() => JSON.stringify(event)).not.toThrow()
  })

  test('keeps the rest of a request beside an element that it does not know', () => {
    const { eventsOf } = setup()
    const follow = { ...common, type: 'follow' }
    expect(eventsOf({ events: [7, follow, { type: 'hologram' }] }).map((event) => event.type)).toEqual([
      'unknown',
      'follow',
      'unknown',
    ])
  })

  test('moves the reply token out of the raw object', () => {
    const { eventOf } = setup()
    const event = eventOf(message({ type: 'text', text: 'hi' }))
    expect(event.replyToken).toEqual({ token: 'fake-reply-token-0001', expiresAt: receivedAt + 50_000 })
    expect(JSON.stringify(event.raw)).not.toContain('fake-reply-token')
    expect(event.raw).toMatchObject({ type: 'message', message: { text: 'hi' } })
  })

  test('gives no reply token in standby, nor where there is none', () => {
    const { eventOf } = setup()
    expect(eventOf({ mode: 'standby' })).not.toHaveProperty('replyToken')
    expect(eventOf({ replyToken: undefined })).not.toHaveProperty('replyToken')
    expect(eventOf({})).not.toHaveProperty('standby')
    expect(eventOf({})).not.toHaveProperty('redelivery')
  })

  test('lets the token of a redelivery end 20 minutes after the event at the latest', () => {
    const { eventOf } = setup()
    const late = { timestamp: receivedAt - 19.5 * 60_000, deliveryContext: { isRedelivery: true } }
    expect(eventOf(late).replyToken?.expiresAt).toBe(receivedAt + 30_000)
    expect(eventOf({ ...late, deliveryContext: {} }).replyToken?.expiresAt).toBe(receivedAt + 50_000)
  })

  test.each([
    undefined,
    null,
    'U1',
    {},
    { type: 'user' },
    { type: 'group', userId: 'U1' },
    { type: 'planet', planetId: 'P' },
  ])('finds no conversation in the source %j', (source) => {
    const { eventOf } = setup()
    expect(eventOf({ source }).conversation).toEqual({ kind: 'none', id: 'none' })
  })

  test('keeps conversation, user and reply token of what it does not understand', () => {
    const { eventOf } = setup()
    expect(eventOf({ type: 'hologram' })).toMatchObject({
      type: 'unknown',
      reason: 'event type "hologram"',
      conversation: { kind: 'user', id: common.source.userId },
      userId: common.source.userId,
      replyToken: { token: 'fake-reply-token-0001' },
    })
  })

  test.each([
    [{}, 'message type that is not text'],
    [message({ type: 7 }), 'message type that is not text'],
    [message({ type: 'text' }), 'message type "text" without a field it needs'],
    [{ message: { type: 'image' } }, 'message type "image" without a field it needs'],
    [
      message({ type: 'location', latitude: '35', longitude: 139 }),
      'message type "location" without a field it needs',
    ],
    [{ type: 'memberJoined', joined: {} }, 'event type "memberJoined" without a field it needs'],
    [{ type: undefined }, 'event type that is not text'],
    [{ type: 'x'.repeat(500) }, `event type "${'x'.repeat(60)}"`],
  ])('says of %j why it is unknown', (fields, reason) => {
    const { eventOf } = setup()
    expect(eventOf(fields)).toMatchObject({ type: 'unknown', reason })
  })

  test.each([
    [undefined, { contentId: '900000000000000001' }],
    [
      { type: 'line', originalContentUrl: 'https://media.example.com/a' },
      { contentId: '900000000000000001' },
    ],
    [
      { type: 'external', originalContentUrl: 'https://media.example.com/a' },
      { contentUrl: 'https://media.example.com/a' },
    ],
    [{ type: 'external' }, {}],
    [{ type: 'cloud' }, {}],
  ])('reads where the content of %j is', (contentProvider, expected) => {
    const { eventOf } = setup()
    const event = eventOf(message({ type: 'image', contentProvider }))
    const { contentId, contentUrl } = event as unknown as Record<string, unknown>
    expect({ contentId, contentUrl }).toEqual({ contentId: undefined, contentUrl: undefined, ...expected })
  })

  test('leaves out optional fields of the wrong type', () => {
    const { eventOf } = setup()
    const event = eventOf(
      message({ type: 'text', text: '', quoteToken: 7, mention: { mentionees: [null, { index: 0 }] } }),
    )
    expect(event).toMatchObject({ type: 'text', text: '', mentions: [{ index: 0 }] })
    expect(event).not.toHaveProperty('quoteToken')
  })

  test('takes the time of receipt where the event has no usable one', () => {
    const { eventOf } = setup()
    expect([undefined, '5', 1e308].map((timestamp) => eventOf({ timestamp }).occurredAt)).toEqual([
      receivedAt,
      receivedAt,
      receivedAt,
    ])
  })
})
