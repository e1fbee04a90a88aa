import {
  type ConnectOptions,
  closeAll,
  connect,
  lineWorks,
  secrets,
  setup,
  tapped,
} from './workers.test.support'
import { eventually } from '../../tests/support/eventually'

afterEach(closeAll)

const twice = <T>(items: T[]) => [...items, ...items]

describe('sharing', () => {
  test('mints once for fifty gets at once from five workers', async () => {
    const { sources, endpoint, minted } = await setup({ workers: 5 })
    const tokens = await Promise.all(Array.from({ length: 10 }, () => sources.map((s) => s.get())).flat())
    expect(tokens).toEqual(Array(50).fill(endpoint.issued[0]))
    expect(endpoint.issued).toHaveLength(1)
    expect(minted).toEqual(['helpdesk'])
  })

  test('hands the shared token to a worker that starts later', async () => {
    const { sources, endpoint, addWorker } = await setup()
    const token = await sources[0]!.get()
    expect(await addWorker().get()).toBe(token)
    expect(endpoint.issued).toHaveLength(1)
  })

  test('leaves neither token nor secret readable in Redis, and nothing that outlives the token', async () => {
    const { sources, endpoint, keyPrefix } = await setup()
    await sources[0]!.get()
    const redis = connect()
    const keys = await redis.keys(`${keyPrefix}*`)
    expect(keys).toEqual([`${keyPrefix}:token`])
    const value = (await redis.get(keys[0]!))!
    const seen = [
      value,
      ...value.split('.').map((part) => Buffer.from(part, 'base64url').toString('latin1')),
    ].join()
    const plain = [
      endpoint.issued[0]!,
      secrets.clientSecret,
      endpoint.forms[0]!.assertion!,
      'access',
      'PRIVATE',
    ]
    for (const text of plain) expect(seen).not.toContain(text)
    const ttl = await redis.pttl(keys[0]!)
    expect(ttl).toBeGreaterThan(3_500_000)
    expect(ttl).toBeLessThanOrEqual(3_600_000)
  })

  test('takes a value sealed under another secret for absent', async () => {
    const { sources, endpoint, addWorker } = await setup()
    await sources[0]!.get()
    const rotated = addWorker({ ...lineWorks(endpoint.url), clientSecret: 'rotated' })
    expect(await rotated.get()).toBe(endpoint.issued[1])
  })

  test('waits for the worker that is minting and takes what it shares', async () => {
    const { sources, endpoint, keyPrefix, addWorker } = await setup()
    const redis = connect()
    const token = await sources[0]!.get()
    const value = (await redis.get(`${keyPrefix}:token`))!
    await redis.del(`${keyPrefix}:token`)
    await redis.set(`${keyPrefix}:token-lock`, 'another worker', 'PX', 60_000)
    const waiting = addWorker().get()
    await redis.set(`${keyPrefix}:token`, value, 'PX', 60_000)
    expect(await waiting).toBe(token)
    expect(endpoint.issued).toHaveLength(1)
  })

  test('takes a token that was shared just before it got the lock', async () => {
    let shareFirst: (token: string) => void = () => undefined
    const first = new Promise<string>((resolve) => (shareFirst = resolve))
    const connections = [() => tapped({ set: () => first }), connect]
    const { sources, endpoint } = await setup({ workers: 2, redis: () => connections.shift()!() })
    const late = sources[0]!.get()
    shareFirst(await sources[1]!.get())
    expect(await late).toBe(await sources[1]!.get())
    expect(endpoint.issued).toHaveLength(1)
  })

  test('mints after the lock of a dead worker ran out', async () => {
    const { sources, endpoint, keyPrefix } = await setup({ workers: 2 })
    await connect().set(`${keyPrefix}:token-lock`, 'dead worker', 'PX', 300)
    await Promise.all(sources.map((source) => source.get()))
    expect(endpoint.issued).toHaveLength(1)
  })
})

