import { lineAssertion, startSeconds } from './assertions.test.support'
import { closeAll, setup, type Setup } from './emulator.test.support'

afterEach(closeAll)

const client = { client_id: '2000000001', client_secret: 'line-secret' }
const grant = { grant_type: 'client_credentials' }
const jwtBearer = { client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer' }

const works = async ({ call }: Setup, token: string) =>
  (await call('GET', '/v2/bot/info', { headers: { authorization: `Bearer ${token}` } })).status === 200
const userSpecified = async ({ form }: Setup, claims = {}, kid?: string) =>
  form('/oauth2/v2.1/token', { ...grant, ...jwtBearer, client_assertion: await lineAssertion(claims, kid) })

describe('LINE tokens', () => {
  test('stateless: end after 15 minutes and cannot be revoked', async () => {
    const s = await setup()
    const { body } = await s.form('/oauth2/v3/token', { ...grant, ...client })
    expect(body).toEqual({ token_type: 'Bearer', access_token: expect.any(String), expires_in: 900 })
    await s.form('/v2/oauth/revoke', { access_token: body.access_token })
    s.time.now += 899_999
    expect(await works(s, body.access_token)).toBe(true)
    s.time.now += 1
    expect(await works(s, body.access_token)).toBe(false)
    expect(s.emulator.ledger.tokensMinted('line')).toBe(1)
  })

  test('stateless: refuse wrong credentials', async () => {
    const { form } = await setup()
    const answer = await form('/oauth2/v3/token', { ...grant, ...client, client_secret: 'wrong' })
    expect(answer).toMatchObject({ status: 400, body: { error: 'invalid_client' } })
  })

  test('v2.1: live as long as token_exp says, are listed, verified and revoked', async () => {
    const s = await setup()
    const { body } = await userSpecified(s)
    expect(body).toMatchObject({ expires_in: 3600, key_id: expect.any(String) })
    const query = new URLSearchParams({ ...jwtBearer, client_assertion: await lineAssertion() })
    expect((await s.call('GET', `/oauth2/v2.1/tokens/kid?${query.toString()}`)).body).toEqual({
      kids: [body.key_id],
    })
    const verify = () => s.call('GET', `/oauth2/v2.1/verify?access_token=${body.access_token}`)
    expect((await verify()).body).toEqual({ client_id: '2000000001', expires_in: 3600 })
    expect((await s.form('/oauth2/v2.1/revoke', { ...client, access_token: body.access_token })).status).toBe(
      200,
    )
    expect(await works(s, body.access_token)).toBe(false)
    expect((await verify()).status).toBe(400)
  })

  test.each([
    ['another channel', { iss: '1' }, 'kid-1'],
    ['another audience', { aud: 'https://example.com/' }, 'kid-1'],
    ['an exp beyond 30 minutes', { exp: startSeconds + 1860 }, 'kid-1'],
    ['an exp in the past', { exp: startSeconds - 1 }, 'kid-1'],
    ['an unknown key id', {}, 'kid-2'],
    ['a token_exp beyond 30 days', { token_exp: 30 * 86_400 + 1 }, 'kid-1'],
  ])('v2.1: refuse an assertion with %s', async (_name, claims, kid) => {
    expect((await userSpecified(await setup(), claims, kid)).status).toBe(400)
  })

  test('v2.1: refuse the 31st', async () => {
    const s = await setup()
    for (let i = 0; i < 30; i++) expect((await userSpecified(s)).status).toBe(200)
    expect((await userSpecified(s)).body.message).toBe(
      'The maximum number of access tokens has already been issued',
    )
  })

  test('short-lived: the 31st revokes the oldest', async () => {
    const s = await setup()
    const issue = async () =>
      (await s.form('/v2/oauth/accessToken', { ...grant, ...client })).body.access_token
    const tokens: string[] = []
    for (let i = 0; i < 31; i++) tokens.push(await issue())
    expect(await works(s, tokens[0]!)).toBe(false)
    expect(await works(s, tokens[1]!)).toBe(true)
    await s.form('/v2/oauth/revoke', { access_token: tokens[1]! })
    expect(await works(s, tokens[1]!)).toBe(false)
  })

  test('end on demand', async () => {
    const s = await setup()
    const { body } = await s.form('/oauth2/v3/token', { ...grant, ...client })
    expect(s.emulator.expireTokens('line')).toBe(1)
    expect(await works(s, body.access_token)).toBe(false)
    expect(await works(s, 'line-long-lived')).toBe(true)
  })
})
