import type { Conversation, PlatformName, Story } from '#libs/contract'
import type { Fault, FaultRequest } from './faults'

/**
 * What the emulator's page and the emulator say to each other: types only, for both. All below `/__emulator/page`,
 * JSON (a POST needs content-type application/json). An error is `{ error: words }`.
 */

/** GET /__emulator/page/state */
export interface PageState {
  /** Of the emulator's clock: Unix milliseconds. */
  at: number
  version: string
  platforms: PhoneState[]
  faults: ActiveFault[]
  backstage: BackstageState
  scenario: {
    recording: boolean
    steps: number
    playing?: { name: string; step: number; of: number }
    /** Of the last that was played: what went wrong. */ failed?: string[]
  }
  /** Highest `seq` that this state contains: continue the stream there. */
  seq: number
}

export interface PhoneState {
  platform: PlatformName
  /** The bot's name in Hookline, from the path of its webhook. */
  bot: string
  /** The bot's name on the phone. */
  botName: string
  webhookUrl: string
  /** Tocaro: the endpoint's registration; `disabled` after too many failures. */
  endpoint?: string
  users: PhoneUser[]
  rooms: PhoneRoom[]
  /** What is in each conversation, oldest first; at most the last 200 lines of each. */
  lines: ChatLine[]
}

export interface PhoneUser {
  id: string
  name: string
  /** Of the official account; LINE, LINE WORKS. */
  follows?: boolean
  /** The menu at the bottom of this user's chat, as the platform's own object. */
  menu?: PhoneMenu
}

export interface PhoneRoom {
  id: string
  name: string
  kind: Conversation['kind']
  members: string[]
  /** The bot is in it. */
  joined: boolean
}

/** A LINE rich menu (with its picture as a data URL or path) or a LINE WORKS persistent menu. */
export type PhoneMenu =
  | { platform: 'line'; richMenu: Record<string, unknown>; image?: string }
  /** `image`: path of a rich menu's picture. */
  | { platform: 'lineworks'; menu: Record<string, unknown>; image?: string }

/** One line of a chat. */
export interface ChatLine {
  /** Grows; over all platforms. A line that changes (taken back, edited, delivered) comes again with the same `id` and a new `seq`. */
  seq: number
  id: string
  at: number
  platform: PlatformName
  /** The key of a conversation: `user:U1`, `group:C1`. */
  lane: string
  /** `note`: the platform says something: joined, followed, an error. */
  from: { kind: 'user'; id: string; name: string } | { kind: 'bot' } | { kind: 'note' }
  /** The platform's own message object as it is on the phone; of a note or of an event without a message, `words`. */
  message?: Record<string, unknown>
  /** What is shown in the middle of the chat: `postback data=…`, `Taro joined`, `The platform refused: 400 …`. */
  words?: string
  /** What `words` say, for a page in another language; absent where it is none of these. */
  note?: NoteKind
  /** Path of what the user sent, an image or a file; below /__emulator/page. */
  content?: string
  /** A refusal: the platform's answer to a call of the bot, or what became of a webhook. */
  error?: { status: number; body: string }
  messageId?: string
  unsent?: boolean
  edited?: boolean
  /** Of a user's line: what became of its webhook; absent while it is under way. */
  delivery?: { status: number; outcome: string; ms: number }
  /** Of a user's line or event: give it to /story. */
  webhook?: string
  /** Which way the bot's message came. */
  via?: 'reply' | 'push' | 'api' | 'webhook'
}

export type NoteKind =
  | 'followed'
  | 'unfollowed'
  | 'bot_joined'
  | 'bot_left'
  | 'members_joined'
  | 'members_left'
  | 'postback'
  /** Something was tapped of which the bot is not told: a link, a copied text. */
  | 'tapped'
  /** The platform refused a call of the bot; `error` is its answer. */
  | 'refused'
  /** A call of the bot got no answer. */
  | 'unanswered'
  /** LINE: the user has blocked the account, so the message is not shown. */
  | 'blocked'
  | 'event'

/** GET /__emulator/page/stream?after=SEQ : server-sent events; `data` is one of these as JSON. */
export type PageEvent =
  | { kind: 'line'; line: ChatLine }
  | { kind: 'exchange'; exchange: ExchangeRow }
  | { kind: 'faults'; faults: ActiveFault[] }
  | { kind: 'backstage'; backstage: BackstageState }
  | { kind: 'phones'; platforms: Omit<PhoneState, 'lines'>[] }
  | { kind: 'scenario'; scenario: PageState['scenario'] }

/** POST /__emulator/page/act : a user does something. Answers `{ line?: ChatLine, delivery }` when the first delivery is over. */
export interface Act {
  platform: PlatformName
  /** A user's id or name; one that is not known is made. */
  user: string
  /** A room's id or name; absent: one to one with the bot. */
  room?: string
  does: Deed
}

