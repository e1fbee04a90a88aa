import type { Entry, PlatformName } from '#libs/contract'
import type { RedisClient } from '#libs/redis'
import { botPrefix, laneName } from './keys'

/** One thing that happened to an event of a bot. Never carries what was said, nor a token. */
export interface FeedEntry {
  /** `stored`: a webhook's event is in its lane. `item`: one try of an item is over. `paused`, `resumed`: the bot was. */
  kind: 'stored' | 'item' | 'paused' | 'resumed'
  /** Unix milliseconds. */
  at: number
  bot: string
  platform?: PlatformName
  /** The event's key. */
  event?: string
  /** The event's type. */
  type?: string
  /** `user:U1` */
  conversation?: string
  /** How the try ended: `done`, `retry`, `postpone`, `park`. */
  outcome?: string
  /** Why, as a stable word. */
  reason?: string
  /** 1 for the first. */
  attempt?: number
  wait_ms?: number
  work_ms?: number
  handler_ms?: number
  permit_wait_ms?: number
  send_ms?: number
  /** Until the next try. */
  delay_ms?: number
  /** Messages that the bot said. */
  messages?: number
}

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

export function storedEntry(event: Entry, at: number): FeedEntry {
  const { bot, platform, key, type } = event
  return { kind: 'stored', at, bot, platform, event: key, type, conversation: laneName(event.conversation) }
}

/** The entries of one message of a channel. */
export function readFeed(message: string): FeedEntry[] {
  return message.split('\n').map((line) => JSON.parse(line) as FeedEntry)
}
