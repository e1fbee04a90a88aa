import type { Redis } from 'ioredis'
import { defineBot } from '#libs/bot'
import { ApiError, type Event } from '#libs/contract'
import { type Mailbox, createMailbox, listDeadLetters, startLaneWorker } from '#libs/mailbox'
import { connectProducer, connectWorker } from '#libs/redis'
import { createLogger, createMetrics } from '#libs/observability'
import { eventually } from '../../tests/support/eventually'
import { testRedis, testRedisUrl, uniqueBotName } from '../../tests/support/redis'
import { createDrain } from './drain'
import { createGate } from './gate'
import { calmSendDeps, noState } from './send-deps.test.support'

const log = createLogger({ name: 'test', level: 'silent' })
const closers: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

/** A bot that echoes, on a real lane; `hold` and `fail` are texts whose handler waits, or whose call fails. */
async function setup() {
  const bot = uniqueBotName()
  const producer = connectProducer(testRedisUrl(), log)
  const redis = testRedis()
  await eventually(() => expect(producer.status).toBe('ready'))
  const box = createMailbox(producer, log)
  closers.push(() => redis.quit())
  closers.push(() => producer.disconnect())
  closers.push(() => box.close())
  const heard: string[] = []
  const sent: string[] = []
  const letGo: (() => void)[] = []
  const aborted: unknown[] = []
  const errors: ApiError[] = []
  const handler = defineBot((define) =>
    define.otherwise(async (ctx) => {
      heard.push(ctx.key)
      if (ctx.key === 'wait') {
        ctx.signal.addEventListener('abort', () => aborted.push(ctx.signal.reason))
        await new Promise<void>((resolve) => letGo.push(resolve))
        await ctx.push('late').catch((error: unknown) => aborted.push(error))
      }
      if (ctx.key.startsWith('hold')) await new Promise<void>((resolve) => letGo.push(resolve))
      if (ctx.type === 'text') await ctx.reply(ctx.key)
    }),
  )
  const drain = createDrain({
    bot,
    handler,
    sender: {
      plan: ({ messages }) => [
        {
          operation: 'push',
          target: { kind: 'user', id: 'U1' },
          messages: messages.map((each) => ({ ...each })),
        },
      ],
      limitOf: ({ operation }) => ({ scope: `${bot}:${operation}`, amount: 1000, perMs: 1000 }),
      send: async ({ messages }) => {
        const error = errors.shift()
        if (error) throw error
        sent.push(String(messages[0]?.['text']))
        return {}
      },
    },
    ...calmSendDeps(),
    ...noState(),
    replyFallback: 'park',
    handlerTimeoutMs: 30_000,
    budget: { attempts: 10, maxAgeMs: 3_600_000 },
    ownUsers: [],
    gate: createGate(new AbortController().signal),
    metrics: createMetrics(),
    log,
  })
  return { bot, box, redis, heard, sent, aborted, letGo, errors, work: () => work(bot, drain) }
}

function work(bot: string, drain: ReturnType<typeof createDrain>) {
  const connection = connectWorker(testRedisUrl(), log)
  const worker = startLaneWorker({ bot, redis: connection, drain, concurrency: 5, log })
  closers.push(async () => {
    await worker.ready
    await worker.close()
    connection.disconnect()
  })
}

const base = {
  platform: 'line',
  conversation: { kind: 'user', id: 'U1' },
  occurredAt: 1,
  receivedAt: 1,
  raw: {},
} as const
const post = (box: Mailbox, ...events: Event[]) => box.post(events, 60_000)
const message = (bot: string, key: string, messageId: string): Event => ({
  ...{ ...base, bot, key, messageId },
  ...{ type: 'text', text: `secret ${key}` },
})
const unsend = (bot: string, key: string, messageId: string): Event => ({
  ...{ ...base, bot, key, messageId },
  type: 'unsend',
})

