import type { Backlog } from '#libs/observability'
import { type RedisClient, runScript } from '#libs/redis'
import { metaKey } from './bots'
import { botKeys } from './keys'
import { backlogScript, recountScript } from './scripts'
import { timerQueueName } from './timers'

/** What one bot has waiting. The same cost whatever waits: Redis keeps the number of items. */
export async function readBacklog(redis: RedisClient, bot: string): Promise<Backlog> {
  // A worker's connection would keep the question until Redis is back; nobody waits for the answer then.
  if (redis.status !== 'ready') throw new Error(`Redis connection is ${redis.status}`)
  const { lanes, items, deadLetterTimes, prefix } = botKeys(bot)
  const ofTimers = ['delayed', 'repeat'].map((kind) => `${prefix}:${timerQueueName}:${kind}`)
  const keys = [lanes, items, deadLetterTimes, ...ofTimers, metaKey(bot)]
  const reply = await runScript(redis, backlogScript, keys, [])
  const [itemCount = 0, laneCount = 0, oldestAgeMs = 0, deadLetters = 0, timers = 0, paused = 0] =
    reply as number[]
  return { items: itemCount, lanes: laneCount, oldestAgeMs, deadLetters, timers, paused: paused === 1 }
}

/** Redis is busy for about two milliseconds with so many. */
const mostLanes = 2000

/**
 * Mends the number of items. No script gets it wrong; this is for what happens outside them: lanes that were
 * written by an earlier version, or a key that somebody removed.
 */
export async function recountItems(redis: RedisClient, bot: string): Promise<void> {
  const keys = botKeys(bot)
  await runScript(redis, recountScript, [keys.lanes, keys.items], [keys.lane(''), mostLanes])
}
