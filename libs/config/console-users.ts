import { passwordHash, secretList } from './kinds'

/** A user of the console beside `operator` and `viewer`. */
export interface ConsoleUser {
  name: string
  role: 'viewer' | 'operator'
  passwordHash: string
}

const entry = /^([\w.@-]{1,64}):(operator|viewer):(scrypt:.+)$/

/** `NAME:ROLE:HASH` each. */
export const consoleUsers = secretList.transform((entries, context): ConsoleUser[] => {
  const users = entries.map(readEntry)
  const message = users.includes(undefined) ? notOne : nameProblem(users.map((user) => user?.name ?? ''))
  if (message !== undefined) context.addIssue({ code: 'custom', message })
  return users.filter((user) => user !== undefined)
})

const notOne =
  'must be NAME:ROLE:HASH each, the role operator or viewer, the hash as `hookline console hash-password` prints it'

function readEntry(text: string): ConsoleUser | undefined {
  const [, name = '', role = '', hash = ''] = entry.exec(text) ?? []
  if (!passwordHash.test(hash)) return undefined
  return { name, role: role as ConsoleUser['role'], passwordHash: hash }
}

function nameProblem(names: string[]): string | undefined {
  if (names.includes('operator') || names.includes('viewer'))
    return 'must not name operator or viewer: they have settings of their own'
  return new Set(names).size < names.length ? 'names a user twice' : undefined
}
