import type { Story } from '#libs/contract'
import type { Stories } from '#libs/emulator'
import { latestOfLane, readStory, waitingStories } from '#libs/mailbox'
import { createLogger } from '#libs/observability'
import { type RedisClient, connectProducer } from '#libs/redis'

/** The ways of messages, for the emulator's page. While Redis is away there are none. */
export interface DevStories extends Stories {
  close(): void
}

export function createDevStories(redisUrl: string): DevStories {
  // The other processes say it when Redis is away.
  const redis = connectProducer(redisUrl, createLogger({ name: 'stories', level: 'silent' }))
  return {
    story: (bot, lane, id) => readStory(redis, bot, id, lane).catch(() => undefined),
    ofLane: (bot, lane, most) => ofLane(redis, { bot, lane, most }).catch(() => []),
    close: () => redis.disconnect(),
  }
}

interface Asked {
  bot: string
  lane: string
  most: number
}

/** Latest first: those under way stand at the end of the lane, in front of all that ended. */
async function ofLane(redis: RedisClient, { bot, lane, most }: Asked): Promise<Story[]> {
  const [waiting, ended] = await Promise.all([
    waitingStories(redis, { bot, lane, most }),
    latestOfLane(redis, { bot, lane, limit: most }),
  ])
  return [...waiting.reverse(), ...ended.stories].slice(0, most)
}
