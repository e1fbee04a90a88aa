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
    // The list is of the whole server: another Hookline may use another database of it.
    const database = databaseOf(redis)
    return workers.filter(({ db = database }) => db === database).length
  } catch {
    return undefined
  } finally {
    await queue.close().catch(() => undefined)
  }
}

/** A cluster has no other than 0. */
function databaseOf({ options }: RedisClient): string {
  return String('db' in options ? options.db : 0)
}
