import type { PlatformName } from '#libs/contract'
import type { RawEvent } from '#libs/emulator'

/** Somebody who talks to the bot, alone or in a room. */
export interface Conversation {
  number: number
  platform: PlatformName
  /** The platform's id: what the emulator's ledger calls it. */
  id: string
  /** A text of this user, in the platform's own words. */
  says: (text: string) => RawEvent
}

/** The three platforms in turn, one-to-one and rooms in turn. */
export function createConversations(count: number): Conversation[] {
  return Array.from({ length: count }, (_, number) => {
    const make = [lineConversation, lineworksConversation, tocaroConversation][number % 3]
    if (!make) throw new TypeError('there are three platforms')
    return make(number)
  })
}

function lineConversation(number: number): Conversation {
  const hex = number.toString(16).padStart(32, '0')
  const isGroup = number % 2 === 1
  const source = isGroup
    ? { type: 'group', groupId: `C${hex}`, userId: `U${hex}` }
    : { type: 'user', userId: `U${hex}` }
  return {
    number,
    platform: 'line',
    id: isGroup ? `C${hex}` : `U${hex}`,
    says: (text) => ({ type: 'message', source, message: { type: 'text', text } }),
  }
}

function lineworksConversation(number: number): Conversation {
  const isRoom = number % 2 === 1
  const source = isRoom
    ? { userId: `member-${number}`, channelId: `room-${number}` }
    : { userId: `user-${number}` }
  return {
    number,
    platform: 'lineworks',
    id: isRoom ? `room-${number}` : `user-${number}`,
    says: (text) => ({ type: 'message', source, content: { type: 'text', text } }),
  }
}

function tocaroConversation(number: number): Conversation {
  const user = `ususer${number}`
  return {
    number,
    platform: 'tocaro',
    id: `grgroup${number}`,
    says: (text) => ({ event: { user, item: { text, group: `grgroup${number}`, user } } }),
  }
}
