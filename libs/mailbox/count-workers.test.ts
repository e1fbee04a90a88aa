import { Worker } from 'bullmq'
import { Redis } from 'ioredis'
import { testRedis, testRedisUrl, uniqueBotName } from '../../tests/support/redis'
import { eventually } from '../../tests/support/eventually'
import { countWorkers } from './count-workers'
import { drainQueueName } from './drains'
import { botPrefix } from './keys'

const redis = testRedis()
afterAll(() => redis.quit())

async function startWorker(bot: string, database: number): Promise<() => Promise<void>> {
  const connection = new Redis(`${testRedisUrl()}/${database}`, { maxRetriesPerRequest: null })
  const worker = new Worker(drainQueueName, () => Promise.resolve(), { connection, prefix: botPrefix(bot) })
  await worker.waitUntilReady()
  return async () => {
    await worker.close()
    await connection.quit()
  }
}

test('workers of a bot are counted, not those of one by the same name in another database', async () => {
  const bot = uniqueBotName()
  const other = new Redis(`${testRedisUrl()}/14`)
  expect(await countWorkers(redis, bot)).toBe(0)
  const stops = [await startWorker(bot, 0), await startWorker(bot, 14), await startWorker(bot, 14)]
  await eventually(async () => {
    expect(await countWorkers(redis, bot)).toBe(1)
    expect(await countWorkers(other, bot)).toBe(2)
  })
  for (const stop of stops) await stop()
  await eventually(async () => expect(await countWorkers(redis, bot)).toBe(0))
  await other.quit()
})
