import { defaultTocaroGroup, emulatedBotName, type TocaroAccount } from './accounts'
import { needed, no, tapped, type DeedsOf } from './page-deeds'

const name = 'Tocaro'

/** Tocaro has one event, `message.posted`, and it has text only [Tocaro Event API specification]. */
export function tocaroDeeds(account: TocaroAccount): DeedsOf {
  return {
    text: ({ text, mentionsBot }, { user, room }) => {
      // A mention is rendered as `@<display name>: `, and its codes are listed.
      const mention = `@${emulatedBotName}: `
      const said = mentionsBot
        ? { text: text.includes(mention) ? text : mention + text, mentions: [account.botUser] }
        : { text }
      const group = room?.id ?? defaultTocaroGroup
      return { event: { event: { user: user.id, item: { ...said, group, user: user.id } } } }
    },
    sticker: () => no(name, 'event for stickers'),
    image: () => no(name, 'event for images'),
    file: () => no(name, 'event for files'),
    location: () => no(name, 'event for locations'),
    tap: ({ action }) => tapped('tocaro', action) ?? no(name, 'buttons'),
    follow: () => no(name, 'event for followers'),
    unfollow: () => no(name, 'event for followers'),
    join: (_deed, { room }) => ({ words: `The bot joined ${needed(room, 'Name the group.').name}` }),
    leave: (_deed, { room }) => ({ words: `The bot left ${needed(room, 'Name the group.').name}` }),
    unsend: () => no(name, 'event for a message that is taken back'),
    edit: () => no(name, 'event for an edited message'),
  }
}
