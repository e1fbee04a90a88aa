import type { ChatLine, PhoneRoom, PhoneState, PhoneUser } from '../../libs/emulator/page-types'
import { isRecord, records, type Json } from './read'

/** One conversation of a phone. */
export interface Chat {
  lane: string
  title: string
  /** One to one with this user. */
  user?: PhoneUser
  room?: PhoneRoom
}

/** Everything that can be opened; also conversations of which nothing but their lines is known. */
export function chatsOf(phone: PhoneState): Chat[] {
  const rooms = phone.rooms.map((room): Chat => ({ lane: `${room.kind}:${room.id}`, title: room.name, room }))
  // Events of Tocaro always name a group.
  const alone =
    phone.platform === 'tocaro' && rooms.length > 0
      ? []
      : phone.users.map((user): Chat => ({ lane: `user:${user.id}`, title: user.name, user }))
  const known = new Set([...alone, ...rooms].map((chat) => chat.lane))
  const others = [...new Set(phone.lines.map((line) => line.lane))].filter((lane) => !known.has(lane))
  return [...alone, ...rooms, ...others.map((lane) => strayChat(lane, phone))]
}

function strayChat(lane: string, { users }: PhoneState): Chat {
  const [kind = '', ...rest] = lane.split(':')
  const id = rest.join(':')
  if (kind === 'user') {
    const user = users.find((each) => each.id === id) ?? { id, name: id }
    return { lane, title: user.name, user }
  }
  const room = { id, name: id, kind: kind as PhoneRoom['kind'], members: [], joined: true }
  return { lane, title: id, room }
}

/** Who may speak in a chat. */
export function speakersOf(chat: Chat, phone: PhoneState): PhoneUser[] {
  if (chat.user) return [chat.user]
  const members = phone.users.filter((user) => chat.room?.members.includes(user.id))
  return members.length > 0 ? members : phone.users
}

/** Lines after the newest that was seen. */
export function unread(lines: readonly ChatLine[], lane: string, seen: number): number {
  return lines.filter((line) => line.lane === lane && line.seq > seen && line.from.kind === 'bot').length
}

/** The quick replies above the keyboard: those of the latest message, until something else is said. */
export function quickRepliesOf(lines: readonly ChatLine[]): { line: ChatLine; items: Json[] } | undefined {
  const line = lines.findLast((each) => each.from.kind !== 'note')
  const quickReply = line?.from.kind === 'bot' ? line.message?.quickReply : undefined
  if (!line || !isRecord(quickReply)) return undefined
  const items = records(quickReply.items)
  return items.length > 0 ? { line, items } : undefined
}

/** Something that stands in the middle of the chat: nobody's message. */
export function isNote({ from, message, unsent }: ChatLine): boolean {
  return from.kind === 'note' || (message === undefined && !unsent)
}

/** LINE lets people edit in groups and take back everywhere; the other two tell their bots of neither. */
export function mayEdit(line: ChatLine): boolean {
  return mayUnsend(line) && line.message?.type === 'text' && line.lane.startsWith('group:')
}

export function mayUnsend(line: ChatLine): boolean {
  return line.platform === 'line' && line.from.kind === 'user' && line.messageId !== undefined && !line.unsent
}

export type LineState = 'sending' | 'delivered' | 'failed'

export function stateOf({ delivery }: ChatLine): LineState {
  if (!delivery) return 'sending'
  return delivery.status >= 200 && delivery.status < 300 ? 'delivered' : 'failed'
}
