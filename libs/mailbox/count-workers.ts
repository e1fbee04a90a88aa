import { type RedisClient } from '#libs/redis'
import { openQueue } from './drains'

/**
 * How many worker processes listen for this bot's lanes now; undefined where the server does not tell
 * (some hosted ones forbid CLIENT LIST).
 */
export async function countWorkers(redis: RedisClient, bot: string): Promise<number | undefined> {
  const queue = openQueue(bot, redis)
  try {
    const found = await queue.getWorkers()
    // BullMQ's way to say that it was not told.
    if (found.some(({ name = '' }) => name.includes('does not support'))) return undefined
    return found.length
  } catch {
    return undefined
  } finally {
    await queue.close()
  }
}
