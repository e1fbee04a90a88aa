import { createHmac } from 'node:crypto'
import { type Stored, checkPassword, hashPassword } from '#libs/access'
import type { ConsoleConfig } from '#libs/config'
import type { Role } from './api-types'

export interface User {
  name: string
  role: Role
  passwordHash: string
}

export interface Users {
  find(name: string, shared: Stored): Promise<User | undefined>
  /** The user whose password this is. As slow for a name that nobody has. */
  check(name: string, password: string, shared: Stored): Promise<User | undefined>
}

type Settings = Pick<ConsoleConfig, 'password' | 'viewerPassword' | 'users'>

/** Who may come in: those of the settings, and `operator` with the generated password where none is set. */
export function createUsers({ password, viewerPassword, users = [] }: Settings): Users {
  const hashes = createHashes()
  // A map, for names come from strangers: every plain object has a `constructor`.
  const known = new Map<string, { role: Role; given: string | undefined }>([
    ...users.map(({ name, role, passwordHash }) => [name, { role, given: passwordHash }] as const),
    ...(viewerPassword === undefined ? [] : [['viewer', { role: 'viewer', given: viewerPassword }] as const]),
    ['operator', { role: 'operator', given: password }],
  ])
  const hashOf = async (name: string, given: string | undefined, shared: Stored) => {
    if (given === undefined) return shared.passwordHash
    return given.startsWith('scrypt:') ? given : hashes(name, given, shared)
  }
  const find: Users['find'] = async (name, shared) => {
    const user = known.get(name)
    const passwordHash = user && (await hashOf(name, user.given, shared))
    return passwordHash === undefined ? undefined : { name, role: user?.role ?? 'viewer', passwordHash }
  }
  return {
    find,
    check: async (name, given, shared) => {
      const user = await find(name, shared)
      const hash = user?.passwordHash ?? (await hashes('', 'nobody', shared))
      return (await checkPassword(given, hash)) ? user : undefined
    },
  }
}

/**
 * Hashes of passwords that are given as they are, each made once. Their salt comes from what all consoles share, so that
 * all of them have the same hash, and so the same key for sessions.
 */
function createHashes() {
  const made = new Map<string, Promise<string>>()
  return (name: string, password: string, { secret }: Stored): Promise<string> => {
    const salt = createHmac('sha256', secret).update(`password of ${name}`).digest().subarray(0, 16)
    const key = salt.toString('hex')
    const hash = made.get(key) ?? hashPassword(password, salt)
    made.set(key, hash)
    return hash
  }
}
