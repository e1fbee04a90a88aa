import { createHash } from 'node:crypto'
import type { Event } from '#libs/contract'
import { describeConformance, readFixtures } from '../conformance'
import { createTocaroWebhook, sign } from './webhook'

const secret = 'EXAMPLE-SECRET-0000'
const receivedAt = 1_790_000_000_500

describeConformance(
  {
    platform: 'tocaro',
    createWebhook: (secrets) => createTocaroWebhook({ name: 'subject', signingSecret: secrets }),
    sign: (body, key) => ({ headers: {}, body: sign(body, key) }),
    garbage: [
      '{}',
      '{"a":[1,{"b":null}]}',
      '{"type":"event_callback"}',
      '{"type":"event_callback","event":[]}',
      '{"type":"url_verification","challenge":7}',
      '{"type":"event_callback","event":{"type":"message.posted","item":{"type":{"toString":1}}}}',
    ],
  },
  readFixtures(__dirname),
)

function post(item: Record<string, unknown> = {}, envelope: Record<string, unknown> = {}) {
  const base = { type: 'message', ts: 1767225600123, text: 'status', mentions: [], group: 'gr1', user: 'us1' }
  return {
    type: 'event_callback',
    authedUser: 'usowner01',
    eventTime: 1767225600456,
    event: { type: 'message.posted', user: 'us1', item: { ...base, ...item } },
    ...envelope,
  }
}

function setup(signingSecret = [secret, 'previous-secret'], name = 'ops') {
  const webhook = createTocaroWebhook({ name, signingSecret })
  const receive = (body: unknown, headers: Record<string, string> = {}) =>
    webhook.receive({
      headers,
      body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
      receivedAt,
    })
  const eventOf = (body: object, headers: Record<string, string> = {}): Event => {
    const received = receive({ token: secret, ...body }, headers)
    if (received.kind !== 'events') throw new Error(`expected events, got ${JSON.stringify(received)}`)
    return received.events[0]!
  }
  return { webhook, receive, eventOf }
}

describe('tocaro handshake', () => {
  const handshake = { challenge: 'c-7f3a-"例"', type: 'url_verification' }

  test.each([secret, 'previous-secret'])('answers the challenge of a request that holds %s', (token) => {
    const { receive } = setup()
    expect(receive({ token, ...handshake })).toEqual({
      kind: 'challenge',
      body: '{"challenge":"c-7f3a-\\"例\\""}',
    })
  })

  test('tells no challenge to a wrong token', () => {
    const { receive } = setup()
    expect(receive({ token: 'guess', ...handshake })).toEqual({
      kind: 'refused',
      status: 401,
      reason: 'token_mismatch',
    })
  })

  test.each([[handshake], [{ token: null, ...handshake }], [[secret]], [null], [7]])(
    'refuses %j, which has no token',
    (body) => {
      const { receive } = setup()
      expect(receive(body)).toEqual({ kind: 'refused', status: 401, reason: 'signature_missing' })
    },
  )

  test.each(['', 'token=EXAMPLE-SECRET-0000', '{"token":"EXAMPLE-SECRET-0000"'])(
    'refuses %j as no JSON',
    (body) => {
      const { receive } = setup()
      expect(receive(body)).toEqual({ kind: 'refused', status: 400, reason: 'not_json' })
    },
  )

  test.each([[[]], [['']], [[secret, '']]])('does not start with the secrets %j', (secrets) => {
    expect(() => setup(secrets)).toThrow(/signingSecret/)
  })
})

