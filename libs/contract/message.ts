import type { PlatformName } from './event'

/** Plain text, on every platform. Longer than the platform allows: split, never cut inside a character. */
export interface TextMessage {
  type: 'text'
  text: string
}

/**
 * One of the platform's own message objects, sent as it is: LINE a message object, LINE WORKS the
 * `content`, Tocaro the body of a post. An error on any other platform than the one it names.
 */
export interface NativeMessage {
  type: 'native'
  platform: PlatformName
  message: Record<string, unknown>
}

/** What a bot says. */
export type Message = TextMessage | NativeMessage

/** Where a message goes: one of the platform's own ids. */
export interface Target {
  kind: 'user' | 'group' | 'room' | 'channel'
  id: string
}