/** Every value of the bot in Redis. */
async function dump(redis: Redis, bot: string): Promise<string> {
  const values: unknown[] = []
  for (const key of await redis.keys(`{hookline:${bot}}*`)) {
    const kind = await redis.type(key)
    if (kind === 'string') values.push(await redis.get(key))
    if (kind === 'list') values.push(await redis.lrange(key, 0, -1))
    if (kind === 'hash') values.push(await redis.hgetall(key))
  }
  return JSON.stringify(values)
}

test('a message that was taken back before a worker came is neither handled nor answered', async () => {
  const { bot, box, heard, sent, work } = await setup()
  await post(box, message(bot, 'e1', '1'), message(bot, 'e2', '2'))
  await post(box, unsend(bot, 'e3', '1'))
  work()
  await eventually(() => expect(heard).toEqual(['e2', 'e3']))
  await eventually(() => expect(sent).toEqual(['e2']))
})

test('a message that was taken back while its handler ran is not answered, and its text is gone', async () => {
  const { bot, box, redis, heard, sent, letGo, work } = await setup()
  work()
  await post(box, message(bot, 'hold', '1'), message(bot, 'e2', '2'))
  await eventually(() => expect(letGo).toHaveLength(1))
  await post(box, unsend(bot, 'e3', '1'))
  expect(await dump(redis, bot)).not.toContain('secret hold')
  letGo[0]?.()
  await eventually(() => expect(heard).toEqual(['hold', 'e2', 'e3']))
  expect(sent).toEqual(['e2'])
})

test('a handler that takes long learns that its message was taken back, and what it pushes then is not sent', async () => {
  const { bot, box, heard, sent, aborted, letGo, work } = await setup()
  work()
  await post(box, message(bot, 'wait', '1'), message(bot, 'e2', '2'))
  await eventually(() => expect(heard).toEqual(['wait']))
  await post(box, unsend(bot, 'e3', '1'))
  await eventually(() => expect(aborted).toEqual([expect.objectContaining({ code: 'unsent' })]))
  // The lane goes on although the handler has not ended.
  await eventually(() => expect(heard).toEqual(['wait', 'e2', 'e3']))
  letGo[0]?.()
  await eventually(() => expect(aborted).toHaveLength(2))
  expect(aborted[1]).toMatchObject({ code: 'no_target' })
  expect(sent).toEqual(['e2'])
})

test('a message that was taken back while its answer waits for another try is not answered', async () => {
  const { bot, box, redis, heard, sent, errors, work } = await setup()
  errors.push(new ApiError('api_unavailable', 'busy'))
  work()
  await post(box, message(bot, 'e1', '1'))
  await eventually(async () => expect(await dump(redis, bot)).toContain('"failures\\":1'))
  await post(box, unsend(bot, 'e2', '1'))
  expect(await dump(redis, bot)).not.toContain('secret e1')
  await eventually(() => expect(heard).toEqual(['e1', 'e2']))
  expect(sent).toEqual([])
})

test('a message that was parked is erased when it is taken back', async () => {
  const { bot, box, redis, heard, errors, work } = await setup()
  errors.push(new ApiError('api_rejected', 'no', { status: 400 }))
  work()
  await post(box, message(bot, 'e1', '1'))
  await eventually(async () => expect(await listDeadLetters(redis, bot)).toHaveLength(1))
  await post(box, unsend(bot, 'e2', '1'))
  await eventually(() => expect(heard).toEqual(['e1', 'e2']))
  expect(await dump(redis, bot)).not.toContain('secret e1')
  expect(await listDeadLetters(redis, bot)).toMatchObject([{ reason: 'rejected', item: { erased: true } }])
})

test('a message that comes after its unsend event is not handled', async () => {
  const { bot, box, redis, heard, work } = await setup()
  work()
  await post(box, unsend(bot, 'e1', '1'))
  await post(box, message(bot, 'e2', '1'), message(bot, 'e3', '3'))
  expect(await dump(redis, bot)).not.toContain('secret e2')
  await eventually(() => expect(heard).toEqual(['e1', 'e3']))
})
