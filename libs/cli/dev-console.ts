import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { generatedPassword } from '#libs/access'

/** What the console of `hookline dev` is started with, beside the address of Redis. */
export interface DevConsole {
  env: NodeJS.ProcessEnv
  /** To be shown; absent where the developer has set one. */
  password?: string
}

/** Of its own settings the console needs a password only; it is told nothing of the bots. */
export function devConsole(env: NodeJS.ProcessEnv, home: string): DevConsole {
  const own = Object.fromEntries(
    Object.entries(env).filter(([name]) => !/^(LINE|LINEWORKS|TOCARO)_/.test(name)),
  )
  if (env['HOOKLINE_CONSOLE_PASSWORD'] || env['HOOKLINE_CONSOLE_PASSWORD_FILE']) return { env: own }
  const password = keptPassword(join(home, 'console-password'))
  return { env: { ...own, HOOKLINE_CONSOLE_PASSWORD: password }, password }
}

/** The same at each start, so that a browser stays logged in. Readable by the owner only. */
function keptPassword(file: string): string {
  try {
    const kept = readFileSync(file, 'utf8').trim()
    if (kept !== '') return kept
  } catch {
    // The first start in this folder.
  }
  const password = generatedPassword()
  writeFileSync(file, `${password}\n`, { mode: 0o600 })
  return password
}
