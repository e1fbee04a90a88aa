import type { Redis } from 'ioredis'
import type { Event } from '#libs/contract'
import { createLogger } from '#libs/observability'
import { type RedisClient, connectProducer, postTimeoutMs } from '#libs/redis'
import { eventually } from '../../tests/support/eventually'
import { testRedis, uniqueBotName } from '../../tests/support/redis'
import {
  type RedisServer,
  createRedisServer,
  describeWithRedisServer,
} from '../../tests/support/redis-server'
import { freePort } from '../cli/dev-redis'
import { openQueue } from './drains'
import { botKeys, botPrefix } from './keys'
import { type Mailbox, calmMs, createMailbox } from './post'

const log = createLogger({ name: 'test', level: 'silent' })
const day = 86_400_000

const event = (bot: string, key: string, user = 'U1'): Event => ({
  ...{ key, bot, platform: 'line', conversation: { kind: 'user', id: user } },
  ...{ occurredAt: 1, receivedAt: 1, raw: {}, type: 'text', text: key },
})

describe('posts of a bot', () => {
  let redis: Redis
  let mailbox: Mailbox
  let bot: string
  beforeEach(() => {
    redis = testRedis()
    mailbox = createMailbox(redis, log)
    bot = uniqueBotName()
  })
  afterEach(async () => {
    jest.useRealTimers()
    jest.restoreAllMocks()
    await mailbox.close()
    await redis.quit()
  })
  const post = (key: string, user?: string, windowMs = day) => mailbox.post([event(bot, key, user)], windowMs)
  const inLane = (user = 'U1') => redis.llen(botKeys(bot).lane(`user:${user}`))

  test('that wait for one under way go together, and each is remembered for as long as it says', async () => {
    await post('known')
    const calls = jest.spyOn(redis, 'evalsha')
    const windows = [day, 7 * day, day, 7 * day]
    const posts = windows.map((windowMs, i) => post(`e${i}`, `U${i}`, windowMs))
    expect(await Promise.all(posts)).toEqual(windows.map(() => [true]))
    const ours = calls.mock.calls.filter(([, , key]) => key === botKeys(bot).lanes)
    expect(ours).toHaveLength(1)
    const left = await Promise.all(windows.map((_, i) => redis.pttl(botKeys(bot).seen(`e${i}`))))
    expect(left.map((ms) => Math.ceil(ms / day))).toEqual([1, 7, 1, 7])
  })

  test('are refused, all that wait, where a slow Redis lets them wait for longer than a post may take', async () => {
    await post('known')
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask'] })
    const evalsha = redis.evalsha.bind(redis) as (...args: unknown[]) => Promise<unknown>
    let release: () => void = () => undefined
    const slow = jest.spyOn(redis, 'evalsha').mockImplementation(async (...args: unknown[]) => {
      await new Promise<void>((resolve) => (release = resolve))
      return evalsha(...args)
    })
    const turn = () => new Promise((resolve) => setImmediate(resolve))
    const first = post('first')
    while (slow.mock.calls.length === 0) await turn()
    const early = post('early', 'U2')
    jest.advanceTimersByTime(postTimeoutMs - 100)
    const late = post('late', 'U3')
    jest.advanceTimersByTime(101)
    release()
    expect(await first).toEqual([true])
    const words = { code: 'store_unavailable', cause: { message: 'they waited for 501 ms for their turn' } }
    await expect(early).rejects.toMatchObject(words)
    await expect(late).rejects.toMatchObject(words)

    slow.mockRestore()
    expect(await Promise.all([post('early', 'U2'), post('late', 'U3')])).toEqual([[true], [true]])
    expect(await Promise.all(['U1', 'U2', 'U3'].map(inLane))).toEqual([2, 1, 1])
  })

  /** Each Lua call waits until it is let go, or fails with what it is given. */
  const holdCalls = () => {
    const evalsha = redis.evalsha.bind(redis) as (...args: unknown[]) => Promise<unknown>
    const held: ((failure?: Error) => void)[] = []
    jest.spyOn(redis, 'evalsha').mockImplementation(async (...args: unknown[]) => {
      await new Promise<void>((go, fail) => held.push((failure) => (failure ? fail(failure) : go())))
      return evalsha(...args)
    })
    return held
  }

  test('go beside those under way where they fill a call, at most three calls at once', async () => {
    await post('known')
    const held = holdCalls()
    const posts = Array.from({ length: 4 * 24 + 1 }, (_, i) => post(`e${i}`, `U${i}`))
    await eventually(() => expect(held).toHaveLength(3))
    await new Promise(setImmediate)
    expect(held).toHaveLength(3)
    held[1]?.()
    expect(await posts[24]).toEqual([true])
    expect(await inLane('U24')).toBe(1)
    expect(held).toHaveLength(4)
    held.slice(2).forEach((go) => go())
    held[0]?.()
    await eventually(() => expect(held).toHaveLength(5))
    held[4]?.()
    expect((await Promise.all(posts)).flat()).toEqual(posts.map(() => true))
  })

  test('of one conversation never stand in two calls at once, and what is behind one that fails is not stored', async () => {
    await post('known')
    const held = holdCalls()
    const all = Array.from({ length: 60 }, (_, i) => event(bot, `e${i}`, 'U2'))
    const posted = mailbox.post(all, day)
    const refused = expect(posted).rejects.toMatchObject({ code: 'store_unavailable' })
    await eventually(() => expect(held).toHaveLength(1))
    await new Promise(setImmediate)
    expect(held).toHaveLength(1)
    held[0]?.(new Error('OOM'))
    await refused
    expect(held).toHaveLength(1)
    expect(await inLane('U2')).toBe(0)
  })

  const drains = async () => {
    const queue = openQueue(bot, redis)
    const count = await queue.getJobCountByTypes('waiting', 'active', 'delayed')
    await queue.close()
    return count
  }

  test('wake a lane once more where the wake-up before the answer failed', async () => {
    await post('known', 'U0')
    await eventually(async () => expect(await drains()).toBe(1))
    const calm = createMailbox(redis, log)
    // BullMQ's scripts are commands that it defined on the connection: the first one to come is the early wake-up.
    const name = Object.keys(redis).find((key) => key.startsWith('addStandardJob')) ?? ''
    expect(name).not.toBe('')
    const add = jest.spyOn(redis as unknown as Record<string, () => Promise<unknown>>, name)
    add.mockRejectedValueOnce(new Error('the connection ended'))
    expect(await calm.post([event(bot, 'e1', 'U1')], day)).toEqual([true])
    await eventually(async () => expect(await drains()).toBe(2))
    expect(add).toHaveBeenCalledTimes(2)
    await calm.close()
  })

  test('wake their lanes together while much comes, and at the end what was not woken yet', async () => {
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask'] })
    await post('first', 'U0')
    jest.advanceTimersByTime(calmMs - 1)
    for (const key of ['e1', 'e2', 'e3']) await post(key, key)
    expect(await drains()).toBe(1)
    jest.advanceTimersByTime(1)
    await post('e4', 'U4')
    expect(await drains()).toBe(4)
    await mailbox.close()
    expect(await drains()).toBe(5)
  })

  test('that come while the mailbox closes are stored and wake their lanes', async () => {
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask'] })
    const before = post('e1', 'U1')
    const closed = mailbox.close()
    const during = post('e2', 'U2')
    await closed
    expect(await Promise.all([before, during])).toEqual([[true], [true]])
    expect(await drains()).toBe(2)
  })
})

