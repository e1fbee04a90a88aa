/**
 * The portable messages, for `ctx.reply` and `ctx.push`. All of them are exported by `hookline`.
 *
 * @module messages
 */

import type { PlatformName } from './event'

/** What stands at a place of a list where nothing may stand: the compiler shows its name. */
export interface TooMany<Max extends number> {
  readonly atMost: Max
  readonly never: never
}

/**
 * A list of at most `Max` items. The compiler refuses longer literals and tuples (they have an item number `Max`);
 * of an array it can't know the length, so the builders and the runtime count too.
 */
export type AtMost<Max extends number, Item> = readonly Item[] & {
  // Makes the compiler read a literal as a tuple.
  readonly 0?: Item
} & { readonly [Beyond in Max]?: TooMany<Max> }

/** A choice that the user taps. Labels are at most 20 characters on LINE and LINE WORKS. */
export type Action =
  /** Says `text` (else the label) as the user: comes back as a `text` event. */
  | { type: 'message'; label: string; text?: string }
  /** Comes back as a `postback` event with `data`; the chat shows `text` (else the label) as said by the user. */
  | { type: 'postback'; label: string; data: string; text?: string }
  /** Opens an `https:`, `http:`, `tel:` or `line:` URL. */
  | { type: 'link'; label: string; url: string }

/** A choice above the keyboard; it disappears once used. A string says itself. */
export type QuickReply =
  | string
  | (Action & { imageUrl?: string })
  /** Asks for a place or a picture, on phones: LINE and LINE WORKS. */
  | { type: 'location' | 'camera' | 'cameraRoll'; label: string; imageUrl?: string }

/** What every message may carry. */
export interface MessageBase {
  /** At most 13. */
  quickReplies?: AtMost<13, QuickReply>
}

/** Plain text. Longer than the platform allows: split, never cut inside a character. */
export interface TextMessage extends MessageBase {
  type: 'text'
  text: string
  /**
   * Who stands for which `{key}` in the text: the platform's user id, or `all` for everybody in the room; at most 20
   * in one text. Keys: letters, digits and `_`, at most 20. Other braces are text.
   */
  mentions?: Readonly<Record<string, string | MentionedUser>>
}

export interface MentionedUser {
  /** The platform's user id, or `all`. */
  userId: string
  /** What is shown where the platform does not put the name itself: on Tocaro, and on LINE in one-to-one chats. */
  name?: string
}

/** URLs are https, and may have letters of any script: they are encoded. `previewUrl` is a smaller picture; without one the picture itself. */
export interface ImageMessage extends MessageBase {
  type: 'image'
  url: string
  previewUrl?: string
  /** Said in its place where a picture can't be shown. */
  alt?: string
}

export interface FileMessage extends MessageBase {
  type: 'file'
  url: string
  /** What the user sees: `見積書.pdf`. */
  name: string
}

export interface LinkMessage extends MessageBase {
  type: 'link'
  text: string
  /** What is tapped. */
  label: string
  url: string
}

export interface LocationMessage extends MessageBase {
  type: 'location'
  title: string
  address: string
  latitude: number
  longitude: number
}

/** Sticker ids differ between platforms; where there is none, `alt` is said. */
export interface StickerMessage extends MessageBase {
  type: 'sticker'
  line?: StickerId
  lineworks?: StickerId
  alt: string
}

export interface StickerId {
  packageId: string
  stickerId: string
}

/** A text with one to four actions to tap. */
export interface ButtonsMessage extends MessageBase {
  type: 'buttons'
  text: string
  title?: string
  imageUrl?: string
  actions: AtMost<4, Action>
}

/** Cards side by side, ten at most, each with the same number of actions (one to three); a title or an image in all or in none. */
export interface CarouselMessage extends MessageBase {
  type: 'carousel'
  cards: AtMost<10, Card>
  /** Said in notifications and where cards can't be shown. */
  alt?: string
}

export interface Card {
  text: string
  title?: string
  imageUrl?: string
  actions: AtMost<3, Action>
}

/**
 * One of the platform's own message objects, sent as it is: LINE a message object, LINE WORKS the
 * `content`, Tocaro the body of a post. An error on any other platform than the one it names.
 */
export interface NativeMessage<P extends PlatformName = PlatformName> {
  type: 'native'
  platform: P
  message: Record<string, unknown>
}

/** What goes out on every platform; where one lacks it, as docs/guide/messages.md says. */
export type PortableMessage =
  | TextMessage
  | ImageMessage
  | FileMessage
  | LinkMessage
  | LocationMessage
  | StickerMessage
  | ButtonsMessage
  | CarouselMessage

/**
 * What a bot says. `ctx.reply` takes native ones only where `ctx.platform` is known: an array for any platform is a
 * `PortableMessage[]`.
 */
export type Message = PortableMessage | NativeMessage

/** Where a message goes: one of the platform's own ids. */
export interface Target {
  kind: 'user' | 'group' | 'room' | 'channel'
  id: string
}
