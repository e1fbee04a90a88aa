import { decodeJwt, decodeProtectedHeader } from 'jose'
import { closeAll, failure, pem, secrets, setup } from './workers.test.support'

afterEach(closeAll)

describe('what is asked for', () => {
  test('LINE WORKS: an RS256 assertion of an hour in whole seconds, as a form', async () => {
    const { sources, endpoint, clock } = await setup()
    await sources[0]!.get()
    const form = endpoint.forms[0]!
    const iat = Math.floor(clock.now / 1000)
    expect(form).toMatchObject({
      path: '/token',
      type: expect.stringContaining('application/x-www-form-urlencoded') as string,
      grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
      client_id: 'client-1',
      client_secret: secrets.clientSecret,
      scope: 'bot bot.read',
    })
    expect(decodeProtectedHeader(form.assertion!)).toEqual({ alg: 'RS256', typ: 'JWT' })
    const claims = { iss: 'client-1', sub: 'abc.serviceaccount@example', iat, exp: iat + 3600 }
    expect(decodeJwt(form.assertion!)).toEqual(claims)
  })

  const line = (url: string) => ({ platform: 'line' as const, name: 'shop', apiBaseUrl: url })
  const channel = { channelId: '1234567890', channelSecret: [secrets.channelSecret, 'old'] }

  test('LINE with an assertion key: v2.1, for a day', async () => {
    const key = { assertionKey: pem, assertionKid: 'kid-1' }
    const { sources, endpoint, clock } = await setup({
      settings: (url) => ({ ...line(url), ...channel, ...key }),
    })
    expect(await sources[0]!.get()).toBe(endpoint.issued[0])
    const form = endpoint.forms[0]!
    expect(form).toMatchObject({
      path: '/oauth2/v2.1/token',
      grant_type: 'client_credentials',
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    })
    expect(decodeProtectedHeader(form.client_assertion!)).toMatchObject({ alg: 'RS256', kid: 'kid-1' })
    const claims = decodeJwt(form.client_assertion!)
    const sides = { iss: channel.channelId, sub: channel.channelId, aud: 'https://api.line.me/' }
    expect(claims).toMatchObject({ ...sides, token_exp: 86_400 })
    expect(claims.exp! - clock.now / 1000).toBeLessThanOrEqual(1800)
    expect(Number.isInteger(claims.exp)).toBe(true)
  })

  test('LINE with a channel secret: stateless, with the newest secret', async () => {
    const { sources, endpoint } = await setup({ settings: (url) => ({ ...line(url), ...channel }) })
    expect(await sources[0]!.get()).toBe(endpoint.issued[0])
    const { channelId: client_id, channelSecret } = channel
    const client = { client_id, client_secret: channelSecret[0], grant_type: 'client_credentials' }
    expect(endpoint.forms[0]).toMatchObject({ path: '/oauth2/v3/token', ...client })
  })

  test('LINE with a long-lived token: nothing, and nothing replaces it', async () => {
    const settings = (url: string) => ({ ...line(url), ...channel, channelAccessToken: 'long-lived' })
    const { sources, endpoint } = await setup({ settings })
    await sources[0]!.invalidate('long-lived')
    expect(await sources[0]!.get()).toBe('long-lived')
    expect(endpoint.forms).toEqual([])
  })

  test('LINE with none of them: refuses to start and names the three ways', async () => {
    const error = await failure(setup({ settings: (url) => ({ ...line(url), channelId: '1234567890' }) }))
    expect(error).toMatchObject({ code: 'config_invalid' })
    for (const way of ['channelAccessToken', 'assertionKid', 'channelSecret'])
      expect(error.message).toContain(way)
  })
})
