import { createHmac, generateKeyPairSync } from 'node:crypto'
import { startSeconds } from './assertions.test.support'
import { closeAll, setup, type Setup } from './emulator.test.support'

afterEach(closeAll)

const content = (text = 'hello') => ({ content: { type: 'text', text } })
const tokenOf = async ({ worksToken }: Setup, scope = 'bot'): Promise<string> =>
  (await worksToken({ scope })).body.access_token

describe('LINE WORKS tokens', () => {
  test('come for an assertion that is really signed, with the lifetime as a string', async () => {
    const { worksToken, emulator } = await setup({ lineworksTokenLifeSeconds: 3600 })
    expect((await worksToken({ scope: 'bot bot.read' })).body).toEqual({
      access_token: expect.any(String),
      refresh_token: expect.any(String),
      token_type: 'Bearer',
      expires_in: '3600',
      scope: 'bot bot.read',
    })
    expect(emulator.ledger.tokensMinted('lineworks')).toBe(1)
  })

  const strangerKey = () =>
    generateKeyPairSync('rsa', {
      modulusLength: 2048,
      publicKeyEncoding: { type: 'spki', format: 'pem' },
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    }).privateKey

  test.each([
    ['another key', () => ({ key: strangerKey() })],
    ['another client', () => ({ iss: 'x' })],
    ['another service account', () => ({ sub: 'x' })],
    ['a life of more than an hour', () => ({ exp: startSeconds + 3601 })],
    ['an end in the past', () => ({ iat: startSeconds - 3600, exp: startSeconds - 1 })],
  ])('are refused for an assertion with %s', async (_name, claims) => {
    const { worksToken, emulator } = await setup()
    expect(await worksToken({}, claims())).toMatchObject({ status: 400, body: { error: 'invalid_grant' } })
    expect(emulator.ledger.tokensMinted('lineworks')).toBe(0)
  })

  test.each([
    [401, 'invalid_client', { client_secret: 'wrong' }],
    [400, 'invalid_scope', { scope: 'drive' }],
    [400, 'unsupported_grant_type', { grant_type: 'password' }],
  ])('are refused with %d %s for %j', async (status, error, overrides) => {
    const { worksToken } = await setup()
    expect(await worksToken(overrides)).toMatchObject({ status, body: { error } })
  })

  test('expire, and a refresh token brings a new one', async () => {
    const s = await setup({ lineworksTokenLifeSeconds: 3600, lineworksRefreshRotation: true })
    const { access_token: token, refresh_token: refresh } = (await s.worksToken()).body
    s.time.now += 3_600_000
    const refused = await s.works('/users/u1/messages', token, content())
    expect(refused).toMatchObject({
      status: 401,
      body: { code: 'UNAUTHORIZED', description: expect.any(String) },
    })
    expect(refused.headers.get('www-authenticate')).toContain('error="invalid_token"')
    const client = { client_id: 'works-client', client_secret: 'works-client-secret' }
    const fields = { ...client, grant_type: 'refresh_token', refresh_token: refresh }
    const next = (await s.form('/oauth2/v2.0/token', fields)).body
    expect(next.refresh_token).not.toBe(refresh)
    expect((await s.works('/users/u1/messages', next.access_token, content())).status).toBe(201)
    expect((await s.form('/oauth2/v2.0/token', fields)).body.error).toBe('invalid_grant')
    await s.form('/oauth2/v2.0/revoke', { ...client, token: next.access_token })
    expect((await s.works('/users/u1/messages', next.access_token, content())).status).toBe(401)
  })
})

