/**
 * What happened: every event, and its fields. All of them are exported by `hookline`.
 *
 * @module events
 */

import type { Message } from './message'

/** The three chat platforms. */
export type PlatformName = 'lineworks' | 'line' | 'tocaro'

/** A set of names that the platform may add to: the known ones complete in an editor, others are possible. */
export type OpenSet<Known extends string> = Known | (string & Record<never, never>)

/**
 * Where something happened, and where an answer goes. `id` is the platform's own opaque id.
 * `none` stands for events of the bot account itself, which nobody can be answered on.
 */
export interface Conversation {
  kind: 'user' | 'group' | 'room' | 'channel' | 'none'
  id: string
}

/** What every event has, whatever its platform and type. */
export interface EventBase {
  /** Idempotency key, unique within the bot: two deliveries of one event have the same key. */
  key: string
  platform: PlatformName
  /** Name of the bot in the configuration. */
  bot: string
  conversation: Conversation
  /** Who caused the event, where the platform says so. */
  userId?: string
  /** LINE WORKS: the domain of whoever caused it [doc bot-callback-message]. */
  domainId?: number
  /** When it happened, by the platform's clock: Unix milliseconds. */
  occurredAt: number
  /** When the ingress received it: Unix milliseconds. */
  receivedAt: number
  /** When the ingress had verified and understood it: Unix milliseconds. @internal */
  verifiedAt?: number
  /** When it went into the ingress's journal, where it did: Unix milliseconds. @internal */
  journaledAt?: number
  /** The platform says that this is not the first time it sends the event. */
  redelivery?: boolean
  /** LINE only: another channel answers in this chat, so the bot must not. */
  standby?: boolean
  /** LINE only: single use; `expiresAt` (Unix ms) is when the platform stops promising to take it. */
  replyToken?: { token: string; expiresAt: number }
  /** The platform's own object, without any credential. */
  raw: unknown
}

/** Somebody named in a text. `index` and `length` count UTF-16 units where the platform gives them. */
export interface Mention {
  userId?: string
  /** Everybody in the room is meant. */
  everyone?: boolean
  /** The bot itself is meant. LINE WORKS, Tocaro: known by the bot's name or user code in the settings. */
  self?: boolean
  index?: number
  length?: number
}

/** A LINE emoji: it stands as `$` or as a word in the text [doc R#message-event]. */
export interface Emoji {
  /** In UTF-16 units, like `length`. */
  index: number
  length: number
  productId: string
  emojiId: string
}

/** What a message event of LINE may carry, whatever its content [doc R#message-event]. */
export interface MessageIds {
  messageId?: string
  /** Quotes the message in an answer: text, image, video, sticker. */
  quoteToken?: string
  /** Marks the message as read: `ctx.markAsRead()`. Does not run out. */
  markAsReadToken?: string
}

/** A text, or the tap of a button that came as one. */
export interface TextEvent extends EventBase, MessageIds {
  type: 'text'
  text: string
  mentions?: Mention[]
  emojis?: Emoji[]
  /** The message that this one quotes. LINE only. */
  quotedMessageId?: string
  /** LINE WORKS: data of the message action or button that produced the text; `start` for the greeting button. */
  postback?: string
}

/** An image, video, audio or file. `contentId` fetches the bytes; `contentUrl` when they are elsewhere. */
export interface MediaEvent extends EventBase, MessageIds {
  type: 'image' | 'video' | 'audio' | 'file'
  contentId?: string
  contentUrl?: string
  /** A smaller picture of what is at `contentUrl`. */
  previewUrl?: string
  /** LINE: the pictures that were sent together. Their events come in any order. */
  imageSet?: ImageSet
  fileName?: string
  /** Bytes. */
  fileSize?: number
  durationMs?: number
}

/** `index` begins at 1; both numbers are missing on some old phones [doc R#message-event]. */
export interface ImageSet {
  id: string
  index?: number
  total?: number
}

/** A place that the user sent. */
export interface LocationEvent extends EventBase, MessageIds {
  type: 'location'
  latitude: number
  longitude: number
  title?: string
  address?: string
}

/** A sticker that the user sent. */
export interface StickerEvent extends EventBase, MessageIds {
  type: 'sticker'
  packageId: string
  stickerId: string
  /** LINE only. */
  resourceType?: OpenSet<
    | 'STATIC'
    | 'ANIMATION'
    | 'SOUND'
    | 'ANIMATION_SOUND'
    | 'POPUP'
    | 'POPUP_SOUND'
    | 'CUSTOM'
    | 'MESSAGE'
    | 'NAME_TEXT'
    | 'PER_STICKER_TEXT'
  >
  text?: string
  keywords?: string[]
  /** The message that this one quotes. LINE only. */
  quotedMessageId?: string
}

/** What the user chose with a date picker, or the rich menu that a tap led to. LINE only [doc R#postback-event]. */
export interface PostbackParams {
  /** `2026-10-01`. */
  date?: string
  /** `10:30`. */
  time?: string
  /** `2026-10-01T10:30`, the user's local time. */
  datetime?: string
  /** The rich menu that is shown now. */
  newRichMenuAliasId?: string
  /** Whether the rich menu could be switched. */
  status?: OpenSet<'SUCCESS' | 'RICHMENU_ALIAS_ID_NOTFOUND' | 'RICHMENU_NOTFOUND' | 'FAILED'>
}

