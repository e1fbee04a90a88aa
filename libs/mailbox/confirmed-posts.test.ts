import type { Event } from '#libs/contract'
import { createLogger } from '#libs/observability'
import { type RedisClient, connectProducer, createReplicas } from '#libs/redis'
import { eventually } from '../../tests/support/eventually'
import {
  type RedisServer,
  createRedisServer,
  describeWithRedisServer,
} from '../../tests/support/redis-server'
import { botKeys } from './keys'
import { createMailbox } from './post'

const log = createLogger({ name: 'test', level: 'silent' })

const event = (key: string): Event => ({
  ...{ key, bot: 'shop', platform: 'line', conversation: { kind: 'user', id: 'U1' } },
  ...{ occurredAt: 1, receivedAt: 1, raw: {}, type: 'text', text: key },
})

describeWithRedisServer('a post that a replica shall confirm', () => {
  let server: RedisServer
  let redis: RedisClient
  let now = 1_000_000
  const unconfirmed: [string, number][] = []

  beforeAll(async () => {
    server = await createRedisServer()
    await server.start()
    redis = connectProducer(server.url, log)
    await eventually(() => expect(redis.status).toBe('ready'))
  })
  afterAll(async () => {
    redis.disconnect()
    await server.remove()
  })

  test('is refused while none does, and stored once when they have been given up', async () => {
    const replicas = createReplicas({ redis, asked: 1, now: () => now })
    const onUnconfirmed = (bot: string, events: number) => void unconfirmed.push([bot, events])
    const mailbox = createMailbox(redis, log, { replicas, onUnconfirmed })
    const refused = mailbox.post([event('a')], 60_000)
    await expect(refused).rejects.toMatchObject({ code: 'store_unavailable' })
    await expect(refused).rejects.toHaveProperty(
      'cause.message',
      'only 0 of 1 replica(s) confirmed it in time',
    )

    now += 10_000
    expect(await mailbox.post([event('a'), event('b')], 60_000)).toEqual([false, true])
    expect(unconfirmed).toEqual([['shop', 1]])
    expect(await server.redis.llen(botKeys('shop').lane('user:U1'))).toBe(2)
    await mailbox.close()
  })
})
