import type { Delivery } from './webhook-sender'

/** An event in the platform's own words, complete or in part. */
export type RawEvent = Record<string, unknown>

/** What a user says. `user` and `room` are platform ids or plain names; no room: one to one. */
export interface Said {
  text: string
  user?: string
  room?: string
}

/** One platform's way of telling the bot what happened. */
export interface PlatformWebhooks {
  say(said: Said): Promise<Delivery>
  /** Sends events, common fields filled in. `batch`: in one request, where the platform does that (LINE). */
  send(events: RawEvent[], batch: boolean): Promise<Delivery[]>
}
