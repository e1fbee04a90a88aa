import { closeAll, failure, setup } from './workers.test.support'

afterEach(closeAll)

describe('Tocaro', () => {
  const tocaro = (accessToken?: string) => ({
    settings: () => ({ platform: 'tocaro' as const, name: 'crew', accessToken }),
  })
  const jwt = (exp: number) => `e30.${Buffer.from(JSON.stringify({ exp })).toString('base64url')}.signature`

  test('gets the token from the settings, or fails with the fix', async () => {
    expect(await (await setup(tocaro('opaque'))).sources[0]!.get()).toBe('opaque')
    const error = await failure((await setup(tocaro())).sources[0]!.get())
    expect(error).toMatchObject({
      code: 'config_invalid',
      message: expect.stringContaining('accessToken') as string,
    })
  })

  test('warns once when a JWT ends within a day, and not before', async () => {
    const token = jwt(Math.floor(Date.now() / 1000) + 2 * 86_400)
    const { sources, clock, logged } = await setup(tocaro(token))
    await sources[0]!.get()
    expect(logged).toEqual([])
    clock.now += 1.5 * 86_400_000
    expect([await sources[0]!.get(), await sources[0]!.get()]).toEqual([token, token])
    expect(logged).toEqual(['access token ends within a day: replace it'])
  })
})
