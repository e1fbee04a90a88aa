import { HooklineError, type PlatformName } from '#libs/contract'
import type { Chat } from './page-chat'
import type { Deed, PhoneRoom, PhoneUser } from './page-types'
import type { RawEvent } from './platform-webhooks'

/** Who does something, and where. */
export interface Actor {
  user: PhoneUser
  /** Absent: one to one. */
  room?: PhoneRoom
  chat: Chat
}

/** What a deed leads to: the event that the platform sends, and what the chat shows. */
export interface Doing {
  /** Absent: the bot is not told. */
  event?: RawEvent
  /** Words in the user's chat for an event that has no message. */
  message?: RawEvent
  /** Where the page finds what was sent. */
  content?: string
  /** Of a deed that the bot is not told of. */
  words?: string
}

type Kind = Deed['kind']
export type DeedOf<K extends Kind> = Extract<Deed, { kind: K }>

/** How one platform plays what its users do. */
export type DeedsOf = { [K in Kind]: (deed: DeedOf<K>, actor: Actor) => Doing }

/** Refuses what the platform has no event for. */
export function no(platform: string, what: string): never {
  throw new HooklineError('config_invalid', `${platform} has no ${what}; nothing was sent.`)
}

export function needed<T>(value: T | undefined, words: string): T {
  if (value === undefined) throw new HooklineError('config_invalid', words)
  return value
}

/** The bytes that a deed brings: base64, as the page sends them. */
export function bytesOf(data: string): Buffer {
  if (!/^[A-Za-z0-9+/_-]*={0,2}$/.test(data))
    throw new HooklineError('config_invalid', '`data` is not base64. Give the content of the file in base64.')
  return Buffer.from(data, 'base64')
}

export function textField(action: Record<string, unknown>, name: string): string {
  const value = action[name]
  if (typeof value === 'string' && value !== '') return value
  throw new HooklineError('config_invalid', `The tapped action has no ${name}.`)
}

/** The words of a tap that the platform keeps to itself. */
export function tapped(platform: PlatformName, action: Record<string, unknown>): Doing | undefined {
  const { type } = action
  if (type === 'uri') return { words: `opened ${String(action.uri ?? action.linkUri)}` }
  if (type === 'clipboard' && platform === 'line') return { words: `copied ${String(action.clipboardText)}` }
  if (type === 'copy' && platform === 'lineworks') return { words: `copied ${String(action.copyText)}` }
  return undefined
}

/** Of what came with a tapped camera button, what an image has. */
export function pickedImage({ name, data, contentType }: Record<string, unknown>): DeedOf<'image'> {
  return {
    kind: 'image',
    ...(typeof name === 'string' ? { name } : {}),
    ...(typeof data === 'string' ? { data } : {}),
    ...(typeof contentType === 'string' && mediaType.test(contentType) ? { contentType } : {}),
  }
}

/** Fit for a header. */
export const mediaType = /^[\w.+-]+\/[\w.+-]+$/

/** Of what came with a tapped location button, the place; one that the emulator knows where it is none. */
export function pickedPlace({
  title,
  address,
  latitude,
  longitude,
}: Record<string, unknown>): DeedOf<'location'> {
  if (typeof address !== 'string' || typeof latitude !== 'number' || typeof longitude !== 'number')
    return { kind: 'location', ...somePlace }
  return { kind: 'location', ...(typeof title === 'string' ? { title } : {}), address, latitude, longitude }
}

/** A place for `location` actions without one. */
const somePlace = {
  title: 'Tokyo Station',
  address: '1-9-1 Marunouchi, Chiyoda-ku, Tokyo',
  latitude: 35.681236,
  longitude: 139.767125,
}
