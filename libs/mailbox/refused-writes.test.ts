import type { Event } from '#libs/contract'
import { createLogger } from '#libs/observability'
import { eventually } from '../../tests/support/eventually'
import {
  type RedisServer,
  createRedisServer,
  describeWithRedisServer,
} from '../../tests/support/redis-server'
import { connectProducer, connectWorker } from '#libs/redis'
import { createMailbox } from './post'
import { type Drain, startLaneWorker } from './work'

const log = createLogger({ name: 'test', level: 'silent' })

function event(key: string, user: string): Event {
  return {
    key,
    bot: 'shop',
    platform: 'line',
    type: 'text',
    text: key,
    conversation: { kind: 'user', id: user },
    occurredAt: 1,
    receivedAt: 1,
    raw: {},
  }
}

describeWithRedisServer('a worker whose Redis refuses writes', () => {
  let server: RedisServer
  const closers: (() => unknown)[] = []

  beforeEach(async () => {
    server = await createRedisServer()
    await server.start()
  })
  afterEach(async () => {
    for (const close of closers.splice(0).reverse()) await close()
    await server.remove()
  })

  const commands = async () =>
    Number(/total_commands_processed:(\d+)/.exec(await server.redis.info('stats'))?.[1])
  /** The rate is the point here, so there is no condition to wait for. */
  const passed = async (ms: number) => {
    const until = Date.now() + ms
    await eventually(() => expect(Date.now()).toBeGreaterThan(until))
  }

  test.each<[string, () => Promise<unknown>, () => Promise<unknown>]>([
    [
      'for want of memory',
      () => server.redis.config('SET', 'maxmemory', '1'),
      () => server.redis.config('SET', 'maxmemory', '0'),
    ],
    ['as a replica', () => server.redis.replicaof('127.0.0.1', 1), () => server.redis.replicaof('NO', 'ONE')],
  ])('%s does not storm it, and goes on when it takes them', async (_name, refuse, allow) => {
    const producer = connectProducer(server.url, log)
    const connection = connectWorker(server.url, log)
    closers.push(() => producer.disconnect())
    closers.push(() => connection.disconnect())
    await eventually(() => expect(producer.status).toBe('ready'))
    const mailbox = createMailbox(producer, log)
    closers.push(() => mailbox.close())
    const done = new Set<string>()
    let open: () => void = () => undefined
    const opened = new Promise<void>((resolve) => (open = resolve))
    const drain: Drain = async (lane) => {
      await opened
      const head = await lane.take()
      if (head) await lane.finish(head.item)
      if (head) done.add(head.item.id)
      return { kind: 'done' }
    }
    const worker = startLaneWorker({ bot: 'shop', redis: connection, drain, concurrency: 10, log })
    closers.push(() => worker.close())
    await worker.ready
    const events = Array.from({ length: 300 }, (_, i) => event(`e${i}`, `U${i}`))
    // Again where a busy machine takes too long for so many at once.
    await eventually(() => mailbox.post(events, 60_000))
    // All are woken: ten at work, the others wait.
    await eventually(async () => expect(await server.redis.llen('{hookline:shop}:drain:wait')).toBe(290))

    await refuse()
    open()
    // Each lane fails once; what comes after that is the storm, or the rests.
    await passed(1000)
    const before = await commands()
    await passed(3000)
    // Without the rests: thousands a second.
    expect(((await commands()) - before) / 3).toBeLessThan(1500)

    await allow()
    await eventually(() => expect(done.size).toBe(300), 40_000)
  })
})
