import type { PlatformName } from '#libs/contract'

export interface Room {
  id: string
  members: Set<string>
}

/** Who and what took part in an event so far. Names are what `say` called them. */
export interface Directory {
  saw(platform: PlatformName, seen: { user?: string; room?: string; name?: string }): void
  /** The bot is no longer in the room. */
  left(platform: PlatformName, room: string): void
  /** Name of a known user. */
  userName(platform: PlatformName, id: string): string | undefined
  users(platform: PlatformName): { id: string; name: string }[]
  room(platform: PlatformName, id: string): Room | undefined
  rooms(platform: PlatformName): Room[]
  /** What people call a room. */
  nameRoom(platform: PlatformName, id: string, name: string): void
  roomName(platform: PlatformName, id: string): string | undefined
  hasLeft(platform: PlatformName, id: string): boolean
}

export function createDirectory(): Directory {
  const folder = () => ({
    users: new Map<string, string>(),
    rooms: new Map<string, Room>(),
    left: new Set<string>(),
    roomNames: new Map<string, string>(),
  })
  const of: Record<PlatformName, ReturnType<typeof folder>> = {
    line: folder(),
    lineworks: folder(),
    tocaro: folder(),
  }

  return {
    saw: (platform, { user, room, name }) => {
      const { users, rooms, left } = of[platform]
      if (user !== undefined) users.set(user, name ?? users.get(user) ?? `User ${user.slice(0, 6)}`)
      if (room === undefined) return
      const known = rooms.get(room) ?? { id: room, members: new Set() }
      if (user !== undefined) known.members.add(user)
      rooms.set(room, known)
      left.delete(room)
    },
    left: (platform, room) => {
      of[platform].rooms.delete(room)
      of[platform].left.add(room)
    },
    userName: (platform, id) => of[platform].users.get(id),
    users: (platform) => [...of[platform].users].map(([id, name]) => ({ id, name })),
    room: (platform, id) => of[platform].rooms.get(id),
    rooms: (platform) => [...of[platform].rooms.values()],
    nameRoom: (platform, id, name) => void of[platform].roomNames.set(id, name),
    roomName: (platform, id) => of[platform].roomNames.get(id),
    hasLeft: (platform, id) => of[platform].left.has(id),
  }
}
