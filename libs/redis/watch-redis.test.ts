import { createLogger } from '#libs/observability'
import { eventually } from '../../tests/support/eventually'
import {
  type RedisServer,
  createRedisServer,
  describeWithRedisServer,
} from '../../tests/support/redis-server'
import { checkRedis, checkRedisAtStart } from './check-redis'
import { connectProducer, connectWorker } from './connections'
import type { RedisClient } from './open-redis'
import { type RedisHealth, watchRedis } from './watch-redis'
import { evictionProblem, memoryProblem, parseInfo } from './info'

const silent = createLogger({ name: 'test', level: 'silent' })

function recordingLog() {
  const lines: string[] = []
  const log = createLogger({
    name: 'test',
    level: 'info',
    destination: { write: (line) => void lines.push(line) },
  })
  return { log, logged: (words: string) => lines.filter((line) => line.includes(words)).length }
}

describe('what INFO says', () => {
  test.each([
    ['used_memory:80\r\nmaxmemory:100\r\n', 'Redis is full: 80 % of its maxmemory is used.'],
    ['used_memory:79\r\nmaxmemory:100\r\n', undefined],
    ['used_memory:1000000\r\nmaxmemory:0\r\n', undefined],
    // The embedded Redis knows no maxmemory.
    ['# Memory\r\nused_memory:0\r\n', undefined],
  ])('of %j at a share of 80 %% is %s', (text, expected) => {
    const problem = memoryProblem(parseInfo(text), 80)
    expect(problem?.startsWith(expected ?? '-')).toBe(expected === undefined ? undefined : true)
  })

  test('names a policy that throws things away, and no other', () => {
    expect(evictionProblem(parseInfo('maxmemory_policy:allkeys-lru\r\n'))).toContain('allkeys-lru')
    expect(evictionProblem(parseInfo('maxmemory_policy:noeviction\r\n'))).toBeUndefined()
    expect(evictionProblem(parseInfo('used_memory:1\r\n'))).toBeUndefined()
  })
})

