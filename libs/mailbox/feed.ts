import type { Entry, FeedEntry } from '#libs/contract'
import type { RedisClient } from '#libs/redis'
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
const gatherMs = 20
/** And no more than this at once. */
const gatherAtMost = 200

export interface Feed {
  tell(entry: FeedEntry): void
  /** Tells what was gathered at once, for the end of the process. */
  flush(): void
}

/** Tells the feed of what comes one by one: a command for each would cost as much as the rest of what is done for it. */
export function openFeed(redis: RedisClient, bot: string): Feed {
  let entries: FeedEntry[] = []
  let timer: NodeJS.Timeout | undefined
  const flush = () => {
    clearTimeout(timer)
    timer = undefined
    const gathered = entries
    entries = []
    tellFeed(redis, bot, gathered)
  }
  return {
    flush,
    tell: (entry) => {
      entries.push(entry)
      if (entries.length >= gatherAtMost) flush()
      else timer ??= setTimeout(flush, gatherMs)
    },
  }
}

export function storedEntry(event: Entry, at: number): FeedEntry {
  const { bot, platform, key, type } = event
  return { kind: 'stored', at, bot, platform, event: key, type, conversation: laneName(event.conversation) }
}

/** The entries of one message of a channel. */
export function readFeed(message: string): FeedEntry[] {
  return message.split('\n').map((line) => JSON.parse(line) as FeedEntry)
}
