import type { RedisClient } from '#libs/redis'
import { botKeys } from './keys'

/** What a bot keeps of what it has worked on. */
export interface Timeline {
  /** `metadata`: when and how, not what was said. `text`: that too. */
  keep: 'none' | 'metadata' | 'text'
  days: number
  /** At most so many stories of the bot. */
  items: number
}

const dayMs = 86_400_000

/** For how long a story is kept: milliseconds. */
export function timelineMs({ days }: Timeline): number {
  return days * dayMs
}

/** For those who read, who may have no configuration. */
export function timelineFields({ keep, days, items }: Timeline): Record<string, string | number> {
  return { timeline: keep, timelineDays: days, timelineItems: items }
}

/** What a bot keeps; `none` where no worker has said so yet. */
export async function readTimeline(redis: RedisClient, bot: string): Promise<Timeline> {
  const fields = ['timeline', 'timelineDays', 'timelineItems'] as const
  const [keep, days, items] = await redis.hmget(botKeys(bot).about, ...fields)
  return {
    keep: keep === 'text' || keep === 'metadata' ? keep : 'none',
    days: Number(days ?? 0),
    items: Number(items ?? 0),
  }
}
