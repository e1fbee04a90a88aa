import { randomUUID } from 'node:crypto'
import { closeAll, setup } from './emulator.test.support'
import { push, reply, replyTokenOf, text, user } from './line.test.support'

afterEach(closeAll)

describe('LINE push', () => {
  test('puts an accepted message into the ledger and returns ids', async () => {
    const s = await setup()
    const answer = await push(s, {
      messages: [text(), { type: 'location', title: 'T', address: 'A', latitude: 1, longitude: 2 }],
    })
    expect(answer.status).toBe(200)
    expect(answer.body.sentMessages).toEqual([
      { id: expect.stringMatching(/^\d{18}$/), quoteToken: expect.any(String) },
      { id: expect.stringMatching(/^\d{18}$/) },
    ])
    expect(answer.headers.get('x-line-request-id')).toMatch(/^[0-9a-f-]{36}$/)
    expect(s.emulator.ledger.messages({ conversation: user })).toMatchObject([
      {
        platform: 'line',
        operation: 'push',
        via: 'push',
        conversation: { kind: 'user', id: user },
        messages: [text(), {}],
      },
    ])
  })

  test.each([
    ['no message', [], 'messages', 'Size must be between 1 and 5'],
    ['six messages', Array(6).fill(text()), 'messages', 'Size must be between 1 and 5'],
    ['a long text', [text('あ'.repeat(5001))], 'messages[0].text', 'Length must be between 0 and 5000'],
    ['an empty text', [text(), text('')], 'messages[1].text', 'May not be empty'],
    [
      'plain http',
      [{ type: 'image', originalContentUrl: 'http://a', previewImageUrl: 'https://a' }],
      'messages[0].originalContentUrl',
      'invalid uri',
    ],
    ['an unknown type', [{ type: 'hologram' }], 'messages[0].type', 'Unknown message type'],
  ])(
    'refuses %s with the place and puts nothing into the ledger',
    async (_name, messages, property, message) => {
      const s = await setup()
      const answer = await push(s, { messages })
      expect(answer).toMatchObject({
        status: 400,
        body: { message: 'The request body has 1 error(s)', details: [{ message, property }] },
      })
      expect(s.emulator.ledger.messages()).toEqual([])
    },
  )

  test('takes 5000 UTF-16 units', async () => {
    expect((await push(await setup(), { messages: [text('😀'.repeat(2500))] })).status).toBe(200)
  })

  test('refuses a recipient that is no LINE id, a body that is no JSON, and another content type', async () => {
    const s = await setup()
    expect((await push(s, { to: 'hanako' })).body.message).toContain("The property, 'to'")
    const json = { 'content-type': 'application/json' }
    expect((await s.line('/v2/bot/message/push', '{', json)).body.message).toContain(
      'could not be parsed as JSON',
    )
    expect((await s.line('/v2/bot/message/push', 'x', { 'content-type': 'text/plain' })).status).toBe(415)
  })

  test('refuses a body above 2 MB with 413', async () => {
    expect((await push(await setup(), { filler: 'x'.repeat(2 * 1024 * 1024) })).status).toBe(413)
  })

  test('knows nobody but those who spoke when recipients are strict', async () => {
    const s = await setup({ strictRecipients: true })
    expect(await push(s)).toMatchObject({ status: 400, body: { message: 'Failed to send messages' } })
    await s.emulator.say({ platform: 'line', text: 'hi', user })
    expect((await push(s)).status).toBe(200)
  })
})

describe('LINE retry keys', () => {
  test('answer 409 with the first request id and the same sent messages', async () => {
    const s = await setup()
    const headers = { 'x-line-retry-key': randomUUID() }
    const first = await push(s, {}, headers)
    const second = await push(s, {}, headers)
    expect(second).toMatchObject({
      status: 409,
      body: { message: 'The retry key is already accepted', sentMessages: first.body.sentMessages },
    })
    expect(second.headers.get('x-line-accepted-request-id')).toBe(first.headers.get('x-line-request-id'))
    expect(s.emulator.ledger.messages()).toMatchObject([{ retryKey: headers['x-line-retry-key'] }])
  })

  test('are a fresh request again after 24 hours', async () => {
    const s = await setup()
    const headers = { 'x-line-retry-key': randomUUID() }
    await push(s, {}, headers)
    s.time.now += 24 * 3_600_000 - 1
    expect((await push(s, {}, headers)).status).toBe(409)
    s.time.now += 1
    expect((await push(s, {}, headers)).status).toBe(200)
    expect(s.emulator.ledger.messages()).toHaveLength(2)
  })

  test('are not used up by a refused request', async () => {
    const s = await setup()
    const headers = { 'x-line-retry-key': randomUUID() }
    expect((await push(s, { messages: [] }, headers)).status).toBe(400)
    expect((await push(s, {}, headers)).status).toBe(200)
  })

  test('must be a UUID, and must not come with a reply', async () => {
    const s = await setup()
    expect((await push(s, {}, { 'x-line-retry-key': 'again' })).status).toBe(400)
    const replyToken = await replyTokenOf(s)
    const body = { replyToken, messages: [text()] }
    expect((await s.line('/v2/bot/message/reply', body, { 'x-line-retry-key': randomUUID() })).status).toBe(
      400,
    )
    expect((await reply(s, replyToken)).status).toBe(200)
  })

  test('with another body are logged', async () => {
    const s = await setup()
    const headers = { 'x-line-retry-key': randomUUID() }
    await push(s, {}, headers)
    expect((await push(s, { messages: [text('other')] }, headers)).status).toBe(409)
    expect(s.log.join()).toContain('different body')
  })
})

describe('LINE reply tokens', () => {
  const invalid = { status: 400, body: { message: 'Invalid reply token' } }

  test('work once, into the conversation of the event', async () => {
    const s = await setup()
    const token = await replyTokenOf(s)
    expect(await reply(s, token)).toMatchObject({
      status: 200,
      body: { sentMessages: [{ id: expect.any(String) }] },
    })
    expect(await reply(s, token)).toMatchObject(invalid)
    expect(s.emulator.ledger.messages()).toMatchObject([
      { via: 'reply', conversation: { kind: 'user', id: user } },
    ])
    expect(JSON.stringify(s.emulator.ledger.after(0))).not.toContain(token)
  })

  test('end a minute after the event', async () => {
    const s = await setup()
    const [first, second] = [await replyTokenOf(s), await replyTokenOf(s)]
    s.time.now += 60_000
    expect((await reply(s, first)).status).toBe(200)
    s.time.now += 1
    expect(await reply(s, second)).toMatchObject(invalid)
    expect(await reply(s, 'made-up')).toMatchObject(invalid)
  })

  test('survive a reply that fails validation, unless the knob says otherwise', async () => {
    const s = await setup()
    const token = await replyTokenOf(s)
    expect((await reply(s, token, [])).status).toBe(400)
    expect((await reply(s, token)).status).toBe(200)
    s.emulator.configure({ failedReplyConsumesToken: true })
    const next = await replyTokenOf(s)
    await reply(s, next, [])
    expect(await reply(s, next)).toMatchObject(invalid)
  })
})
