import type { FeedEntry } from '#libs/contract'
import { feedChannel, readFeed } from '#libs/mailbox'
import type { RedisClient } from '#libs/redis'

/** What happens, live: one subscription for all who watch, and none while nobody does. */
export interface Tail {
  /** Calls `listener` with everything that happens from now on. Returns what ends that. */
  watch(listener: (entry: FeedEntry) => void): () => void
  close(): void
}

export function createTail(connect: () => RedisClient): Tail {
  const listeners = new Set<(entry: FeedEntry) => void>()
  let redis: RedisClient | undefined
  const open = () => {
    redis = connect()
    redis.on('pmessage', (_pattern: string, _channel: string, message: string) => {
      for (const entry of readFeed(message)) for (const listener of listeners) listener(entry)
    })
    // It waits for Redis; ended while it does, it rejects.
    redis.psubscribe(feedChannel('*')).catch(() => undefined)
  }
  const close = () => {
    redis?.disconnect()
    redis = undefined
  }
  return {
    close,
    watch: (listener) => {
      listeners.add(listener)
      if (!redis) open()
      return () => {
        listeners.delete(listener)
        if (listeners.size === 0) close()
      }
    },
  }
}