describeWithRedisServer('a cluster that moves the slot of a bot', () => {
  const bot = 'shop'
  let nodes: RedisServer[]
  let redis: RedisClient
  let mailbox: Mailbox

  beforeAll(async () => {
    nodes = await Promise.all([startNode(), startNode()])
    const [a, b] = nodes as [RedisServer, RedisServer]
    await a.redis.cluster('ADDSLOTSRANGE', 0, 16383)
    const { port, busPort } = await portsOf(a)
    await b.redis.call('CLUSTER', 'MEET', '127.0.0.1', port, busPort)
    await eventually(async () => expect(await b.redis.cluster('INFO')).toContain('cluster_state:ok'))
    await eventually(async () => expect(await a.redis.cluster('NODES')).toMatch(/\n.*connected/))
    redis = connectProducer(`redis+cluster://127.0.0.1:${port}`, log)
    await eventually(() => expect(redis.status).toBe('ready'))
    mailbox = createMailbox(redis, log)
  })
  afterAll(async () => {
    await mailbox.close()
    redis.disconnect()
    await Promise.all(nodes.map((node) => node.remove()))
  })

  test('takes nothing while it has a part of the keys, and afterwards each event once and in order', async () => {
    const [a, b] = nodes as [RedisServer, RedisServer]
    const keys = botKeys(bot)
    expect(await mailbox.post([event(bot, 'e1')], day)).toEqual([true])
    const slot = await a.redis.cluster('KEYSLOT', keys.lanes)
    const [idOfA, idOfB] = [await a.redis.cluster('MYID'), await b.redis.cluster('MYID')]
    await b.redis.call('CLUSTER', 'SETSLOT', slot, 'IMPORTING', idOfA)
    await a.redis.call('CLUSTER', 'SETSLOT', slot, 'MIGRATING', idOfB)
    const { port } = await portsOf(b)
    const move = (names: string[]) =>
      a.redis.call('MIGRATE', '127.0.0.1', port, '', '0', '5000', 'KEYS', ...names)
    await move([keys.lanes, keys.items])

    const refused = { code: 'store_unavailable' }
    await expect(mailbox.post([event(bot, 'e1')], day)).rejects.toMatchObject(refused)
    await expect(mailbox.post([event(bot, 'e2')], day)).rejects.toMatchObject(refused)

    const others = await a.redis.keys(`${botPrefix(bot)}*`)
    expect(others).toContain(keys.lane('user:U1'))
    await move(others)
    for (const node of [b, a]) await node.redis.call('CLUSTER', 'SETSLOT', slot, 'NODE', idOfB)
    const both = ['e1', 'e2'].map((key) => event(bot, key))
    await eventually(async () => expect(await mailbox.post(both, day)).toEqual([false, true]))
    const lane = await b.redis.lrange(keys.lane('user:U1'), 0, -1)
    expect(lane.map((item) => item.split(' ')[0])).toEqual(['e1', 'e2'])
  })
})

async function startNode(): Promise<RedisServer> {
  const options = ['--cluster-enabled', 'yes', '--cluster-port', String(await freePort())]
  const node = await createRedisServer(options)
  await node.start()
  return node
}

async function portsOf({ redis }: RedisServer): Promise<{ port: string; busPort: string }> {
  const [, port = ''] = await redis.config('GET', 'port')
  const [, busPort = ''] = await redis.config('GET', 'cluster-port')
  return { port, busPort }
}
