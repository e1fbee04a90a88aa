import { tocaroLimits } from '../messages/tocaro-limits.test.support'
import { closeAll, handshakeAware, setup, type Setup } from './emulator.test.support'

afterEach(closeAll)

const paths = ({ bot }: Setup) => bot.received.map((request) => request.path)
const webhooks = ({ emulator }: Setup) =>
  emulator.ledger.after(0).filter((entry) => entry.operation === 'events')
const fails: Setup['bot']['answer'] = (request) =>
  request.json.type === 'url_verification' ? handshakeAware(request) : { status: 500 }

describe('Tocaro registration', () => {
  test('runs before the first event: a wrong token, then the right one', async () => {
    const s = await setup()
    const delivery = await s.emulator.say({
      platform: 'tocaro',
      text: 'status',
      user: 'ushanako',
      room: 'grops',
    })
    expect(delivery).toMatchObject({ delivered: true, conversation: { kind: 'group', id: 'grops' } })
    expect(paths(s)).toEqual(['/events/url_verification', '/events/url_verification', '/webhooks/tocaro'])
    const [wrong, right, event] = s.bot.received.map((request) => request.json)
    expect(wrong!.token).not.toBe('tocaro-secret')
    expect(right).toEqual({ token: 'tocaro-secret', challenge: expect.any(String), type: 'url_verification' })
    expect(event).toEqual({
      token: 'tocaro-secret',
      type: 'event_callback',
      authedUser: expect.any(String),
      eventTime: s.time.now,
      event: {
        user: 'ushanako',
        type: 'message.posted',
        item: {
          type: 'message',
          ts: s.time.now,
          text: 'status',
          mentions: [],
          group: 'grops',
          user: 'ushanako',
        },
      },
    })
  })

  test.each([
    ['V1', '/events/url_verification'],
    ['V2', '/webhooks/tocaro'],
    ['V3', '/webhooks/tocaro/events/url_verification'],
    ['V4', '/webhooks/tocaro/url_verification'],
  ] as const)('calls the URL of reading %s', async (tocaroHandshakeUrl, path) => {
    const s = await setup({ tocaroHandshakeUrl, tocaroHandshakeWrongToken: false })
    expect(await s.emulator.registerTocaro()).toEqual({ registered: true })
    expect(paths(s)).toEqual([path])
  })

  test('fails for an endpoint that does not look at the token', async () => {
    const s = await setup()
    s.bot.answer = ({ json }) => ({
      status: 200,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ challenge: json.challenge }),
    })
    expect(await s.emulator.registerTocaro()).toMatchObject({
      registered: false,
      reason: expect.stringContaining('wrong token'),
    })
  })

  test('fails for an endpoint that does not echo, and then nothing is sent', async () => {
    const s = await setup({ tocaroHandshakeWrongToken: false })
    s.bot.answer = () => ({ status: 200 })
    const delivery = await s.emulator.say({ platform: 'tocaro', text: 'hi' })
    expect(delivery).toMatchObject({ delivered: false, status: 0, outcome: 'not_registered' })
    expect(webhooks(s)).toEqual([])
  })
})

describe('Tocaro deliveries', () => {
  test('are repeated five times with a header, then the endpoint is disabled until it is registered again', async () => {
    const s = await setup({ tocaroRetryIntervalMs: 1 })
    s.bot.answer = fails
    await s.emulator.say({ platform: 'tocaro', text: 'lost' })
    await s.emulator.ledger.waitFor((entry) => entry.attempt === 5, 5000)
    const events = s.bot.received.filter((request) => request.json.type === 'event_callback')
    expect(events.map((request) => request.headers['x-tocaro-retry'])).toEqual([
      undefined,
      '1',
      '2',
      '3',
      '4',
      '5',
    ])
    expect(new Set(events.map((request) => request.json.event.item.ts)).size).toBe(1)

    s.bot.answer = handshakeAware
    const whileDisabled = await s.emulator.say({ platform: 'tocaro', text: 'unheard' })
    expect(whileDisabled).toMatchObject({ delivered: false, outcome: 'disabled' })
    expect(webhooks(s)).toHaveLength(6)
    await s.emulator.registerTocaro()
    expect(await s.emulator.say({ platform: 'tocaro', text: 'back' })).toMatchObject({ delivered: true })
  })

  test('stop after five sends in reading R2', async () => {
    const s = await setup({ tocaroRetryIntervalMs: 1, tocaroRetryMode: 'R2' })
    s.bot.answer = fails
    await s.emulator.say({ platform: 'tocaro', text: 'lost' })
    await s.emulator.ledger.waitFor((entry) => entry.attempt === 4, 5000)
    expect(await s.emulator.say({ platform: 'tocaro', text: 'x' })).toMatchObject({ outcome: 'disabled' })
  })

  test('in reading R3 end with the fifth failure in a row, whatever the event', async () => {
    const s = await setup({ tocaroRetryIntervalMs: 60_000, tocaroRetryMode: 'R3' })
    s.bot.answer = fails
    for (let i = 0; i < 4; i++) await s.emulator.say({ platform: 'tocaro', text: String(i) })
    s.bot.answer = handshakeAware
    await s.emulator.say({ platform: 'tocaro', text: 'fine' })
    s.bot.answer = fails
    for (let i = 0; i < 5; i++)
      expect(await s.emulator.say({ platform: 'tocaro', text: 'x' })).toMatchObject({ status: 500 })
    expect(await s.emulator.say({ platform: 'tocaro', text: 'x' })).toMatchObject({ outcome: 'disabled' })
  })

  test('end with the first 200', async () => {
    const s = await setup({ tocaroRetryIntervalMs: 1 })
    let failures = 2
    s.bot.answer = (request) =>
      request.json.type !== 'url_verification' && failures-- > 0 ? { status: 204 } : handshakeAware(request)
    await s.emulator.say({ platform: 'tocaro', text: 'hi' })
    const last = await s.emulator.ledger.waitFor(
      (entry) => entry.outcome === 'ok' && entry.operation === 'events',
      5000,
    )
    expect(last.attempt).toBe(2)
  })
})

