import type { Context } from './context'
import { invalidBot, shown } from './check-names'
import { saidTexts } from './said-text'

/** What a listener adds to the context of the event that it takes. */
export interface Findings {
  match?: RegExpMatchArray
  args?: string[]
}

/** Looks at an event: undefined where it is not for this listener. */
export type Look = (context: Context) => Findings | undefined

/** Looks for a text that is equal to one of the strings, or matches one of the patterns. */
export function createHears(patterns: unknown): Look {
  const list = Array.isArray(patterns) ? (patterns as unknown[]) : [patterns]
  if (list.length === 0) throw invalidBot('bot.hears needs at least one text or pattern.')
  const finders = list.map((pattern) => createFinder(pattern, 'bot.hears'))
  return (context) => {
    if (context.type !== 'text') return undefined
    for (const text of saidTexts(context)) {
      for (const find of finders) {
        const match = find(text)
        if (match) return { match }
      }
    }
    return undefined
  }
}

/** A text must be equal, a pattern must match; a pattern with `g` or `y` begins at the start each time. */
export function createFinder(pattern: unknown, who: string): (text: string) => RegExpMatchArray | null {
  if (typeof pattern === 'string') {
    const wanted = pattern.trim()
    return (text) => (text === wanted ? ([text] as unknown as RegExpMatchArray) : null)
  }
  if (!isPattern(pattern))
    throw invalidBot(`${who} needs a text or a regular expression, got ${shown(pattern)}.`)
  const plain = new RegExp(pattern.source, pattern.flags.replace(/[gy]/g, ''))
  return (text) => plain.exec(text)
}

/** Not instanceof: under a test runner the pattern may come from another realm. */
function isPattern(value: unknown): value is RegExp {
  return Object.prototype.toString.call(value) === '[object RegExp]'
}

/** Looks for `/name`, also with the full-width slash of Japanese keyboards, and splits what follows at blanks. */
export function createCommand(names: unknown): Look {
  const list = (Array.isArray(names) ? (names as unknown[]) : [names]).map(checkedName)
  if (list.length === 0) throw invalidBot('bot.command needs the name of a command.')
  return (context) => {
    if (context.type !== 'text') return undefined
    for (const text of saidTexts(context)) {
      const [, name, rest = ''] = /^[/／](\S+)(?:\s+(.*))?$/su.exec(text) ?? []
      if (name !== undefined && list.includes(plainName(name)))
        return { args: rest.split(/\s+/u).filter(Boolean) }
    }
    return undefined
  }
}

function checkedName(name: unknown): string {
  if (typeof name !== 'string' || name === '' || /[\s/／]/u.test(name)) {
    throw invalidBot(`bot.command needs a name without slash and blanks, such as "help", got ${shown(name)}.`)
  }
  return plainName(name)
}

/** `/ＨＥＬＰ` is `/help`. */
function plainName(name: string): string {
  return name.normalize('NFKC').toLowerCase()
}