describe('LINE WORKS sending', () => {
  test('answers 201 without a body and with the four rate headers', async () => {
    const s = await setup()
    const answer = await s.works('/channels/room-1/messages', await tokenOf(s), content('やあ'))
    expect(answer).toMatchObject({ status: 201, text: '' })
    const names = ['rateLimit-ssed', 'rateLimit-limit', 'rateLimit-remaining', 'rateLimit-reset']
    expect(names.map((name) => answer.headers.get(name))).toEqual(['1', '240', '239', '60'])
    expect(s.emulator.ledger.messages()).toMatchObject([
      {
        platform: 'lineworks',
        operation: 'channels.messages',
        via: 'api',
        conversation: { kind: 'channel', id: 'room-1' },
        messages: [{ type: 'text', text: 'やあ' }],
      },
    ])
  })

  test('answers 429 above the limit of an operation until the window has moved', async () => {
    const s = await setup({ lineworksRatePerMinute: 2 })
    const token = await tokenOf(s)
    const send = (path = '/users/u1/messages') => s.works(path, token, content())
    await send()
    s.time.now += 20_000
    await send()
    const refused = await send()
    expect(refused).toMatchObject({
      status: 429,
      body: { code: 'TOO_MANY_REQUESTS', description: 'API rate limit exceeded' },
    })
    expect(refused.headers.get('rateLimit-reset')).toBe('40')
    expect((await send('/channels/room-1/messages')).status).toBe(201)
    s.time.now += 40_000
    expect((await send()).status).toBe(201)
    expect((await send()).status).toBe(429)
  })

  test('answers 429 above the concurrency limit', async () => {
    const s = await setup({ lineworksMaxConcurrent: 1 })
    const token = await tokenOf(s)
    s.emulator.configure({ latencyMs: 50 })
    const both = await Promise.all([1, 2].map(() => s.works('/users/u1/messages', token, content())))
    expect(both.map((answer) => answer.status).sort()).toEqual([201, 429])
  })

  test('asks for a token, a scope that may write, and the right bot', async () => {
    const s = await setup()
    const missing = await s.call('POST', '/v1.0/bots/2000001/users/u1/messages', { body: content() })
    expect(missing.status).toBe(401)
    expect(missing.headers.get('www-authenticate')).toBe('Bearer')
    const reader = await tokenOf(s, 'bot.read')
    expect(await s.works('/users/u1/messages', reader, content())).toMatchObject({
      status: 403,
      body: { code: 'FORBIDDEN' },
    })
    const headers = { authorization: `Bearer ${await tokenOf(s)}` }
    const wrongBot = await s.call('POST', '/v1.0/bots/1/users/u1/messages', { headers, body: content() })
    expect(wrongBot).toMatchObject({ status: 404, body: { code: 'NOT_FOUND' } })
  })

  test.each([
    [{}, 'MISSING_PARAMETER'],
    [{ content: { type: 'text' } }, 'MISSING_PARAMETER'],
    [content(''), 'INVALID_PARAMETER'],
    [content('あ'.repeat(2001)), 'INVALID_PARAMETER'],
    [{ content: { type: 'hologram' } }, 'INVALID_PARAMETER'],
    [
      { content: { type: 'image', previewImageUrl: 'http://a', originalContentUrl: 'https://a' } },
      'INVALID_PARAMETER',
    ],
    [
      { content: { type: 'button_template', contentText: 'x', actions: [{ type: 'postback', data: 'a' }] } },
      'INVALID_PARAMETER',
    ],
  ])('refuses %j with %s', async (body, code) => {
    const s = await setup()
    expect(await s.works('/users/u1/messages', await tokenOf(s), body)).toMatchObject({
      status: 400,
      body: { code },
    })
    expect(s.emulator.ledger.messages()).toEqual([])
  })

  test('takes an image by file id', async () => {
    const s = await setup()
    const image = { content: { type: 'image', fileId: 'jp1.1.2.0.3.0.0.0' } }
    expect((await s.works('/users/u1/messages', await tokenOf(s), image)).status).toBe(201)
  })

  test('is denied in a room that the bot has left', async () => {
    const s = await setup()
    const token = await tokenOf(s)
    await s.emulator.say({ platform: 'lineworks', text: 'hi', user: 'u1', room: 'room-1' })
    expect((await s.works('/channels/room-1/members', token)).body.members).toEqual(['u1'])
    await s.emulator.sendEvent({
      platform: 'lineworks',
      events: [{ type: 'leave', source: { channelId: 'room-1' } }],
    })
    const denied = {
      status: 403,
      body: { code: 'ACCESS_DENIED', description: 'Access is denied for the room.' },
    }
    expect(await s.works('/channels/room-1/messages', token, content())).toMatchObject(denied)
    expect(await s.works('/channels/room-1', token)).toMatchObject(denied)
  })
})

describe('LINE WORKS webhooks', () => {
  test('are compact signed JSON with the documented header names', async () => {
    const { emulator, bot } = await setup()
    const delivery = await emulator.say({ platform: 'lineworks', text: '承認', user: 'u1' })
    const [request] = bot.received
    expect(request!.text).toBe(
      '{"type":"message","source":{"domainId":50010001,"userId":"u1"},' +
        '"issuedTime":"2026-10-01T00:00:00.250Z","content":{"type":"text","text":"承認"}}',
    )
    const signature = createHmac('sha256', 'works-secret').update(request!.text).digest('base64')
    expect(request!.headers).toMatchObject({ 'x-works-botid': '2000001', 'x-works-signature': signature })
    expect(request!.rawHeaders).toEqual(expect.arrayContaining(['X-WORKS-BotId', 'X-WORKS-Signature']))
    expect(delivery).toMatchObject({ delivered: true, conversation: { kind: 'user', id: 'u1' } })
  })

  test('name the room of a room, and on join have a time without milliseconds', async () => {
    const { emulator, bot } = await setup()
    const said = await emulator.say({ platform: 'lineworks', text: 'hi', user: 'u1', room: 'room-1' })
    expect(said.conversation).toEqual({ kind: 'channel', id: 'room-1' })
    await emulator.sendEvent({
      platform: 'lineworks',
      events: [{ type: 'join', source: { channelId: 'room-2' } }],
    })
    expect(bot.received[1]!.json).toEqual({
      type: 'join',
      source: { domainId: 50010001, channelId: 'room-2' },
      issuedTime: '2026-10-01T00:00:00Z',
    })
  })

  test('are never sent a second time', async () => {
    const { emulator, bot } = await setup()
    bot.answer = ({ json }) => ({ status: json.content.text === 'lost' ? 500 : 200 })
    expect(await emulator.say({ platform: 'lineworks', text: 'lost' })).toMatchObject({
      delivered: false,
      status: 500,
    })
    await emulator.say({ platform: 'lineworks', text: 'kept' })
    expect(bot.received.map((request) => request.json.content.text)).toEqual(['lost', 'kept'])
  })

  test('come with lower-case header names and escapes on demand', async () => {
    const { emulator, bot } = await setup({ lineworksHeaderCase: 'lower', lineworksBody: 'escaped' })
    await emulator.say({ platform: 'lineworks', text: '承認' })
    expect(bot.received[0]!.rawHeaders).toContain('x-works-signature')
    expect(bot.received[0]!.text).toContain('\\u627F\\u8A8D')
  })
})
