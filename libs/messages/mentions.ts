import type { TextMessage } from '#libs/contract'
import { mentionKey } from './check-portable'

export interface Mentioned {
  key: string
  userId: string
  name?: string
}

/** A text cut into what is said and who is mentioned, in order. */
export function piecesOf({ text, mentions = {} }: TextMessage): (string | Mentioned)[] {
  const pieces: (string | Mentioned)[] = []
  let at = 0
  for (const { 0: placeholder, 1: key = '', index } of text.matchAll(mentionKey)) {
    const who = Object.hasOwn(mentions, key) ? mentions[key] : undefined
    if (who === undefined) continue
    pieces.push(text.slice(at, index), { key, ...(typeof who === 'string' ? { userId: who } : who) })
    at = index + placeholder.length
  }
  return [...pieces, text.slice(at)].filter((piece) => piece !== '')
}

/** What stood beside a name and makes no sense without it. */
const afterName = /^\s*(?:さん|さま|様)?(?:[、,:：]\s*|\s+|$)/

/**
 * The text for a chat in which nobody can be mentioned: the name where one is given; without one the
 * placeholder goes, with the さん, さま or 様 and the comma, colon or blank behind it.
 */
export function withoutMentions(pieces: readonly (string | Mentioned)[]): string {
  let unnamed = false
  let text = ''
  for (const piece of pieces) {
    if (typeof piece === 'string') text += unnamed ? piece.replace(afterName, '') : piece
    else text += piece.name ?? ''
    unnamed = typeof piece !== 'string' && piece.name === undefined
  }
  return text
}