describe('tocaro event', () => {
  test('has the documented key', () => {
    const { eventOf } = setup()
    const hex = (text: string) => createHash('sha256').update(text).digest('hex')
    const parts = ['ops', 'message.posted', 'gr1', 'us1', 1767225600123, hex('status')]
    expect(eventOf(post()).key).toBe(hex(JSON.stringify(parts)))
  })

  test.each([
    ['another eventTime', post({}, { eventTime: 1767225660456 })],
    ['no eventTime', post({}, { eventTime: undefined })],
    ['another authedUser', post({}, { authedUser: 'usother02' })],
    ['the SDK name of its type', { ...post(), event: { ...post().event, type: 'message_posted' } }],
  ])('keeps its key under %s', (_name, again) => {
    const { eventOf } = setup()
    expect(eventOf(again).key).toBe(eventOf(post()).key)
  })

  test.each([{ text: 'status!' }, { group: 'gr2' }, { user: 'us2' }, { ts: 1767225600124 }])(
    'has another key with %j',
    (change) => {
      const { eventOf } = setup()
      expect(eventOf(post(change)).key).not.toBe(eventOf(post()).key)
    },
  )

  test('has another key for another bot', () => {
    const [ops, dev] = [setup(), setup([secret], 'dev')]
    expect(ops.eventOf(post()).key).not.toBe(dev.eventOf(post()).key)
  })

  test('keeps its key under another eventTime and authedUser where its shape is unknown', () => {
    const { eventOf } = setup()
    const [first, again, other] = [
      eventOf({ type: 'odd', eventTime: 1, authedUser: 'us1' }),
      eventOf({ type: 'odd', eventTime: 2, authedUser: 'us2' }),
      eventOf({ type: 'odder', eventTime: 1, authedUser: 'us1' }),
    ]
    expect(again.key).toBe(first.key)
    expect(other.key).not.toBe(first.key)
  })

  test.each(['1', '', 'reason=timeout'])('is a redelivery when the retry header is %j', (value) => {
    const { eventOf } = setup()
    expect(eventOf(post(), { 'x-tocaro-retry': value }).redelivery).toBe(true)
    expect(eventOf(post())).not.toHaveProperty('redelivery')
  })

  test.each([[null], [[]], ['usdeploybot'], [[null, 7, {}]]])(
    'has no mentions when Tocaro sends %j',
    (mentions) => {
      const { eventOf } = setup()
      expect(eventOf(post({ mentions }))).not.toHaveProperty('mentions')
    },
  )

  test('keeps the body as Tocaro sent it, but for the token', () => {
    const { eventOf } = setup()
    expect(eventOf(post()).raw).toEqual(post())
  })

  test('holds no token, wherever in the body it stood', () => {
    const { eventOf } = setup(['EXAMPLE', secret])
    const event = eventOf({
      ...post({ text: `my token is ${secret}!`, user: secret, mentions: [secret] }),
      nested: { token: secret, list: [{ token: secret }, secret] },
      [`key ${secret}`]: { token: 'of something else' },
    })
    expect(JSON.stringify(event)).not.toContain('EXAMPLE')
    expect(event).toMatchObject({ type: 'text', text: 'my token is ***!' })
    expect(event.raw).toMatchObject({
      nested: { list: [{}, '***'] },
      'key ***': { token: 'of something else' },
    })
  })

  test.each([-1, 0, 1e308])('happens at its eventTime when its ts is %d', (ts) => {
    const { eventOf } = setup()
    expect(eventOf(post({ ts }))).toMatchObject({ type: 'text', occurredAt: 1767225600456 })
  })

  test('happens at its receipt when no time in it makes sense', () => {
    const { eventOf } = setup()
    expect(eventOf(post({ ts: 0 }, { eventTime: 'now' })).occurredAt).toBe(receivedAt)
  })

  test('can be stored as JSON however deep it is nested', () => {
    const { receive } = setup()
    const depth = 100_000
    const nested = `${'['.repeat(depth)}${']'.repeat(depth)}`
    const received = receive(`{"token":"${secret}","type":"event_callback","event":${nested}}`)
    expect(received.kind).toBe('events')
    expect(JSON.stringify(received).length).toBeLessThan(2_000)
  })

  test('does not repeat a long type in its reason', () => {
    const { eventOf } = setup()
    expect(eventOf({ type: 'x'.repeat(65) })).toMatchObject({ reason: 'body type of 65 characters' })
  })
})

describe('tocaro mentions of the bot', () => {
  const text = '@Deploy Bot: status'
  const mentionsWith = (known: { botUser?: string[]; botName?: string }, mentions: unknown) => {
    const webhook = createTocaroWebhook({ name: 'ops', signingSecret: [secret], ...known })
    const body = sign(Buffer.from(JSON.stringify(post({ text, mentions }))), secret)
    const received = webhook.receive({ headers: {}, body, receivedAt })
    const [event] = received.kind === 'events' ? received.events : []
    return event?.type === 'text' ? event.mentions : 'no text'
  }
  const place = { index: 0, length: 11 }

  test.each([
    [{ botUser: ['usbot'] }, ['usbot', 'us2'], [{ userId: 'usbot', self: true }, { userId: 'us2' }]],
    [{ botUser: ['usbot'], botName: 'Deploy Bot' }, ['usbot'], [{ userId: 'usbot', self: true, ...place }]],
    // The name of somebody else may be the same: codes go before.
    [{ botUser: ['usbot'], botName: 'Deploy Bot' }, ['us2'], [{ userId: 'us2' }]],
    [{ botName: 'Deploy Bot' }, ['us2'], [{ userId: 'us2' }, { self: true, ...place }]],
    [{ botName: 'Deploy' }, null, [{ self: true, index: 0, length: 7 }]],
    [{ botName: 'Other' }, null, undefined],
  ])('knowing %j, finds in mentions of %j: %j', (known, mentions, expected) => {
    expect(mentionsWith(known, mentions)).toEqual(expected)
  })
})

describe('tocaro acknowledgement', () => {
  test('is small JSON, and keys are remembered for a day', () => {
    const { webhook } = setup()
    expect(webhook).toMatchObject({ ackBody: '{"ok":true}', dedupeWindowMs: 86_400_000 })
  })
})

describe('sign', () => {
  test('sets the token of an object and replaces one that is there', () => {
    expect(JSON.parse(sign(Buffer.from('{"a":"例","token":"x"}'), secret).toString())).toEqual({
      a: '例',
      token: secret,
    })
  })

  test.each(['[1]', 'null', '"text"', 'not JSON', ''])('leaves %j unchanged', (text) => {
    expect(sign(Buffer.from(text), secret)).toEqual(Buffer.from(text))
  })
})
