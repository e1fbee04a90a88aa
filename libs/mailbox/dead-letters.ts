import { randomUUID } from 'node:crypto'
import type { Redis } from 'ioredis'
import type { Item } from './item'
import { botKeys } from './keys'

/** A parked item with its whole story. */
export interface DeadLetter {
  id: string
  bot: string
  lane: string
  /** Unix milliseconds. */
  parkedAt: number
  /** Why it can't go on, as a stable word: `rejected`, `attempts_used_up`, `not_understood`, … */
  reason: string
  /** The same for people, with the platform's own words. */
  explanation: string
  item: Item
}

export interface ParkReason {
  reason: string
  explanation: string
}

export function deadLetterOf(
  bot: string,
  lane: string,
  item: Item,
  { reason, explanation }: ParkReason,
): DeadLetter {
  return { id: randomUUID(), bot, lane, parkedAt: Date.now(), reason, explanation, item }
}

/** The bot's dead letters, oldest first. */
export async function listDeadLetters(redis: Redis, bot: string): Promise<DeadLetter[]> {
  const keys = botKeys(bot)
  const ids = await redis.zrange(keys.deadLetterTimes, 0, '-1')
  if (ids.length === 0) return []
  const letters = await redis.hmget(keys.deadLetters, ...ids)
  return letters.filter((text) => text !== null).map((text) => JSON.parse(text) as DeadLetter)
}
