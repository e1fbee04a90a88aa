import type { TextEvent } from '#libs/contract'

/**
 * What a text says to the bot: without white space around it and, second, without the mention of the bot in front.
 * `@Helpdesk /help` is the command `/help`.
 */
export function saidTexts({ text, mentions }: Pick<TextEvent, 'text' | 'mentions'>): string[] {
  const whole = text.trim()
  const own = mentions?.find(
    ({ self, index }) => self && index !== undefined && text.slice(0, index).trim() === '',
  )
  if (own?.index === undefined || own.length === undefined) return [whole]
  // Tocaro writes a colon behind the name; people do too.
  const rest = text
    .slice(own.index + own.length)
    .replace(/^\s*[:：,、]?\s*/u, '')
    .trim()
  return [whole, rest]
}
