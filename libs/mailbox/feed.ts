import type { Entry, FeedEntry } from '#libs/contract'
import { type Gathered, type RedisClient, createGathered } from '#libs/redis'
import { botPrefix, laneName } from './keys'

/** The channel of one bot: whoever subscribes hears what happens from then on. Nothing is kept. */
export function feedChannel(bot: string): string {
  return `${botPrefix(bot)}:feed`
}

/**
 * Tells the feed. Nobody waits for it, and an entry that Redis does not take is lost: it costs one command that needs
 * no answer. Each message of the channel is one or more entries, one JSON object per line.
 */
export function tellFeed(redis: RedisClient, bot: string, entries: FeedEntry[]): void {
  if (redis.status !== 'ready' || entries.length === 0) return
  const text = entries.map((entry) => JSON.stringify(entry)).join('\n')
  redis.publish(feedChannel(bot), text).catch(() => undefined)
}

/** People look at the feed: what happens within this time comes together. */
const gathering = { withinMs: 20, atMost: 200 }

/** Tells the feed of what comes one by one. */
export function openFeed(redis: RedisClient, bot: string): Gathered<FeedEntry> {
  return createGathered((entries) => tellFeed(redis, bot, entries), gathering)
}

export function storedEntry(event: Entry, at: number): FeedEntry {
  const { bot, platform, key, type } = event
  return { kind: 'stored', at, bot, platform, event: key, type, conversation: laneName(event.conversation) }
}

/** The entries of one message of a channel. */
export function readFeed(message: string): FeedEntry[] {
  return message.split('\n').map((line) => JSON.parse(line) as FeedEntry)
}
