import type { Redis } from 'ioredis'
import { ApiError, type Call, type Event } from '#libs/contract'
import { type Item, newItem } from '#libs/mailbox'
import { createLogger, createMetrics } from '#libs/observability'
import { testRedis, uniqueBotName } from '../../tests/support/redis'
import { type LoopGuardOptions, createLoopGuard } from './loop-guard'

let redis: Redis
beforeEach(() => {
  redis = testRedis()
})
afterEach(async () => {
  await redis.quit()
})

/** A bot whose time is the test's; `posts` is what reached the platform. */
function setup(more: Partial<LoopGuardOptions> = {}) {
  const bot = more.bot ?? uniqueBotName()
  const metrics = createMetrics()
  const lines: string[] = []
  const log = createLogger({
    name: 'test',
    level: 'error',
    destination: { write: (line) => void lines.push(line) },
  })
  const clock = { now: 1_790_000_000_000 }
  const guard = createLoopGuard({
    ...{ bot, redis, muteAfter: 5, knowsItself: false, metrics, log, now: () => clock.now },
    ...more,
  })
  const posts: string[] = []
  const fails: Error[] = []
  const sender = guard.watch({
    plan: () => [],
    limitOf: () => ({ scope: 'test', amount: 1, perMs: 1 }),
    send: async ({ messages }) => {
      const failure = fails.shift()
      if (failure) throw failure
      posts.push(String(messages[0]?.['text']))
      return {}
    },
  })
  let calls = 0
  const post = (
    text: string,
    { operation = 'groups.messages', group = 'gr1', key = `call-${++calls}` } = {},
  ) => {
    const call: Call = { operation, target: { kind: 'group', id: group }, messages: [{ text }] }
    return sender.send(call, { retryKey: key })
  }
  let events = 0
  const item = (text: string, receivedAt = clock.now, group = 'gr1'): Item => {
    const event: Event = {
      ...{ key: `event-${++events}`, bot, platform: 'tocaro', conversation: { kind: 'group', id: group } },
      ...{ occurredAt: receivedAt, receivedAt, raw: {}, type: 'text', text },
    }
    return newItem(event, receivedAt)
  }
  /** Somebody speaks, and the bot answers, `ms` after what was before. */
  const exchange = async (ms: number) => {
    clock.now += ms
    const verdict = await guard.check(item(`question ${events}`))
    clock.now += 1
    if (verdict === 'go') await post(`answer ${calls}`)
    return verdict
  }
  const muted = async () => (await metrics.muted.get()).values[0]?.value ?? 0
  return { bot, guard, clock, posts, fails, post, item, exchange, lines, muted }
}

describe('an own post', () => {
  test('swallows one event with its text in its group, and no more', async () => {
    const { guard, post, item } = setup()
    await post('hello')
    expect(await guard.check(item('hello', undefined, 'gr2'))).toBe('go')
    expect(await guard.check(item('Hello'))).toBe('go')
    expect(await guard.check(item('hello'))).toBe('own_message')
    expect(await guard.check(item('hello'))).toBe('go')
  })

  test('is the same to a second look at the same event', async () => {
    const { guard, post, item } = setup()
    await post('hello')
    const echo = item('hello')
    expect([await guard.check(echo), await guard.check(echo)]).toEqual(['own_message', 'own_message'])
  })

  test('is noted before it is made, and a repeat of it is no other', async () => {
    const { guard, posts, fails, post, item } = setup()
    fails.push(new ApiError('api_outcome_unknown', 'no answer'))
    await expect(post('hello', { key: 'k' })).rejects.toThrow('no answer')
    await post('hello', { key: 'k' })
    expect(posts).toEqual(['hello'])
    expect(await guard.check(item('hello'))).toBe('own_message')
    expect(await guard.check(item('hello'))).toBe('go')
  })

  test('that an event has pushed itself does not swallow its next run', async () => {
    const { guard, post, item } = setup()
    const echoed = item('hello')
    expect(await guard.check(echoed)).toBe('go')
    await post('hello')
    expect(await guard.check({ ...echoed, failures: 1 })).toBe('go')
    expect(await guard.check({ ...echoed, pushes: [[]] })).toBe('go')
  })

  test('through the Web API is left to the bot’s user code where that is known', async () => {
    const { guard, post, item } = setup({ knowsItself: true })
    await post('by token')
    await post('by hook', { operation: 'inbound_webhook' })
    expect(await guard.check(item('by token'))).toBe('go')
    expect(await guard.check(item('by hook'))).toBe('own_message')
  })

  test('is known to every worker and to no other bot', async () => {
    const { bot, post, item } = setup()
    await post('hello')
    const echo = item('hello')
    expect(await setup().guard.check(echo)).toBe('go')
    expect(await setup({ bot }).guard.check(echo)).toBe('own_message')
  })

  test('is remembered for ten minutes', async () => {
    const { bot, post } = setup()
    await post('hello')
    const [key = ''] = await redis.keys(`{hookline:${bot}}:loop:own:*`)
    expect(await redis.pttl(key)).toBeGreaterThan(590_000)
    expect(await redis.pttl(key)).toBeLessThanOrEqual(600_000)
  })
})

describe('a group in which the bot and somebody answer each other', () => {
  test('is held after the sixth reply within ten seconds, and starts anew after a minute', async () => {
    const { clock, posts, exchange, lines, muted } = setup()
    for (let i = 0; i < 6; i++) expect(await exchange(1500)).toBe('go')
    expect(await exchange(0)).toEqual({ holdMs: 60_000 })
    expect(posts).toHaveLength(6)
    expect(lines.map((line) => JSON.parse(line) as object)).toEqual([
      expect.objectContaining({ level: 'error', conversation: 'group:gr1', mute_ms: 60_000 }),
    ])
    clock.now += 60_000
    for (let i = 0; i < 6; i++) expect(await exchange(1500)).toBe('go')
    expect(await exchange(0)).toMatchObject({ holdMs: expect.any(Number) })
    expect([posts.length, await muted()]).toEqual([12, 2])
  })

  test('is not held when the replies are slower than that', async () => {
    const { exchange, muted } = setup()
    for (let i = 0; i < 20; i++) expect(await exchange(2000)).toBe('go')
    expect(await muted()).toBe(0)
  })

  test('is not held by replies to what was waiting already', async () => {
    const { guard, clock, post, item, muted } = setup()
    const burst = Array.from({ length: 15 }, (_, i) => item(`question ${i}`))
    for (const each of burst) {
      expect(await guard.check(each)).toBe('go')
      clock.now += 100
      await post(`answer to ${each.id}`)
    }
    expect(await muted()).toBe(0)
  })

  test('is not held by a long answer in many parts', async () => {
    const { guard, clock, post, item, muted } = setup()
    expect(await guard.check(item('tell me all'))).toBe('go')
    for (let i = 0; i < 10; i++) await post(`part ${i}`)
    clock.now += 1
    expect(await guard.check(item('thank you'))).toBe('go')
    expect(await muted()).toBe(0)
  })

  test('does not hold another group', async () => {
    const { guard, exchange, item } = setup()
    for (let i = 0; i < 6; i++) await exchange(10)
    expect(await guard.check(item('hello', undefined, 'gr2'))).toBe('go')
  })

  test('is never held when the guard is off', async () => {
    const { exchange, muted } = setup({ muteAfter: 0 })
    for (let i = 0; i < 30; i++) expect(await exchange(10)).toBe('go')
    expect(await muted()).toBe(0)
  })
})
