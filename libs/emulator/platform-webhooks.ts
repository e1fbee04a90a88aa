import type { ChatLine } from './page-types'
import type { Delivery } from './webhook-sender'

/** An event in the platform's own words, complete or in part. */
export type RawEvent = Record<string, unknown>

/** What a user says. `user` and `room` are platform ids or plain names; no room: one to one. */
export interface Said {
  text: string
  user?: string
  room?: string
}

/** What the page shows of a deed beside the events that it leads to. */
export interface Shown {
  /** The platform's message object that stands in the chat for an event without a message: a tapped button's words. */
  message?: Record<string, unknown>
  /** Where the page finds what was sent: an image, a file. */
  content?: string
  /** Filled in: the lines that came of it. */
  lines: ChatLine[]
}

/** One platform's way of telling the bot what happened. */
export interface PlatformWebhooks {
  say(said: Said): Promise<Delivery>
  /** Sends events, common fields filled in. `batch`: in one request, where the platform does that (LINE). */
  send(events: RawEvent[], batch: boolean, shown?: Shown): Promise<Delivery[]>
}
