import { inspect } from 'node:util'
import { type Answer, closeAll, failure, secrets, setup } from './workers.test.support'

afterEach(closeAll)

const answer = (status: number, body: unknown) => (): Answer => ({ status, body })

describe('token endpoint errors', () => {
  test.each([
    ['400', answer(400, { error: 'invalid_grant' }), 'api_unauthorized', 'invalid_grant'],
    ['401', answer(401, { error: 'invalid_client' }), 'api_unauthorized', 'clientSecret'],
    ['403', answer(403, { error: 'access_denied' }), 'api_unauthorized', 'scope'],
    ['429', answer(429, {}), 'api_rate_limited', '429'],
    ['503', answer(503, 'busy'), 'api_unavailable', 'busy'],
    ['an answer without a token', answer(200, { ok: true }), 'api_unavailable', 'access_token'],
    ['a broken connection', () => 'hang up' as const, 'api_unavailable', 'no answer'],
  ])('classes %s and says what to do', async (_name, fault, code, words) => {
    const { sources, endpoint } = await setup()
    endpoint.faults.push(fault)
    const error = await failure(sources[0]!.get())
    expect(error).toMatchObject({
      code,
      message: expect.stringContaining('LINE WORKS token endpoint') as string,
    })
    expect(error.message).toContain(words)
  })

  test('leaves nothing behind: the next get mints', async () => {
    const { sources, endpoint } = await setup({ workers: 2 })
    endpoint.faults.push(answer(500, {}))
    await failure(sources[0]!.get())
    expect(await sources[1]!.get()).toBe(endpoint.issued[0])
    expect(await sources[0]!.get()).toBe(endpoint.issued[0])
  })

  test('keeps secrets out of the error even when the endpoint echoes the request', async () => {
    const { sources, endpoint } = await setup()
    endpoint.faults.push((form) => ({
      status: 400,
      body: { error: 'invalid_request', form, raw: new URLSearchParams(form).toString() },
    }))
    const error = await failure(sources[0]!.get())
    const shown = [inspect(error, { depth: 9, showHidden: true }), JSON.stringify(error), error.message].join(
      '\n',
    )
    const { assertion } = endpoint.forms[0]!
    for (const spelling of [
      secrets.clientSecret,
      'client+secret',
      'client%20secret',
      assertion!,
      'BEGIN PRIVATE',
    ]) {
      expect(shown).not.toContain(spelling)
    }
    expect(shown).toContain('invalid_request')
  })

  test('says the same to all who wait for the same token', async () => {
    const { sources, endpoint } = await setup()
    endpoint.faults.push(answer(401, { error: 'invalid_client' }))
    const errors = await Promise.all([failure(sources[0]!.get()), failure(sources[0]!.get())])
    expect(errors[0]).toBe(errors[1])
    expect(endpoint.forms).toHaveLength(1)
  })
})

describe('lifetime in the answer', () => {
  test.each([
    ['a string', '60', 56],
    ['a number', 60, 56],
    ['nothing', undefined, 3594],
    ['nonsense', 'soon', 3594],
    ['zero', 0, 3594],
  ])('takes %s', async (_name, expiresIn, goodForSeconds) => {
    const { sources, endpoint, clock, logged } = await setup()
    endpoint.expiresIn = expiresIn
    await sources[0]!.get()
    clock.now += goodForSeconds * 1000
    expect(await sources[0]!.get()).toBe(endpoint.issued[0])
    clock.now += 2_000
    expect(await sources[0]!.get()).toBe(endpoint.issued[1])
    expect(logged.some((line) => line.includes('did not say'))).toBe(goodForSeconds === 3594)
  })
})
