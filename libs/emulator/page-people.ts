import { createHash } from 'node:crypto'
import type { Conversation, PlatformName } from '#libs/contract'
import { defaultTocaroGroup, type Accounts } from './accounts'
import type { EmulatorContext } from './context'
import { lineConversation, lineIdOf } from './line-ids'
import type { PhoneMenu, PhoneRoom, PhoneUser } from './page-types'
import type { Platforms } from './platforms'

/** The users and rooms on the phones: those who are there from the start, and all who took part in an event. */
export interface People {
  users(platform: PlatformName): PhoneUser[]
  rooms(platform: PlatformName): PhoneRoom[]
  /** By id or name; one that is not known is made. */
  user(platform: PlatformName, idOrName: string): PhoneUser
  room(platform: PlatformName, idOrName: string, members?: string[]): PhoneRoom
  nameOf(platform: PlatformName, userId: string): string
  follows(platform: PlatformName, userId: string): boolean
  setFollows(platform: PlatformName, userId: string, follows: boolean): void
  /** LINE WORKS: the room that a user and the bot share, which only some events name. */
  oneToOneRoom(userId: string): string
  /** Where a line is shown: the talk with a user also where the platform names its room. */
  laneOf(platform: PlatformName, conversation: Conversation): string
}

export interface PeopleOptions {
  accounts: Accounts
  context: EmulatorContext
  platforms: Platforms
}

interface Folder {
  users: Map<string, string>
  rooms: Map<string, { name: string; members: Set<string> }>
  strangers: Set<string>
}

/** More than a phone can list; an emulator under load sees many thousands. */
const mostListed = 100
const firstUsers = ['Hanako', 'Taro']

export function createPeople({ accounts, context, platforms }: PeopleOptions): People {
  const folders: Record<PlatformName, Folder> = { line: folder(), lineworks: folder(), tocaro: folder() }
  const oneToOne = new Map<string, string>()
  const { directory } = context

  const nameOf = (platform: PlatformName, id: string) =>
    folders[platform].users.get(id) ?? directory.userName(platform, id) ?? id
  const userOf = (platform: PlatformName, id: string): PhoneUser => {
    const menu = menuOf(platform, id, platforms)
    return {
      ...{ id, name: nameOf(platform, id) },
      ...(platform === 'tocaro' ? {} : { follows: !folders[platform].strangers.has(id) }),
      ...(menu ? { menu } : {}),
    }
  }
  const roomOf = (platform: PlatformName, id: string): PhoneRoom => {
    const known = folders[platform].rooms.get(id)
    const members = [...(known?.members ?? []), ...(directory.room(platform, id)?.members ?? [])]
    return {
      id,
      name: known?.name ?? directory.roomName(platform, id) ?? `Room ${id.slice(0, 6)}`,
      kind: roomKind(platform, id),
      members: [...new Set(members)].filter((member) => member !== accounts.tocaro?.botUser),
      joined: !directory.hasLeft(platform, id),
    }
  }
  const userIds = (platform: PlatformName) =>
    latest(
      folders[platform].users.keys(),
      directory.users(platform).map(({ id }) => id),
    ).filter((id) => id !== accounts.tocaro?.botUser)
  const roomIds = (platform: PlatformName) =>
    latest(
      folders[platform].rooms.keys(),
      directory.rooms(platform).map(({ id }) => id),
    ).filter((id) => !oneToOne.has(id))

  const user = (platform: PlatformName, idOrName: string) => {
    const { users } = folders[platform]
    const known = users.has(idOrName) || directory.userName(platform, idOrName) !== undefined
    const named = known ? idOrName : userIds(platform).find((id) => nameOf(platform, id) === idOrName)
    const id = named ?? userId(platform, idOrName)
    if (named === undefined) users.set(id, idOrName)
    return userOf(platform, id)
  }
  const room = (platform: PlatformName, idOrName: string, members: string[] = []) => {
    const { rooms } = folders[platform]
    const known = roomIds(platform).find(
      (each) => each === idOrName || roomOf(platform, each).name === idOrName,
    )
    const id = known ?? roomId(platform, idOrName)
    const entry = rooms.get(id) ?? { name: roomOf(platform, id).name, members: new Set() }
    if (known === undefined && !directory.hasLeft(platform, id)) entry.name = idOrName
    members.forEach((member) => entry.members.add(member))
    rooms.set(id, entry)
    directory.nameRoom(platform, id, entry.name)
    return roomOf(platform, id)
  }
  const oneToOneRoom = (id: string) => {
    const roomId = `dm-${uuidOf(id)}`
    oneToOne.set(roomId, id)
    return roomId
  }

  for (const platform of Object.keys(platforms) as PlatformName[]) {
    const ids = firstUsers.map((name) => user(platform, name).id)
    if (platform === 'tocaro')
      folders.tocaro.rooms.set(defaultTocaroGroup, { name: 'General', members: new Set(ids) })
    room(platform, 'Project', ids)
  }
  return {
    users: (platform) => userIds(platform).map((id) => userOf(platform, id)),
    rooms: (platform) => roomIds(platform).map((id) => roomOf(platform, id)),
    ...{ user, room, nameOf, oneToOneRoom },
    follows: (platform, id) => !folders[platform].strangers.has(id),
    setFollows: (platform, id, follows) => {
      if (follows) folders[platform].strangers.delete(id)
      else folders[platform].strangers.add(id)
    },
    laneOf: (platform, { kind, id }) => {
      const other = platform === 'lineworks' ? oneToOne.get(id) : undefined
      return other === undefined ? `${kind}:${id}` : `user:${other}`
    },
  }
}

function folder(): Folder {
  return { users: new Map(), rooms: new Map(), strangers: new Set() }
}

/** All of the first, and the latest of the others. */
function latest(first: Iterable<string>, others: string[]): string[] {
  return [...new Set([...first, ...others.slice(-mostListed)])].slice(0, 2 * mostListed)
}

function menuOf(platform: PlatformName, userId: string, platforms: Platforms): PhoneMenu | undefined {
  if (platform === 'line') {
    const richMenu = platforms.line?.richMenus.shownTo(userId)
    const image = `/__emulator/page/menus/${encodeURIComponent(String(richMenu?.richMenuId))}`
    return richMenu && { platform, richMenu, image }
  }
  if (platform === 'tocaro') return undefined
  const shown = platforms.lineworks?.menus.shownTo(userId)
  if (!shown) return undefined
  const image = `/__emulator/page/files/${encodeURIComponent(shown.fileId ?? '')}`
  return { platform, menu: shown.menu, ...(shown.fileId === undefined ? {} : { image }) }
}

function roomKind(platform: PlatformName, id: string): Conversation['kind'] {
  if (platform === 'line') return lineConversation(id)?.kind ?? 'group'
  return platform === 'lineworks' ? 'channel' : 'group'
}

/** Ids as the platform's look, always the same for a name, so that a scenario meets the same people again. */
function userId(platform: PlatformName, name: string): string {
  if (platform === 'line') return lineIdOf('U', name)
  if (platform === 'lineworks') return uuidOf(name)
  return /^us\w+$/.test(name) ? name : `us${uuidOf(name).slice(0, 8)}`
}

function roomId(platform: PlatformName, name: string): string {
  if (platform === 'line') return lineIdOf('C', name)
  if (platform === 'lineworks') return uuidOf(`room ${name}`)
  return /^gr\w+$/.test(name) ? name : `gr${uuidOf(name).slice(0, 8)}`
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

function uuidOf(name: string): string {
  if (uuid.test(name)) return name
  const hex = createHash('sha256').update(name).digest('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join(
    '-',
  )
}
