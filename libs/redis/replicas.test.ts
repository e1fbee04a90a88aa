import { createLogger } from '#libs/observability'
import { eventually } from '../../tests/support/eventually'
import {
  type RedisServer,
  createRedisServer,
  describeWithRedisServer,
} from '../../tests/support/redis-server'
import { connectProducer } from './connections'
import type { RedisClient } from './open-redis'
import { createReplicas } from './replicas'
import { runScriptOnReplicas, script } from './script'
import { watchRedis } from './watch-redis'

const silent = createLogger({ name: 'test', level: 'silent' })
const setOnce = script(`return redis.call('SET', KEYS[1], ARGV[1], 'NX')`)

describeWithRedisServer('replicas', () => {
  let primary: RedisServer
  let replica: RedisServer
  let redis: RedisClient
  const closers: (() => void)[] = []

  beforeEach(async () => {
    primary = await createRedisServer()
    await primary.start()
    const { port } = new URL(primary.url)
    replica = await createRedisServer(['--replicaof', '127.0.0.1', port])
    await replica.start()
    await eventually(async () =>
      expect(await replica.redis.info('replication')).toContain('master_link_status:up'),
    )
    redis = connectProducer(primary.url, silent)
    await eventually(() => expect(redis.status).toBe('ready'))
  })
  afterEach(async () => {
    for (const close of closers.splice(0)) close()
    redis.disconnect()
    await replica.remove()
    await primary.remove()
  })

  const run = (key: string) =>
    runScriptOnReplicas(redis, setOnce, {
      keys: [key],
      args: ['x'],
      waiting: { replicas: 1, probeKey: 'probe' },
    })

  test('have what a script wrote, also one that the server did not know', async () => {
    expect(await run('a')).toEqual({ reply: 'OK', replicas: 1 })
    await primary.redis.script('FLUSH')
    expect(await run('b')).toEqual({ reply: 'OK', replicas: 1 })
    expect(await replica.redis.mget('a', 'b')).toEqual(['x', 'x'])
  })

  test('that hang do not confirm, also not what was written before over another connection', async () => {
    replica.freeze()
    expect((await run('a')).replicas).toBe(0)
    redis.disconnect(true)
    await eventually(async () => expect(await redis.ping()).toBe('PONG'))
    // The script finds its work done. Without a write of its own WAIT would have nothing to wait for.
    expect(await run('a')).toEqual({ reply: null, replicas: 0 })
    replica.thaw()
    await eventually(async () => expect((await run('a')).replicas).toBe(1))
  })

  test('an error of the script is the error of the call', async () => {
    await redis.set('a', 'x')
    const broken = script(`return redis.call('LPUSH', KEYS[1], 'y')`)
    const waiting = { replicas: 1, probeKey: 'probe' }
    await expect(runScriptOnReplicas(redis, broken, { keys: ['a'], args: [], waiting })).rejects.toThrow(
      'WRONGTYPE',
    )
  })

  test('that stay away stop events for ten seconds, then no more, until they are back', async () => {
    let now = 1_000_000
    const replicas = createReplicas({ redis, asked: 1, now: () => now })
    const health = watchRedis({ redis, replicas, memoryShare: 80, log: silent, everyMs: 50 })
    closers.push(() => health.close())
    await eventually(() => expect(health.problem()).toBeUndefined())

    replica.freeze()
    await eventually(() => expect(health.problem()).toBe('fewer than 1 replica(s) confirm what is written'))
    expect(replicas.wanted('{b}')).toBe(1)
    await expect(health.check()).rejects.toThrow('fewer than 1 replica(s)')

    now += 10_000
    expect([health.problem(), replicas.wanted('{b}')]).toEqual([undefined, 0])
    await expect(health.check()).rejects.toThrow('Events are acknowledged without them.')
    expect(health.problem()).toBeUndefined()

    replica.thaw()
    await eventually(() => expect(replicas.wanted('{b}')).toBe(1))
    await health.check()
  })
})

test('without REDIS_WAIT_REPLICAS nothing is asked', () => {
  const redis = connectProducer('redis://127.0.0.1:1', silent)
  const replicas = createReplicas({ redis, asked: 0 })
  redis.disconnect()
  expect([replicas.wanted('{b}'), replicas.problem(), replicas.shortfall()]).toEqual([
    0,
    undefined,
    undefined,
  ])
})
