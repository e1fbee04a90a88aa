import type { RedisClient } from '#libs/redis'
import { metaKey } from './bots'
import { openQueue } from './drains'
import { tellFeed } from './feed'
import { botKeys } from './keys'

/** A bot is paused: its events are stored and wait, and workers take none of them. */
export interface Pause {
  /** Unix milliseconds; absent where something else than Hookline paused the queue. */
  since?: number
  reason?: string
}

/** The pause of a bot; undefined when it works. */
export async function readPause(redis: RedisClient, bot: string): Promise<Pause | undefined> {
  if ((await redis.hexists(metaKey(bot), 'paused')) === 0) return undefined
  const { since, reason } = await redis.hgetall(botKeys(bot).pause)
  return {
    ...(since === undefined ? {} : { since: Number(since) }),
    ...(reason === undefined ? {} : { reason }),
  }
}

/**
 * Pauses a bot for all workers, until somebody resumes it: BullMQ hands out no drain of it any more, and a drain under
 * way stops after the item at hand. False: it was paused already; a reason that is given takes the place of the old one.
 */
export async function pauseBot(redis: RedisClient, bot: string, reason?: string): Promise<boolean> {
  const before = await readPause(redis, bot)
  const at = Date.now()
  const kept = reason ?? before?.reason
  await redis.del(botKeys(bot).pause)
  await redis.hset(botKeys(bot).pause, {
    since: before?.since ?? at,
    ...(kept === undefined ? {} : { reason: kept }),
  })
  await onQueue(redis, bot, (queue) => queue.pause())
  if (before === undefined) tellFeed(redis, bot, [{ kind: 'paused', at, bot }])
  return before === undefined
}

/** Lets workers take the bot's lanes again. False: it was not paused. */
export async function resumeBot(redis: RedisClient, bot: string): Promise<boolean> {
  const before = await readPause(redis, bot)
  if (before === undefined) return false
  await onQueue(redis, bot, (queue) => queue.resume())
  await redis.del(botKeys(bot).pause)
  tellFeed(redis, bot, [{ kind: 'resumed', at: Date.now(), bot }])
  return true
}

async function onQueue(
  redis: RedisClient,
  bot: string,
  work: (queue: ReturnType<typeof openQueue>) => Promise<void>,
): Promise<void> {
  const queue = openQueue(bot, redis)
  try {
    await work(queue)
  } finally {
    await queue.close()
  }
}
