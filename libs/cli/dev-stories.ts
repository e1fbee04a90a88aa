import type { Story } from '#libs/contract'
import type { Stories } from '#libs/emulator'
import { type Item, botPrefix } from '#libs/mailbox'
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
    story: async (bot, lane, id) =>
      orNone(waiting(redis, bot, lane)).then((found) => found.find((each) => each.id === id)),
    ofLane: async (bot, lane, most) => (await orNone(waiting(redis, bot, lane))).reverse().slice(0, most),
    close: () => redis.disconnect(),
  }
}

async function orNone(stories: Promise<Story[]>): Promise<Story[]> {
  return stories.catch(() => [])
}

const mostRead = 200

/** The items of a lane, oldest first: what has not ended yet. Items that ended are gone. */
async function waiting(redis: RedisClient, bot: string, lane: string): Promise<Story[]> {
  const texts = await redis.lrange(`${botPrefix(bot)}:lane:${lane}`, 0, mostRead - 1)
  return texts.map((text) => storyOf(itemOf(text), lane))
}

/** `id postedAt json`, as the mailbox writes it. */
function itemOf(text: string): Item {
  return JSON.parse(text.replace(/^\S+ \S+ /, '')) as Item
}

function storyOf({ id, event, postedAt, failures, begun, waits }: Item, lane: string): Story {
  const { bot, platform, conversation, userId, occurredAt, receivedAt, type } = event
  return {
    ...{ id, bot, platform, lane, conversation, type, occurredAt, receivedAt, failures },
    ...(userId === undefined ? {} : { userId }),
    storedAt: postedAt,
    state: begun && !waits ? 'working' : 'waiting',
    ...(waits ? { reason: waits.reason } : {}),
    steps: [
      { name: 'received', at: receivedAt, ms: Math.max(0, postedAt - receivedAt) },
      { name: 'stored', at: postedAt },
      { name: 'waited', at: postedAt, ...(waits ? { code: waits.reason } : {}) },
    ],
    answers: [],
  }
}
