import type { Conversation, PlatformName } from './event'

/** What can take place on the way of an event or a push, in the order in which it does. */
export type StepName =
  /** The webhook's body was read; of a push, the request. */
  | 'received'
  /** Its signature was found good, and it was understood. */
  | 'verified'
  /** It waited in the ingress's journal, because Redis did not take it. */
  | 'journaled'
  /** It is in its lane. */
  | 'stored'
  /** It waited: behind others of its conversation, for a free worker, for the next try. */
  | 'waited'
  /** The bot's handler ran, or a push was planned. */
  | 'handler'
  /** A call waited for leave from the limiter. */
  | 'permit'
  /** An access token was fetched or renewed. */
  | 'token'
  /** One try of one call of the platform's API that sends. */
  | 'send'
  /** One call of a handler beside messages. */
  | 'api'
  /** The platform took all that was to be sent. */
  | 'delivered'
  /** It became a dead letter. */
  | 'parked'
  /** A person put it back into its lane. */
  | 'replayed'

/** One bar, or one mark, of the waterfall. */
export interface Step {
  name: StepName
  /** When it began: Unix milliseconds. */
  at: number
  /** How long it took: milliseconds. Absent: a moment, or not over yet. */
  ms?: number
  /** Of the platform's answer. */
  status?: number
  /** Which call: `reply`, `push`, `users.messages` … */
  operation?: string
  /** Why it failed or why it waited, as a stable word: `api_rate_limited`, `limit`, `breaker`, `handler_error` … Absent: it went well. */
  code?: string
  /** The platform's id of the request, for its support. */
  requestId?: string
}

export type StoryState = 'waiting' | 'working' | 'done' | 'parked'

/** What a story keeps of the messages that were sent for it. */
export interface StoryAnswer {
  operation: string
  state: 'waiting' | 'sending' | 'sent' | 'dropped'
  /** How many messages the call carries. */
  messages: number
  /** What they say, shortened; only where the bot keeps text. */
  text?: string
}

/** The way of one event, or of one push: what the console and the emulator's page draw as a waterfall. */
export interface Story {
  /** Of the item: the event's key. */
  id: string
  bot: string
  platform: PlatformName
  /** `user:U1`: the conversation as lanes name it. */
  lane: string
  conversation: Conversation
  userId?: string
  /** The event's type; `push` for one. */
  type: string
  /** Platform's own id of the message, where there is one: what an unsend names. */
  messageId?: string
  /** Unix milliseconds. */
  occurredAt: number
  receivedAt: number
  storedAt: number
  /** Absent while it is under way. */
  endedAt?: number
  state: StoryState
  /** Why it waits, was ignored, or was parked, as a stable word. */
  reason?: string
  /** Tries so far that failed. */
  failures: number
  replays?: number
  /** Set where a dead letter of it may be there. */
  deadLetter?: string
  /** What the user said or did, shortened; only where the bot keeps text. */
  text?: string
  /** What was said was taken back, or erased. */
  erased?: true
  steps: Step[]
  answers: StoryAnswer[]
  traceId?: string
}
