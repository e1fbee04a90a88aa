import type { Mention } from './event'

/**
 * The first `@Name` of the bot in a text, where its name is known. A name that goes on is another one: `@Bot` is not
 * in `@Botan`, but in `@Botさん`.
 */
export function findOwnMention(text: string, botName: string | undefined): Mention | undefined {
  if (!botName) return undefined
  const name = `@${botName}`
  for (let index = text.indexOf(name); index >= 0; index = text.indexOf(name, index + 1)) {
    const length = name.length
    if (!goesOn(text.slice(index + length - 1, index + length + 1))) return { self: true, index, length }
  }
  return undefined
}

/** Japanese is written without blanks, so only Latin letters and digits can make the name a longer one. */
function goesOn(lastAndNext: string): boolean {
  return /^\w\w$/.test(lastAndNext)
}
