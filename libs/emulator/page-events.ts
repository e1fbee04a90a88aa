import type { Conversation, PlatformName } from '#libs/contract'
import { isRecord } from './api-call'
import type { NoteKind } from './page-types'
import type { RawEvent } from './platform-webhooks'

/** What a phone shows of an event. */
export interface ShownEvent {
  userId?: string
  message?: RawEvent
  messageId?: string
  /** Of an event without a message. */
  note?: NoteKind
  words?: string
  /** It changes an earlier line instead of making one. */
  changes?: 'unsend' | 'edit'
  replyToken?: string
}

/** Reads an event of any platform, complete or odd; never throws. */
export function shownEvent(
  platform: PlatformName,
  event: RawEvent,
  nameOf: (id: string) => string,
): ShownEvent {
  if (platform === 'line') return lineEvent(event, nameOf)
  return platform === 'lineworks' ? lineworksEvent(event, nameOf) : tocaroEvent(event)
}

/** Where an event took place, as the platform says. */
export function conversationOf(platform: PlatformName, event: RawEvent): Conversation {
  const item = platform === 'tocaro' && isRecord(event.event) ? event.event.item : undefined
  const source = isRecord(item) ? { groupId: item.group } : isRecord(event.source) ? event.source : {}
  const { groupId, roomId, channelId, userId } = source as RawEvent
  if (typeof groupId === 'string') return { kind: 'group', id: groupId }
  if (typeof roomId === 'string') return { kind: 'room', id: roomId }
  if (typeof channelId === 'string') return { kind: 'channel', id: channelId }
  return typeof userId === 'string' ? { kind: 'user', id: userId } : { kind: 'none', id: '' }
}

function lineEvent(event: RawEvent, nameOf: (id: string) => string): ShownEvent {
  const { type, replyToken } = event
  const who = {
    ...userOf(event.source),
    ...(typeof replyToken === 'string' ? { replyToken } : {}),
  }
  if (type === 'unsend' && isRecord(event.unsend))
    return { ...who, changes: 'unsend', messageId: String(event.unsend.messageId) }
  if ((type === 'message' || type === 'messageEdited') && isRecord(event.message)) {
    const message = withoutTokens(event.message)
    const messageId = String(message.id)
    return { ...who, message, messageId, ...(type === 'messageEdited' ? { changes: 'edit' as const } : {}) }
  }
  if (type === 'postback' && isRecord(event.postback)) {
    const { data, params } = event.postback
    return { ...who, note: 'postback', words: postbackWords(data, params) }
  }
  const joined = isRecord(event.joined) ? event.joined.members : undefined
  const left = isRecord(event.left) ? event.left.members : undefined
  const members = (list: unknown) =>
    Array.isArray(list) ? list.map((member) => userOf(member).userId ?? '') : []
  return { ...who, ...noteOf(type, { nameOf, ...who, members: members(joined ?? left) }) }
}

function withoutTokens({ quoteToken: _quote, markAsReadToken: _read, ...message }: RawEvent): RawEvent {
  return message
}

function lineworksEvent(event: RawEvent, nameOf: (id: string) => string): ShownEvent {
  const { type, content, data, members } = event
  const who = userOf(event.source)
  if (type === 'message' && isRecord(content)) return { ...who, message: content }
  if (type === 'postback') return { ...who, note: 'postback', words: postbackWords(data, undefined) }
  const named = Array.isArray(members) ? members.map(String) : []
  return { ...who, ...noteOf(type, { nameOf, ...who, members: named }) }
}

function tocaroEvent({ event }: RawEvent): ShownEvent {
  const item = isRecord(event) ? event.item : undefined
  if (!isRecord(item)) return { note: 'event', words: 'event' }
  const userId = typeof item.user === 'string' ? { userId: item.user } : {}
  return { ...userId, message: item }
}

function userOf(source: unknown): { userId?: string } {
  return isRecord(source) && typeof source.userId === 'string' ? { userId: source.userId } : {}
}

function postbackWords(data: unknown, params: unknown): string {
  return `postback ${String(data)}${params === undefined ? '' : ` ${JSON.stringify(params)}`}`
}

interface About {
  nameOf: (id: string) => string
  userId?: string
  members: string[]
}

const notes: Record<string, [NoteKind, (about: { user: string; members: string }) => string]> = {
  follow: ['followed', ({ user }) => `${user} followed the bot`],
  unfollow: ['unfollowed', ({ user }) => `${user} blocked the bot`],
  begin: ['followed', ({ user }) => `${user} opened the talk with the bot`],
  end: ['unfollowed', ({ user }) => `${user} closed the talk with the bot`],
  join: ['bot_joined', () => 'The bot joined'],
  leave: ['bot_left', () => 'The bot left'],
  memberJoined: ['members_joined', ({ members }) => `${members} joined`],
  joined: ['members_joined', ({ members }) => `${members} joined`],
  memberLeft: ['members_left', ({ members }) => `${members} left`],
  left: ['members_left', ({ members }) => `${members} left`],
}

function noteOf(type: unknown, { nameOf, userId, members }: About): Pick<ShownEvent, 'note' | 'words'> {
  const known = typeof type === 'string' && Object.hasOwn(notes, type) ? notes[type] : undefined
  if (!known) return { note: 'event', words: `event ${String(type)}` }
  const user = userId === undefined ? 'A user' : nameOf(userId)
  return { note: known[0], words: known[1]({ user, members: members.map(nameOf).join(', ') }) }
}