describe('invalidate', () => {
  test('drops the token for workers that start later, too', async () => {
    const { sources, endpoint, addWorker } = await setup()
    await sources[0]!.invalidate(await sources[0]!.get())
    expect(await addWorker().get()).toBe(endpoint.issued[1])
  })

  test('turns a storm of 401s in all workers into one new mint', async () => {
    const { sources, endpoint } = await setup({ workers: 5 })
    const [old] = await Promise.all(sources.map((source) => source.get()))
    const retry = async (source: (typeof sources)[number]) => {
      await source.invalidate(old!)
      return source.get()
    }
    const tokens = await Promise.all(twice(twice(sources)).map(retry))
    expect(new Set(tokens)).toEqual(new Set([endpoint.issued[1]]))
    expect(endpoint.issued).toHaveLength(2)
  })

  test('leaves a newer token alone', async () => {
    const { sources, endpoint, addWorker } = await setup({ workers: 2 })
    const [old] = await Promise.all(sources.map((source) => source.get()))
    await sources[0]!.invalidate(old!)
    const newer = await sources[0]!.get()
    await sources[1]!.invalidate(old!)
    expect(await Promise.all([...sources, addWorker()].map((s) => s.get()))).toEqual([newer, newer, newer])
    expect(endpoint.issued).toHaveLength(2)
  })

  test('takes a refused token from nobody, even when it could not be dropped from Redis', async () => {
    const { sources, endpoint, keyPrefix } = await setup()
    const redis = connect()
    const old = await sources[0]!.get()
    const value = (await redis.get(`${keyPrefix}:token`))!
    await sources[0]!.invalidate(old)
    await redis.set(`${keyPrefix}:token`, value)
    expect(await sources[0]!.get()).toBe(endpoint.issued[1])
  })
})

describe('refresh ahead', () => {
  test('serves the old token while one worker fetches the next', async () => {
    const { sources, endpoint, clock } = await setup({ workers: 3 })
    const [old] = await Promise.all(sources.map((source) => source.get()))
    clock.now += 0.79 * 3_600_000
    await Promise.all(sources.map((source) => source.get()))
    clock.now += 0.02 * 3_600_000
    expect(await Promise.all(twice(sources).map((source) => source.get()))).toEqual(Array(6).fill(old))
    await eventually(async () => {
      clock.now += 30_001
      const tokens = await Promise.all(sources.map((source) => source.get()))
      expect(tokens).toEqual(Array(3).fill(endpoint.issued[1]))
    })
    expect(endpoint.issued).toHaveLength(2)
  })

  test('keeps the old token when the refresh fails, and tries again after a pause', async () => {
    let reads = 0
    const { sources, endpoint, clock, logged } = await setup({
      redis: () => tapped({ get: () => (reads += 1) }),
    })
    const source = sources[0]!
    const old = await source.get()
    endpoint.faults.push(() => ({ status: 500, body: {} }))
    clock.now += 0.85 * 3_600_000
    expect(await source.get()).toBe(old)
    await eventually(() => expect(logged.join()).toContain('not refreshed ahead'))
    const readsSoFar = reads
    expect(await source.get()).toBe(old)
    expect(reads).toBe(readsSoFar)
    clock.now += 30_001
    expect(await source.get()).toBe(old)
    await eventually(async () => expect(await source.get()).toBe(endpoint.issued[1]))
  })

  test('does not wait for another worker that is minting', async () => {
    const { sources, endpoint, clock, keyPrefix } = await setup()
    const redis = connect()
    const old = await sources[0]!.get()
    await redis.set(`${keyPrefix}:token-lock`, 'another worker', 'PX', 60_000)
    clock.now += 0.85 * 3_600_000
    expect(await sources[0]!.get()).toBe(old)
    await redis.del(`${keyPrefix}:token-lock`)
    await eventually(async () => {
      clock.now += 1_000
      expect(await sources[0]!.get()).toBe(endpoint.issued[1])
    })
    expect(endpoint.issued).toHaveLength(2)
  })

  test('waits for a new token once the old one has ended', async () => {
    const { sources, endpoint, clock } = await setup({ workers: 2 })
    await Promise.all(sources.map((source) => source.get()))
    clock.now += 3_596_000
    const tokens = await Promise.all(twice(sources).map((source) => source.get()))
    expect(new Set(tokens)).toEqual(new Set([endpoint.issued[1]]))
    expect(endpoint.issued).toHaveLength(2)
  })
})

describe('without Redis', () => {
  test.each<[string, ConnectOptions]>([
    ['refuses', { retryStrategy: () => null }],
    ['never answers', { maxRetriesPerRequest: null, retryStrategy: () => 50 }],
  ])('still mints when Redis %s, keeps the newest token and says so once', async (_name, options) => {
    const { sources, endpoint, logged } = await setup({
      redis: () => connect(options, 'redis://127.0.0.1:1'),
    })
    const source = sources[0]!
    const old = await source.get()
    expect(await source.get()).toBe(old)
    await source.invalidate(old)
    expect(await source.get()).toBe(endpoint.issued[1])
    await source.invalidate(old)
    expect(await source.get()).toBe(endpoint.issued[1])
    expect(logged.filter((line) => line.includes('not shared'))).toHaveLength(1)
  })
})
