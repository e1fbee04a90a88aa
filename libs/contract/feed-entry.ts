import type { PlatformName } from './event'

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