describe('Tocaro Web API', () => {
  const post = (s: Setup, body: unknown = { text: 'done' }) => s.tocaro('/groups/grops/messages', body)

  test('takes a post into the ledger', async () => {
    const s = await setup()
    expect((await post(s)).status).toBe(201)
    expect(s.emulator.ledger.messages()).toMatchObject([
      {
        platform: 'tocaro',
        operation: 'groups.messages',
        via: 'api',
        conversation: { kind: 'group', id: 'grops' },
        messages: [{ text: 'done' }],
      },
    ])
  })

  test('refuses a wrong token and a wrong scope', async () => {
    const s = await setup()
    expect(
      (
        await s.call('POST', '/groups/g/messages', {
          body: { text: 'x' },
          headers: { authorization: 'Bearer no' },
        })
      ).status,
    ).toBe(401)
    s.emulator.configure({ tocaroScope: 'read' })
    expect((await post(s)).status).toBe(403)
    expect((await s.tocaro('/groups')).status).toBe(200)
  })

  test('refuses what it cannot validate, in a body whose form changes', async () => {
    const s = await setup()
    const answers = []
    for (const body of [{}, { text: '' }, { text: 'x'.repeat(2001) }, { text: 'x', mentions: 'us1' }])
      answers.push(await post(s, body))
    expect(answers.map((answer) => answer.status)).toEqual([422, 422, 422, 422])
    const forms = answers.map((answer) => answer.headers.get('content-type'))
    expect(forms).toEqual(['application/json', 'text/plain', 'text/html', null])
    expect(s.emulator.ledger.messages()).toEqual([])
  })

  test('answers 429 with a wait above a limit', async () => {
    const s = await setup({ tocaroRatePerSecond: 1 })
    await post(s)
    const refused = await post(s)
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '1'])
  })

  test('lists users by prefix and groups by page', async () => {
    const s = await setup()
    for (const user of ['usa', 'usb'])
      await s.emulator.say({ platform: 'tocaro', text: 'x', user, room: `gr${user}` })
    expect((await s.tocaro('/users?query=User+usb')).body).toEqual([{ code: 'usb', name: 'User usb' }])
    expect((await s.tocaro('/groups?page=2&perPage=1')).body).toEqual([{ code: 'grusb', name: 'grusb' }])
    expect((await s.tocaro('/users?perPage=101')).status).toBe(422)
  })

  test('tells the bot of its own posts on demand', async () => {
    const s = await setup({ echoOwnPosts: true })
    await post(s)
    const entry = await s.emulator.ledger.waitFor((e) => e.operation === 'events', 5000)
    expect(entry.messages).toMatchObject([{ text: 'done', group: 'grops', user: 'usbot' }])
  })

  test('takes posts on the inbound webhook by its key alone, as JSON and as a form', async () => {
    const s = await setup()
    const path = '/integrations/inbound_webhook/hook0key'
    const body = { text: 'up', color: 'success', attachments: [{ title: 'Down', value: '4 min' }] }
    expect((await s.call('POST', path, { body })).status).toBe(200)
    expect((await s.form(path, { payload: JSON.stringify({ text: 'form' }) })).status).toBe(200)
    expect((await s.call('POST', path, { body: { text: 'x', color: 'pink' } })).status).toBe(422)
    expect((await s.call('POST', `${path}x`, { body })).status).toBe(404)
    expect(s.emulator.ledger.messages()).toMatchObject([
      { via: 'webhook', messages: [body] },
      { via: 'webhook', messages: [{ text: 'form' }] },
    ])
    expect(JSON.stringify(s.emulator.ledger.after(0))).not.toContain('hook0key')
  })

  test.each(tocaroLimits)('takes %s on the inbound webhook: %d at most', async (_what, max, make) => {
    const s = await setup()
    const statusOf = async (body: unknown) =>
      (await s.call('POST', '/integrations/inbound_webhook/hook0key', { body })).status
    expect([await statusOf(make(max)), await statusOf(make(max + 1))]).toEqual([200, 422])
  })

  test('refuses pictures by http and posts that say nothing on the inbound webhook', async () => {
    const s = await setup()
    for (const body of [{}, { text: '' }, { attachments: [{ image_url: 'http://e.com/a.png' }] }]) {
      expect((await s.call('POST', '/integrations/inbound_webhook/hook0key', { body })).status).toBe(422)
    }
  })
})
