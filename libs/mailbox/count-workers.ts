import type { RedisClient } from '#libs/redis'
import { drainQueueName } from './drains'
import { openRawQueue } from './raw-queues'

/**
 * How many workers listen for the lanes of a bot; undefined where this Redis does not tell its clients (some
 * providers refuse CLIENT LIST). Only reads.
 */
export async function countWorkers(redis: RedisClient, bot: string): Promise<number | undefined> {
  const queue = openRawQueue(redis, bot, drainQueueName)
  try {
    const workers = await queue.getWorkers()
    // BullMQ gives one entry with these words where the command is refused.
    if (workers.some(({ name }) => name?.startsWith('GCP '))) return undefined
    return workers.length
  } catch {
    return undefined
  } finally {
    await queue.close().catch(() => undefined)
  }
}