describeWithRedisServer('a Redis server', () => {
  let server: RedisServer
  let closers: (() => unknown)[]

  beforeEach(async () => {
    closers = []
    server = await createRedisServer()
    await server.start()
  })
  afterEach(async () => {
    for (const close of closers.reverse()) await close()
    await server.remove()
  })

  const connect = (connectAs = connectProducer): RedisClient => {
    const redis = connectAs(server.url, silent)
    closers.push(() => redis.disconnect())
    return redis
  }
  const watch = (memoryShare = 80, log = silent): { health: RedisHealth; redis: RedisClient } => {
    const redis = connect()
    const health = watchRedis({ redis, memoryShare, log, everyMs: 50 })
    closers.push(() => health.close())
    return { health, redis }
  }
  /** Piece by piece: a large command needs twice its size for a moment. */
  const fill = async (megabytes: number) => {
    for (let i = 0; i < megabytes; i++) await server.redis.append(`filler-${i}`, 'x'.repeat(1024 * 1024))
  }

  test.each([
    ['the ingress', connectProducer],
    ['a worker', connectWorker],
  ])('that evicts keys keeps %s from starting', async (_name, connectAs) => {
    await server.redis.config('SET', 'maxmemory-policy', 'allkeys-lru')
    const redis = connect(connectAs)
    await expect(checkRedisAtStart(redis, silent)).rejects.toMatchObject({
      code: 'config_invalid',
      message: expect.stringContaining('maxmemory-policy allkeys-lru'),
    })
  })

  test.each([
    ['the ingress', connectProducer],
    ['a worker', connectWorker],
  ])('that is away delays no start of %s, and is looked at when it comes', async (_name, connectAs) => {
    await server.redis.config('SET', 'maxmemory-policy', 'noeviction')
    await server.kill()
    const { log, logged } = recordingLog()
    const redis = connect(connectAs)
    const startedAt = Date.now()
    await checkRedisAtStart(redis, log)
    expect(Date.now() - startedAt).toBeLessThan(1500)
    await server.start()
    await server.redis.config('SET', 'maxmemory-policy', 'allkeys-lru')
    await eventually(() => expect(redis.status).toBe('ready'))
    redis.disconnect(true)
    await eventually(() => expect(logged('maxmemory-policy allkeys-lru')).toBeGreaterThan(0))
    await eventually(() => expect(checkRedis(redis)).rejects.toThrow('may evict stored events'))
  })

  test('that hangs delays no start for more than a second', async () => {
    server.freeze()
    const startedAt = Date.now()
    await checkRedisAtStart(connect(connectWorker), silent)
    expect(Date.now() - startedAt).toBeLessThan(2500)
    server.thaw()
  })

  test('that keeps nothing on disk is warned about, once', async () => {
    const { log, logged } = recordingLog()
    const redis = connect()
    await checkRedisAtStart(redis, log)
    expect(logged('in memory only')).toBe(0)
    await server.redis.config('SET', 'appendonly', 'no')
    const other = connect()
    await checkRedisAtStart(other, log)
    other.disconnect(true)
    await eventually(() => expect(other.status).toBe('ready'))
    await eventually(async () => expect(await other.ping()).toBe('PONG'))
    expect(logged('in memory only')).toBe(1)
    await server.redis.config('SET', 'save', '3600 1')
    await checkRedisAtStart(connect(), log)
    expect(logged('in memory only')).toBe(1)
  })

  test('is usable when it answers, and its coming and going is logged once', async () => {
    const { log, logged } = recordingLog()
    const { health, redis } = watch(80, log)
    await eventually(() => expect(health.problem()).toBeUndefined())
    await server.kill()
    await eventually(() => expect(redis.status).not.toBe('ready'))
    expect(health.problem()).toMatch(/Redis connection is/)
    await expect(health.check()).rejects.toThrow('Redis connection is')
    await server.start()
    await eventually(() => expect(health.problem()).toBeUndefined())
    await health.check()
    await eventually(() => expect([logged('takes no events'), logged('takes events again')]).toEqual([1, 1]))
  })

  test('above the share of its memory is full, and free again well below it', async () => {
    const { health } = watch(50)
    await server.redis.config('SET', 'maxmemory', String(40 * 1024 * 1024))
    await eventually(() => expect(health.problem()).toBeUndefined())
    await fill(22)
    await eventually(() => expect(health.problem()).toMatch(/^Redis is full: \d\d % of its maxmemory/))
    await expect(health.check()).rejects.toThrow('Redis is full')
    await server.redis.flushall()
    await eventually(() => expect(health.problem()).toBeUndefined())
  })

  test('that took no write is unusable until it takes one', async () => {
    const { health } = watch(100)
    await eventually(() => expect(health.problem()).toBeUndefined())
    await server.redis.config('SET', 'maxmemory', '1')
    health.suspect()
    await health.refresh()
    expect(health.problem()).toContain('OOM')
    await server.redis.config('SET', 'maxmemory', '0')
    await health.refresh()
    expect(health.problem()).toBeUndefined()
  })

  test('that is a replica by now is unusable, and asked again when it is none', async () => {
    const { health } = watch()
    await eventually(() => expect(health.problem()).toBeUndefined())
    await server.redis.replicaof('127.0.0.1', 1)
    health.suspect()
    await eventually(() => expect(health.problem()).toContain('READONLY'))
    await server.redis.replicaof('NO', 'ONE')
    await eventually(() => expect(health.problem()).toBeUndefined())
  })

  test('that hangs is unusable, and used again when it goes on', async () => {
    const { health, redis } = watch()
    await eventually(() => expect(health.problem()).toBeUndefined())
    server.freeze()
    await eventually(() => expect(health.problem()).toContain('timed out'))
    // It may be gone without a word: after a while the connection is made anew.
    await eventually(() => expect(redis.status).not.toBe('ready'))
    server.thaw()
    await eventually(() => expect(health.problem()).toBeUndefined())
  })

  test('whose policy is changed later is reported, and the process lives', async () => {
    const { log, logged } = recordingLog()
    const { health } = watch(80, log)
    await eventually(() => expect(health.problem()).toBeUndefined())
    await server.redis.config('SET', 'maxmemory-policy', 'volatile-ttl')
    await expect(health.check()).rejects.toThrow('may evict stored events')
    await eventually(() => expect(logged('may evict stored events')).toBe(1))
    expect(health.problem()).toBeUndefined()
  })
})
