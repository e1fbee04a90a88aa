import type { ApiRequest, ApiResponse } from './api'
import type { Event, PlatformName } from './event'
import type { Message, Target } from './message'

/** An HTTP request as it came in: header names in lower case, the body's bytes untouched. */
export interface WebhookRequest {
  headers: Record<string, string | string[] | undefined>
  body: Buffer
  /** Unix milliseconds. */
  receivedAt: number
}

/**
 * What a webhook request turned out to be.
 * - `events`: authentic; store them, then answer 200. May be empty (LINE's connection check).
 * - `challenge`: authentic handshake; answer 200 with `body` as application/json.
 * - `refused`: not authentic (401) or cannot be authenticated at all (400); nothing is stored.
 *   `reason` is for logs and metrics and never leaves the process: all refusals look the same outside.
 */
export type Received =
  | { kind: 'events'; events: Event[] }
  | { kind: 'challenge'; body: string }
  | { kind: 'refused'; status: 401 | 400; reason: RefusalReason }

export type RefusalReason =
  'signature_missing' | 'signature_mismatch' | 'token_mismatch' | 'bot_id_mismatch' | 'not_json'

/** The side of a platform that the ingress sees: knows verification secrets and no outgoing credential. */
export interface Webhook {
  /** Verifies and parses. Never throws: authentic bytes of any shape become at least an `unknown` event. */
  receive(request: WebhookRequest): Received
  /** Body of the 200 that acknowledges events. */
  ackBody: string
  /** How long a key must be remembered so that a late redelivery is still seen as one: milliseconds. */
  dedupeWindowMs: number
}

/** One API call, inside the platform's limits, planned but not made. Plain data: it is stored on the item. */
export interface Call {
  /** Name of the API operation, for limits, logs and metrics: `reply`, `push`, `users.messages`, … */
  operation: string
  target: Target
  /** The platform's own message objects. */
  messages: Record<string, unknown>[]
  /** LINE reply only. */
  replyToken?: { token: string; expiresAt: number }
}

/** What `send` is told beside the call. */
export interface SendOptions {
  /** Deterministic UUID of this call, the same on every attempt (LINE: X-Line-Retry-Key). */
  retryKey: string
  signal?: AbortSignal
  /** Told when the call had to wait for an access token, before it goes out. */
  onToken?: TokenNote
}

/** How long somebody waited for an access token that was not at hand. */
export interface TokenFetch {
  /** Unix milliseconds. */
  at: number
  ms: number
  /** Why there is none, as a stable word. */
  code?: string
}

export type TokenNote = (fetch: TokenFetch) => void

/** A limit of the platform that some calls share. Plain data. */
export interface Limit {
  /** Who shares it, across bots and workers: `lineworks:example.com:users.messages`. No secret. */
  scope: string
  /** Calls that are allowed within any `perMs` milliseconds. What the platform states goes before. */
  amount: number
  perMs: number
  /** Calls that may be under way at the same time. */
  atOnce?: number
}

/** What a platform says about its limit in an answer; each part only where it says so. */
export interface StatedLimit {
  /** Calls allowed in a window. */
  amount?: number
  /** Calls left in this window. */
  remaining?: number
  /** Until the window ends: milliseconds. */
  resetMs?: number
}

/** What an accepted call was answered with, beside the acceptance. */
export interface Sent {
  limit?: StatedLimit
  status?: number
  /** The platform's id of the request, for its support. */
  requestId?: string
}

/** The side of a platform that the worker sees. */
export interface Sender {
  /**
   * Turns what a handler said into calls, in order. Pure. Empty for a reply that nobody can get (the user
   * left, the event has no conversation). Throws `HooklineError('message_invalid')` for a message that this
   * platform can't take. A call with operation `parked` is not to be made: it becomes a dead letter.
   */
  plan(request: PlanRequest): Call[]
  /** The limit that the call falls under. Pure. */
  limitOf(call: Call): Limit
  /** Makes one call. Resolves when the platform accepted it; throws `ApiError` otherwise. */
  send(call: Call, options: SendOptions): Promise<Sent>
  /** The user's language (BCP 47), where the platform tells it. Never throws. */
  language?(event: Event, signal?: AbortSignal): Promise<string | undefined>
}

/** Calls of the platform's API beside the sending of messages. */
export interface Caller {
  /** What the call is named in limits, metrics and traces: `push`, `GET /v2/bot/profile/{userId}`. Pure. */
  operationOf(request: ApiRequest): string
  /** The limit that a call falls under. Pure. */
  limitOfRequest(request: ApiRequest): Limit
  /**
   * Makes a call. Resolves with a 2xx answer; throws `ApiError` for any other, and
   * `HooklineError('message_invalid')` for a request that can't be made. A 401 has the token renewed and the call made
   * once more. Retry keys go out only where the request asks for one.
   */
  request(request: ApiRequest, options: SendOptions): Promise<ApiResponse & Sent>
}

export type PlanRequest =
  /** An answer to `event`: through its reply token where there is one. */
  | { kind: 'reply'; event: Event; messages: Message[] }
  /** On the bot's own initiative. */
  | { kind: 'push'; target: Target; messages: Message[] }

/** A source of access tokens. */
export interface TokenSource {
  /** `onFetch` is told when the token was not at hand. */
  get(onFetch?: TokenNote): Promise<string>
  /** Drops the token, if it is still the one that failed, so that the next `get` fetches a new one. */
  invalidate(failed: string): Promise<void>
}

/** One platform: how its folder presents itself. `In` and `Out` are its settings for either side. */
export interface Platform<In, Out> {
  name: PlatformName
  createWebhook(settings: In): Webhook
  createSender(settings: Out, tokens: TokenSource): Sender & Caller
}