/** A tapped button that carries data. */
export interface PostbackEvent extends EventBase {
  type: 'postback'
  data: string
  /** What the chat shows as said by the user, where the tap came as a text: LINE WORKS, Tocaro. */
  text?: string
  params?: PostbackParams
}

/** Events that carry nothing beyond who and where. */
export interface PlainEvent extends EventBase {
  type: 'join' | 'leave' | 'unfollow' | 'begin' | 'end' | 'deactivated' | 'botSuspended' | 'botResumed'
}

/** The user added the bot as a friend, or unblocked it. LINE only. */
export interface FollowEvent extends EventBase {
  type: 'follow'
  isUnblocked?: boolean
}

/** Somebody came into the group of the bot, or left it: user ids. */
export interface MembersEvent extends EventBase {
  type: 'memberJoined' | 'memberLeft'
  members: string[]
}

/** The user took a message back. LINE only. */
export interface UnsendEvent extends EventBase {
  type: 'unsend'
  messageId: string
}

/** The user changed a message. LINE only. */
export interface MessageEditedEvent extends EventBase {
  type: 'messageEdited'
  text: string
  /** The same as that of the message as it was first. */
  messageId: string
  /** A new one; the old one still works. */
  quoteToken?: string
  mentions?: Mention[]
  emojis?: Emoji[]
}

/** The user came near a LINE Beacon. */
export interface BeaconEvent extends EventBase {
  type: 'beacon'
  hwid: string
  action: OpenSet<'enter' | 'banner' | 'stay'>
  /** Hexadecimal. */
  deviceMessage?: string
}

/** An account of yours was linked to the user, or was not. LINE only. */
export interface AccountLinkEvent extends EventBase {
  type: 'accountLink'
  result: OpenSet<'ok' | 'failed'>
  nonce: string
}

/** The user saw a video with a `trackingId` to its end. LINE only. */
export interface VideoPlayCompleteEvent extends EventBase {
  type: 'videoPlayComplete'
  trackingId: string
}

/** The user joined, renewed or left a paid membership. LINE only. */
export interface MembershipEvent extends EventBase {
  type: 'membership'
  action: OpenSet<'joined' | 'left' | 'renewed'>
  membershipId: number
}

/** The bot was attached to a LINE Official Account as a module, or detached. */
export interface ModuleEvent extends EventBase {
  type: 'module'
  action: OpenSet<'attached' | 'detached'>
  botId?: string
  scopes?: string[]
  reason?: OpenSet<'bot_deleted'>
}

/** The module got the control over a chat. LINE only. */
export interface ActivatedEvent extends EventBase {
  type: 'activated'
  /** When the control over the chat ends: Unix milliseconds. */
  expireAt?: number
}

/** A LINE notification message was delivered. LINE only. */
export interface DeliveryEvent extends EventBase {
  type: 'delivery'
  data: string
}

/** A timer that a handler set with `ctx.after`, or a time of `bot.every`, has come. */
export interface TimerEvent extends EventBase {
  type: 'timer'
  name: string
  /** What was given when the timer was set. JSON. */
  data?: unknown
}

/** Authentic, but of a type or shape that this version does not know. Stored, counted, never refused. */
export interface UnknownEvent extends EventBase {
  type: 'unknown'
  /** What was not understood, for people: `event type "foo"`, `body is not JSON`. */
  reason: string
}

/** One thing that happened on a platform. Narrow it by `type`. */
export type Event =
  | TextEvent
  | MediaEvent
  | LocationEvent
  | StickerEvent
  | PostbackEvent
  | PlainEvent
  | FollowEvent
  | MembersEvent
  | UnsendEvent
  | MessageEditedEvent
  | BeaconEvent
  | AccountLinkEvent
  | VideoPlayCompleteEvent
  | MembershipEvent
  | ModuleEvent
  | ActivatedEvent
  | DeliveryEvent
  | TimerEvent
  | UnknownEvent

/** The name of a type of event: `text`, `postback`, … */
export type EventType = Event['type']

/** A message that is to be sent on the bot's own initiative: no handler sees it. Its conversation is where it goes. @internal */
export interface OutgoingPush extends EventBase {
  type: 'push'
  messages: Message[]
  /** Hash of what is to be sent and where: tells a repeated request from another one under the same key. */
  digest: string
}

/** What a lane holds: something that happened, or something to send. */
export type Entry = Event | OutgoingPush

/** Every type, for checks at run time; a missing or a surplus one does not compile. */
const types: Record<EventType, true> = {
  text: true,
  image: true,
  video: true,
  audio: true,
  file: true,
  location: true,
  sticker: true,
  postback: true,
  join: true,
  leave: true,
  follow: true,
  unfollow: true,
  begin: true,
  end: true,
  memberJoined: true,
  memberLeft: true,
  unsend: true,
  messageEdited: true,
  beacon: true,
  accountLink: true,
  videoPlayComplete: true,
  membership: true,
  module: true,
  activated: true,
  deactivated: true,
  botSuspended: true,
  botResumed: true,
  delivery: true,
  timer: true,
  unknown: true,
}

/** @internal */
export const eventTypes: readonly string[] = Object.keys(types)
