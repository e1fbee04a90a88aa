import { HooklineError, suggestion } from '#libs/contract'

/** What is wrong with a bot file, for its author: a bot file in plain JavaScript has no compiler to tell. */
export function invalidBot(message: string): HooklineError {
  return new HooklineError('bot_file_invalid', message)
}

/** Throws `bot_file_invalid` with the nearest right name where `name` is none of `known`. */
export function checkName(what: string, name: unknown, known: readonly string[]): void {
  if (typeof name !== 'string') throw invalidBot(`Expected the name of ${what}, got ${shown(name)}.`)
  if (!known.includes(name)) throw invalidBot(`There is no ${what} "${name}". ${suggestion(name, known)}`)
}

/** The same for each key of an object of options. */
export function checkKeys(what: string, options: unknown, known: readonly string[]): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw invalidBot(`Expected an object with each ${what}, got ${shown(options)}.`)
  }
  for (const key of Object.keys(options)) checkName(what, key, known)
}

/** Throws unless it is a function; `who` is the call that needs one. */
export function checkFunction(who: string, given: unknown): void {
  if (typeof given !== 'function') throw invalidBot(`${who} needs a function, got ${shown(given)}.`)
}

/** A name for errors: `a number`, `null`, `an array`. */
export function shown(value: unknown): string {
  if (value === null || value === undefined) return String(value)
  if (Array.isArray(value)) return 'an array'
  if (typeof value === 'string') return `"${value.slice(0, 60)}"`
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}