export type Deed =
  | { kind: 'text'; text: string; mentionsBot?: boolean; replyTo?: string }
  | { kind: 'sticker'; packageId: string; stickerId: string }
  /** `data`: base64 of what was chosen; without it a picture that the emulator has. */
  | { kind: 'image'; name?: string; data?: string; contentType?: string }
  | { kind: 'file'; name: string; data: string; contentType?: string }
  | { kind: 'location'; title?: string; address: string; latitude: number; longitude: number }
  /** A tapped button, quick reply, menu area: the platform's own action object. What it leads to is the emulator's to know. */
  | { kind: 'tap'; action: Record<string, unknown>; params?: Record<string, unknown> }
  | { kind: 'follow' | 'unfollow' | 'join' | 'leave' }
  | { kind: 'unsend'; messageId: string }
  | { kind: 'edit'; messageId: string; text: string }

/** POST /__emulator/page/users {platform, name} and /rooms {platform, name, members: userIds}: answers PhoneUser, PhoneRoom. The bot is told: follow, begin, join. */

/**
 * GET /__emulator/page/contents/MESSAGE_ID (what a user sent on LINE), /__emulator/page/files/FILE_ID (LINE WORKS), /__emulator/page/menus/RICHMENU_ID
 * (the picture of a rich menu of LINE): never shown as a document of this origin.
 */

/** Everything of the fault panel, also what is no fault of a call. */
export interface ActiveFault {
  fault: Fault | BackstageFault
  startedAt: number
  /** Unix milliseconds; absent: until it is switched off. */
  endsAt?: number
  /** How many calls or deliveries it hit. */
  hits: number
}

/** Redis is stopped, or a platform does not answer at all. */
export interface BackstageFault {
  id: string
  kind: 'platform-down' | 'redis-down' | 'reply-token-expired'
  platform?: PlatformName
  durationMs?: number
}

/** POST /__emulator/page/faults; DELETE with {id} or {} ends. Answer: ActiveFault[]. */
export type PageFaultRequest = FaultRequest | Omit<BackstageFault, 'id'>

/** What the emulator can do to the other processes: only below `hookline dev`. */
export interface BackstageState {
  /** The emulator may kill workers and stop Redis here. */
  available: boolean
  worker?: { pid: number; startedAt: number; kills: number }
  redis?: 'up' | 'down'
  /** Timelines can be read: the waterfall is there. */
  stories: boolean
}
/** POST /__emulator/page/kill-worker {} : SIGKILL; the stack starts another. Answer: BackstageState. */

/** What `hookline dev` passes to the emulator. */
export interface Backstage {
  state(): Pick<BackstageState, 'worker' | 'redis'>
  killWorker(): Promise<void>
  stopRedis(): Promise<void>
  startRedis(): Promise<void>
  /** Called at every change of `state`. */
  onChange(listener: () => void): void
}

/** Where the emulator reads the ways of messages; absent where it has no Redis to ask. */
export interface Stories {
  /** By the item's id. */
  story(bot: string, lane: string, id: string): Promise<Story | undefined>
  /** The latest of a conversation, latest first, waiting ones included. */
  ofLane(bot: string, lane: string, most: number): Promise<Story[]>
}

/** GET /__emulator/page/story?webhook=ID : 200 Story, or 404 while there is none; with `&none=null` 200 and null. */

/** One HTTP request, either way; no credential in it. */
export interface ExchangeRow {
  seq: number
  id: string
  at: number
  /** `webhook`: from the platform to the bot. `api`: from the bot to the platform. */
  direction: 'webhook' | 'api'
  platform: PlatformName
  operation: string
  method: string
  /** Path and query, or of a webhook the whole URL. */
  url: string
  /** 0: no answer. */
  status: number
  ms: number
  fault?: string
  lane?: string
}

/** GET /__emulator/page/exchanges?after=SEQ&limit=200 answers `{ exchanges: ExchangeRow[] }`; GET …/exchanges/ID answers: */
export interface Exchange extends ExchangeRow {
  requestHeaders: Record<string, string>
  /** Text; of something else `[1234 bytes]`. At most 64 KiB. */
  requestBody: string
  responseHeaders: Record<string, string>
  responseBody: string
  /** Of a webhook: how its signature comes about, and what Hookline checks. */
  signature?: { header: string; value: string; algorithm: string; over: string; good: boolean }
  /** One command. Credentials are shell variables; `http` names of the variables in `variables`. */
  curl: string
  variables: string[]
}

/**
 * What was done on the page, to be played again: POST /__emulator/page/scenario/record {}, /stop {} answers Scenario ({name} gives it a name),
 * /play Scenario answers 202 (`?speed=2`: twice as fast), /play/end {} ends it; `hookline scenario play FILE` does the same from the command line.
 */
export interface Scenario {
  version: 1
  name: string
  steps: ScenarioStep[]
}
export type ScenarioStep = { afterMs: number } &
  /** `messageId`: what the message was called when this was recorded; a later unsend or edit names it so. */
  (
    | { do: 'act'; act: Act; messageId?: string }
    | { do: 'fault'; fault: PageFaultRequest }
    | { do: 'clear-faults' }
    | { do: 'kill-worker' }
  )
