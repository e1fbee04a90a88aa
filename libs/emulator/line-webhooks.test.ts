import { createHmac } from 'node:crypto'
import { closeAll, setup, type Received } from './emulator.test.support'

afterEach(closeAll)

const signature = ({ text }: Received, secret = 'line-secret') =>
  createHmac('sha256', secret).update(text).digest('base64')

describe('LINE webhooks', () => {
  test('carry a signed text event with all common fields and escapes for what is not ASCII', async () => {
    const { emulator, bot, accounts, time } = await setup()
    const delivery = await emulator.say({ platform: 'line', text: 'おはよう😀', user: 'Hanako' })
    const [request] = bot.received
    expect(request!.headers['x-line-signature']).toBe(signature(request!))
    expect(request!.headers['content-type']).toBe('application/json; charset=utf-8')
    expect(request!.text).toContain('"\\u304A\\u306F\\u3088\\u3046\\uD83D\\uDE00"')
    expect(request!.json).toEqual({
      destination: accounts.line.botUserId,
      events: [
        {
          type: 'message',
          mode: 'active',
          timestamp: time.now,
          source: { type: 'user', userId: expect.stringMatching(/^U[0-9a-f]{32}$/) },
          webhookEventId: expect.stringMatching(/^[0-9A-HJKMNP-TV-Z]{26}$/),
          deliveryContext: { isRedelivery: false },
          replyToken: expect.any(String),
          message: {
            type: 'text',
            id: expect.any(String),
            markAsReadToken: expect.any(String),
            quoteToken: expect.any(String),
            text: 'おはよう😀',
          },
        },
      ],
    })
    const [event] = request!.json.events
    expect(delivery).toEqual({
      delivered: true,
      status: 200,
      outcome: 'ok',
      conversation: { kind: 'user', id: event.source.userId },
      eventIds: [event.webhookEventId],
    })
  })

  test('go to a group or a room, whose name becomes an id', async () => {
    const { emulator, bot } = await setup({ lineEscapes: false })
    const inGroup = await emulator.say({ platform: 'line', text: '鍋', room: 'kitchen' })
    const room = `R${'3'.repeat(32)}`
    const inRoom = await emulator.say({ platform: 'line', text: 'hi', room })
    expect(inGroup.conversation).toEqual({
      kind: 'group',
      id: bot.received[0]!.json.events[0].source.groupId,
    })
    expect(inRoom.conversation).toEqual({ kind: 'room', id: room })
    expect(bot.received[0]!.text).toContain('鍋')
  })

  test('carry several events in one request', async () => {
    const { emulator, bot } = await setup()
    const events = [{ type: 'follow' }, { type: 'unsend', unsend: { messageId: '1' } }, { type: 'novelty' }]
    const deliveries = await emulator.sendEvent({ platform: 'line', events, batch: true })
    expect(deliveries).toMatchObject([
      { delivered: true, eventIds: [expect.any(String), expect.any(String), expect.any(String)] },
    ])
    expect(bot.received).toHaveLength(1)
    const sent = bot.received[0]!.json.events
    expect(sent.map((event) => typeof event.replyToken)).toEqual(['string', 'undefined', 'undefined'])
    await emulator.sendEvent({ platform: 'line', events })
    expect(bot.received).toHaveLength(4)
  })

  test('are sent again with the flag up, the same id and reply token, while redelivery is on', async () => {
    const { emulator, bot } = await setup({ lineRedelivery: { enabled: true, tries: 2, intervalMs: 1 } })
    bot.answer = () => ({ status: 500 })
    await expect(emulator.say({ platform: 'line', text: 'hi' })).resolves.toMatchObject({
      delivered: false,
      status: 500,
      outcome: 'error_status_code',
    })
    await emulator.ledger.waitFor((entry) => entry.attempt === 2, 5000)
    const [first, second, third] = bot.received.map((request) => request.json.events[0])
    expect(second).toEqual({ ...first, deliveryContext: { isRedelivery: true } })
    expect(third).toEqual(second)
    expect(bot.received[1]!.headers['x-line-signature']).toBe(signature(bot.received[1]!))
  })

  test('give the reply token a new minute on redelivery', async () => {
    const { emulator, bot, line, time } = await setup({
      lineRedelivery: { enabled: true, tries: 1, intervalMs: 1 },
    })
    bot.answer = () => {
      time.now += 50_000
      return { status: bot.received.length === 1 ? 500 : 200 }
    }
    await emulator.say({ platform: 'line', text: 'hi' })
    await emulator.ledger.waitFor((entry) => entry.attempt === 1, 5000)
    const { replyToken } = bot.received[0]!.json.events[0]
    const messages = [{ type: 'text', text: 'late' }]
    expect((await line('/v2/bot/message/reply', { replyToken, messages })).status).toBe(200)
  })

  test('count as failed without an answer in time, and are not sent again by default', async () => {
    const { emulator, bot } = await setup({ webhookTimeoutMs: { line: 30 } })
    bot.answer = () => 'hang'
    const delivery = await emulator.say({ platform: 'line', text: 'hi' })
    expect(delivery).toMatchObject({ delivered: false, status: 0, outcome: 'request_timeout' })
    expect(emulator.ledger.after(0)).toMatchObject([
      { kind: 'webhook', outcome: 'request_timeout', attempt: 0 },
    ])
  })

  test('that reach nobody count as not connected', async () => {
    const { emulator, call } = await setup()
    const headers = { authorization: 'Bearer line-long-lived' }
    await call('PUT', '/v2/bot/channel/webhook/endpoint', {
      headers,
      body: { endpoint: 'http://127.0.0.1:1/' },
    })
    expect(await emulator.say({ platform: 'line', text: 'hi' })).toMatchObject({
      outcome: 'could_not_connect',
    })
  })
})
