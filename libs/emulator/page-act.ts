import { HooklineError, type PlatformName } from '#libs/contract'
import { defaultTocaroGroup, type Accounts } from './accounts'
import type { EmulatorContext } from './context'
import type { Chat } from './page-chat'
import type { Actor, DeedOf, DeedsOf, Doing } from './page-deeds'
import { lineDeeds } from './page-line-deeds'
import { lineworksDeeds } from './page-lineworks-deeds'
import type { People } from './page-people'
import { tocaroDeeds } from './page-tocaro-deeds'
import type { Act, ChatLine, Deed, PhoneRoom, PhoneUser } from './page-types'
import type { Platforms } from './platforms'
import type { Shown } from './platform-webhooks'

/** What came of an act; `delivery` is absent where the bot is told nothing. */
export interface Acted {
  line?: ChatLine
  delivery?: ChatLine['delivery']
}

/** Plays what users do on the page. */
export interface Acts {
  /** Resolves when the first delivery is over. Refuses what the platform does not have with `config_invalid`. */
  act: (act: Act) => Promise<Acted>
  /** A new user who follows the bot. */
  addUser: (platform: PlatformName, name: string) => Promise<PhoneUser>
  /** A new room with the bot in it. */
  addRoom: (platform: PlatformName, name: string, members: string[]) => Promise<PhoneRoom>
}

export interface ActsOptions {
  accounts: Accounts
  context: EmulatorContext
  platforms: Platforms
  people: People
  chat: Chat
}

export function createActs({ accounts, context, platforms, people, chat }: ActsOptions): Acts {
  const { line, lineworks, tocaro } = accounts
  const deeds: Partial<Record<PlatformName, DeedsOf>> = {
    ...(platforms.line && line ? { line: lineDeeds(platforms.line, line) } : {}),
    ...(platforms.lineworks && lineworks ? { lineworks: lineworksDeeds(platforms.lineworks, people) } : {}),
    ...(platforms.tocaro && tocaro ? { tocaro: tocaroDeeds(tocaro) } : {}),
  }
  const actorOf = ({ platform, user: who, room: where, does }: Act): Actor => {
    const user = people.user(platform, who)
    if (where === undefined && platform !== 'tocaro') return { user, chat }
    const room = people.room(platform, where ?? defaultTocaroGroup, [user.id])
    refuseOutside(does, room)
    return { user, room, chat }
  }
  const act = async (given: Act): Promise<Acted> => {
    const { platform, does } = given
    const of = deeds[platform]
    const webhooks = platforms[platform]?.webhooks
    if (!of || !webhooks)
      throw new HooklineError('config_invalid', `The emulator has no ${platform} account. Start it with one.`)
    const actor = actorOf(given)
    refuseStranger(platform, does, actor)
    const doing = doingOf(of, does, actor)
    context.directory.saw(platform, { user: actor.user.id, name: actor.user.name })
    if (platform === 'tocaro') follow(context, does, actor.room)
    if (!doing.event) return { line: noted(platform, doing, actor) }
    const shown: Shown = { ...shownOf(doing), lines: [] }
    await webhooks.send([doing.event], false, shown)
    const [made] = shown.lines
    return made ? { line: made, ...(made.delivery ? { delivery: made.delivery } : {}) } : {}
  }
  const noted = (platform: PlatformName, { words = '' }: Doing, { user, room }: Actor) => {
    const conversation = room ? { kind: room.kind, id: room.id } : { kind: 'user' as const, id: user.id }
    const lane = people.laneOf(platform, conversation)
    const from = { kind: 'user' as const, id: user.id, name: user.name }
    return chat.add({ platform, lane, from, note: 'tapped', words })
  }
  return {
    act,
    addUser: async (platform, name) => {
      const { id } = people.user(platform, name)
      if (platform !== 'tocaro') await act({ platform, user: id, does: { kind: 'follow' } })
      return people.user(platform, id)
    },
    addRoom: async (platform, name, members) => {
      const ids = members.map((member) => people.user(platform, member).id)
      const { id } = people.room(platform, name, ids)
      const [first = people.users(platform)[0]?.id ?? 'user'] = ids
      await act({ platform, user: first, room: id, does: { kind: 'join' } })
      return people.room(platform, id)
    },
  }
}

/** TypeScript can't follow a kind through a table of functions. */
function doingOf<K extends Deed['kind']>(deeds: DeedsOf, deed: DeedOf<K>, actor: Actor): Doing {
  const play = deeds[deed.kind] as (deed: DeedOf<K>, actor: Actor) => Doing
  return play(deed, actor)
}

function shownOf({ message, content }: Doing): Omit<Shown, 'lines'> {
  return { ...(message ? { message } : {}), ...(content === undefined ? {} : { content }) }
}

/** What is said in a room without the bot does not reach it. */
function refuseOutside({ kind }: Deed, room: PhoneRoom): void {
  if (room.joined || kind === 'join') return
  throw new HooklineError('config_invalid', `The bot is not in ${room.name}: let it join first.`)
}

/** A user who blocked the account can't write to it. */
function refuseStranger(platform: PlatformName, { kind }: Deed, { user, room }: Actor): void {
  if (platform !== 'line' || room || user.follows !== false || kind === 'follow') return
  throw new HooklineError('config_invalid', `${user.name} has blocked the bot: follow it first.`)
}

/** Tocaro tells bots nothing of groups, but a bot outside of one can't post there. */
function follow({ directory }: EmulatorContext, { kind }: Deed, room: PhoneRoom | undefined): void {
  if (room && kind === 'leave') directory.left('tocaro', room.id)
  if (room && kind === 'join') directory.saw('tocaro', { room: room.id })
}
