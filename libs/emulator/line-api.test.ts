import { closeAll, setup } from './emulator.test.support'
import { push, reply, replyTokenOf, text, user } from './line.test.support'

afterEach(closeAll)

describe('LINE limits', () => {
  test('answer 429 above the rate per endpoint, and again when the bucket has filled', async () => {
    const s = await setup({ lineRatePerSecond: 2 })
    const statuses = [await push(s), await push(s), await push(s)].map((answer) => answer.status)
    expect(statuses).toEqual([200, 200, 429])
    expect((await s.line('/v2/bot/info')).status).toBe(200)
    s.time.now += 500
    const [fits, tooMany] = [await push(s), await push(s)]
    expect([fits.status, tooMany.status]).toEqual([200, 429])
    expect(tooMany.body.message).toBe('The API rate limit has been exceeded. Try again later.')
    expect(tooMany.headers.get('retry-after')).toBeNull()
  })

  test('count recipients against the monthly quota, replies never', async () => {
    const s = await setup({ lineMonthlyQuota: 3 })
    const token = await replyTokenOf(s)
    const to = [user, `U${'2'.repeat(32)}`]
    expect((await s.line('/v2/bot/message/multicast', { to, messages: [text()] })).body).toEqual({})
    expect((await push(s)).status).toBe(200)
    expect(await push(s)).toMatchObject({
      status: 429,
      body: { message: 'You have reached your monthly limit.' },
    })
    expect((await reply(s, token)).status).toBe(200)
    expect((await s.line('/v2/bot/message/quota')).body).toEqual({ type: 'limited', value: 3 })
    expect((await s.line('/v2/bot/message/quota/consumption')).body).toEqual({ totalUsage: 3 })
    s.time.now = Date.parse('2026-10-31T15:00:00Z')
    expect((await push(s)).status).toBe(200)
  })

  test('hold for the multicast list and name the bad id', async () => {
    const s = await setup()
    const answer = await s.line('/v2/bot/message/multicast', { to: [user, 'x'], messages: [text()] })
    expect(answer.body.message).toContain("'to[1]'")
  })
})

describe('LINE, the rest', () => {
  test('asks for a token and has its own 404', async () => {
    const s = await setup()
    const stranger = await s.call('GET', '/v2/bot/info', { headers: { authorization: 'Bearer wrong' } })
    expect(stranger).toMatchObject({
      status: 401,
      body: { message: expect.stringMatching(/^Authentication failed due to/) },
    })
    expect(stranger.headers.get('x-line-request-id')).toBeTruthy()
    expect(await s.line('/v2/bot/nothing')).toMatchObject({ status: 404, body: { message: 'Not found' } })
  })

  test('validates without sending', async () => {
    const s = await setup()
    expect((await s.line('/v2/bot/message/validate/push', { messages: [text()] })).body).toEqual({})
    expect((await s.line('/v2/bot/message/validate/push', { messages: [] })).status).toBe(400)
    expect(s.emulator.ledger.messages()).toEqual([])
  })

  test('tells profile, bot and webhook endpoint', async () => {
    const s = await setup()
    await s.emulator.say({ platform: 'line', text: 'hi', user: 'Hanako' })
    const { userId } = s.bot.received[0]!.json.events[0].source
    expect((await s.line(`/v2/bot/profile/${userId}`)).body).toMatchObject({
      displayName: 'Hanako',
      language: 'ja',
    })
    expect((await s.line('/v2/bot/profile/hanako')).status).toBe(400)
    expect((await s.line('/v2/bot/info')).body.userId).toBe(s.accounts.line.botUserId)
    expect((await s.line('/v2/bot/channel/webhook/endpoint')).body).toEqual({
      endpoint: s.accounts.line.webhookUrl,
      active: true,
    })
  })

  test('changes and tests the webhook endpoint', async () => {
    const s = await setup()
    const headers = { authorization: 'Bearer line-long-lived' }
    const endpoint = `${s.bot.url}/elsewhere`
    const set = (url: string) =>
      s.call('PUT', '/v2/bot/channel/webhook/endpoint', { headers, body: { endpoint: url } })
    expect((await set('nonsense')).body.message).toBe('Invalid webhook endpoint URL')
    expect((await set(endpoint)).body).toEqual({})
    expect((await s.line('/v2/bot/channel/webhook/test', {})).body).toMatchObject({
      success: true,
      statusCode: 200,
      reason: 'OK',
    })
    expect(s.bot.received).toMatchObject([{ path: '/elsewhere', json: { events: [] } }])
    s.bot.answer = () => ({ status: 503 })
    expect((await s.line('/v2/bot/channel/webhook/test', {})).body).toMatchObject({
      success: false,
      reason: 'ERROR_STATUS_CODE',
    })
  })

  test('starts a loading animation of 5 to 60 seconds in steps of five', async () => {
    const s = await setup()
    const start = (loadingSeconds: number) =>
      s.line('/v2/bot/chat/loading/start', { chatId: user, loadingSeconds })
    expect((await start(5)).status).toBe(202)
    expect((await start(65)).body.details[0].message).toBe('Must be between 5 and 60')
    expect((await start(7)).body.details[0].message).toBe('must be a multiple of five')
  })
})
