import { closeAll, setup } from './emulator.test.support'
import { startEmulator } from './index'

afterEach(closeAll)

describe('the emulator’s own API', () => {
  test('says what it is without a secret', async () => {
    const { call, accounts } = await setup()
    const { body, text } = await call('GET', '/__emulator')
    expect(body).toMatchObject({
      emulator: 'hookline',
      accounts: {
        line: { webhookUrl: accounts.line.webhookUrl, tokensMinted: 0 },
        lineworks: { botId: '2000001' },
        tocaro: { endpoint: 'unregistered' },
      },
      settings: { replyTokenLifeMs: 60_000 },
    })
    for (const secret of [
      'line-secret',
      'line-long-lived',
      'works-secret',
      'tocaro-secret',
      'tocaro-access',
      'hook0key',
    ]) {
      expect(text).not.toContain(secret)
    }
  })

  test('lets a user say something', async () => {
    const { call, bot } = await setup()
    const { body } = await call('POST', '/__emulator/say', {
      body: { platform: 'lineworks', text: 'hi', user: 'u1' },
    })
    expect(body).toMatchObject({ delivered: true, status: 200, conversation: { kind: 'user', id: 'u1' } })
    expect(bot.received).toHaveLength(1)
  })

  test('sends raw events', async () => {
    const { call, bot } = await setup()
    const events = [{ type: 'follow' }, { type: 'brandNew', payload: 1 }]
    const { body } = await call('POST', '/__emulator/events', {
      body: { platform: 'line', events, batch: true },
    })
    expect(body.deliveries).toMatchObject([{ delivered: true }])
    expect(bot.received[0]!.json.events).toMatchObject(events)
  })

  test('shows the ledger, waiting for what is to come', async () => {
    const { call, emulator } = await setup()
    expect((await call('GET', '/__emulator/ledger')).body).toEqual({ entries: [] })
    const poll = call('GET', '/__emulator/ledger?after=0&wait=5000')
    await emulator.say({ platform: 'line', text: 'hi' })
    expect((await poll).body.entries).toMatchObject([
      { seq: 1, kind: 'webhook', messages: [{ type: 'text', text: 'hi' }] },
    ])
    expect((await call('GET', '/__emulator/ledger?after=1&wait=5')).body).toEqual({ entries: [] })
  })

  test('switches faults on and off', async () => {
    const { call, line } = await setup()
    const added = await call('POST', '/__emulator/faults', { body: { platform: 'line', kind: '500' } })
    expect(added).toMatchObject({
      status: 201,
      body: { id: expect.any(String), kind: '500', operation: '*' },
    })
    expect((await line('/v2/bot/info')).status).toBe(500)
    expect((await call('DELETE', '/__emulator/faults', { body: {} })).body).toEqual({ faults: [] })
    expect((await line('/v2/bot/info')).status).toBe(200)
  })

  test('changes settings, also single nested ones', async () => {
    const { call, emulator } = await setup({ latencyMs: 1 })
    await call('PATCH', '/__emulator/settings', {
      body: { lineMonthlyQuota: 5, webhookTimeoutMs: { line: 10 } },
    })
    expect(emulator.settings()).toMatchObject({
      latencyMs: 1,
      lineMonthlyQuota: 5,
      webhookTimeoutMs: { line: 10, lineworks: 3000, tocaro: 3000 },
    })
  })

  test('registers Tocaro and expires tokens', async () => {
    const { call, worksToken } = await setup()
    await worksToken()
    expect((await call('POST', '/__emulator/tocaro/register', { body: {} })).body).toEqual({
      registered: true,
    })
    expect((await call('GET', '/__emulator')).body.accounts.tocaro.endpoint).toBe('registered')
    const expire = () => call('POST', '/__emulator/expire-tokens', { body: { platform: 'lineworks' } })
    expect((await expire()).body).toEqual({ expired: 1 })
    expect((await expire()).body).toEqual({ expired: 0 })
  })

  test.each([
    ['POST', '/say', { platform: 'slack', text: 'x' }],
    ['POST', '/events', { platform: 'line' }],
    ['POST', '/faults', { platform: 'line', kind: 'meteor' }],
    ['PATCH', '/settings', { replyTokenLifeMS: 5 }],
    ['GET', '/ledger?after=x', undefined],
  ])('refuses %s %s %j with 400 and a reason', async (method, path, body) => {
    const { call } = await setup()
    const answer = await call(method, `/__emulator${path}`, { body })
    expect(answer).toMatchObject({ status: 400, body: { error: expect.any(String) } })
  })

  test('reads nothing but declared JSON', async () => {
    const { call } = await setup()
    const headers = { 'content-type': 'text/plain' }
    expect((await call('POST', '/__emulator/say', { headers, body: '{}' })).status).toBe(415)
  })

  test('answers 404 outside of the platforms', async () => {
    const { call } = await setup()
    expect((await call('GET', '/favicon.ico')).body.error).toContain('/__emulator')
    expect((await call('GET', '/v1.0/nothing')).body).toMatchObject({ code: 'NOT_FOUND' })
  })
})

describe('startEmulator', () => {
  test('rejects when the port is taken', async () => {
    const { emulator, accounts } = await setup()
    const port = Number(new URL(emulator.url).port)
    await expect(startEmulator({ host: '127.0.0.1', port, accounts })).rejects.toThrow(
      'Set EMULATOR_PORT to another port',
    )
  })

  test('has only the platforms that have an account', async () => {
    const { accounts } = await setup()
    const emulator = await startEmulator({ host: '127.0.0.1', port: 0, accounts: { line: accounts.line } })
    await expect(emulator.say({ platform: 'tocaro', text: 'hi' })).rejects.toThrow('no tocaro account')
    expect((await fetch(`${emulator.url}/groups`)).status).toBe(404)
    await emulator.close()
  })

  test('refuses a setting that it does not know', async () => {
    await expect(setup({ replyTokenLife: 5 } as object)).rejects.toThrow('replyTokenLife')
  })
})
