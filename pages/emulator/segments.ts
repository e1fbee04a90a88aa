import { safeHref } from './action'
import { isRecord, number, record, records, text, type Json } from './read'

/** A piece of a text as it is drawn. */
export type Segment =
  | { kind: 'text'; text: string }
  | { kind: 'link'; text: string; href: string }
  | { kind: 'mention'; text: string; self?: boolean }
  | { kind: 'emoji'; id: string }

/** A stretch of a text that is something of its own: UTF-16 units, as the platforms count. */
interface Mark {
  start: number
  end: number
  segment: (piece: string) => Segment
}

const url = /https?:\/\/[^\s<>"「」『』()（）、。]+/g

type NameOf = (userId: string) => string

/** A text of LINE: `text` with `emojis` and, of users, `mention`; `textV2` with its substitutions. */
export function lineSegments(message: Json, nameOf: NameOf): Segment[] {
  if (message.type === 'textV2') return substituted(message, nameOf)
  const words = text(message.text)
  const marks = [
    ...records(message.emojis).flatMap((emoji) =>
      markOf(emoji, () => ({ kind: 'emoji', id: `${text(emoji.productId)}/${text(emoji.emojiId)}` })),
    ),
    ...records(record(message.mention).mentionees).flatMap((mentionee) =>
      markOf(mentionee, (piece) => mention(piece, mentionee.isSelf === true)),
    ),
  ]
  return marked(words, marks)
}

/** An emoji of a bot has no length: it stands for one `$`. */
function markOf(holder: Json, segment: Mark['segment']): Mark[] {
  const start = number(holder.index)
  return start === undefined ? [] : [{ start, end: start + (number(holder.length) ?? 1), segment }]
}

function mention(words: string, self = false): Segment {
  return { kind: 'mention', text: words, ...(self ? { self } : {}) }
}

/** Marks that overlap or lie outside are left out: the text itself is always whole. */
function marked(words: string, marks: Mark[]): Segment[] {
  const found: Segment[] = []
  let at = 0
  for (const { start, end, segment } of marks.toSorted((a, b) => a.start - b.start)) {
    if (start < at || end > words.length || end <= start) continue
    found.push(...linked(words.slice(at, start)), segment(words.slice(start, end)))
    at = end
  }
  return [...found, ...linked(words.slice(at))]
}

/** Web addresses become links; the punctuation behind one does not belong to it. */
export function linked(words: string): Segment[] {
  const found: Segment[] = []
  let at = 0
  for (const match of words.matchAll(url)) {
    const address = match[0].replace(/[.,;:!?'"]+$/, '')
    const href = safeHref(address)
    if (href === undefined) continue
    if (match.index > at) found.push({ kind: 'text', text: words.slice(at, match.index) })
    found.push({ kind: 'link', text: address, href })
    at = match.index + address.length
  }
  if (at < words.length) found.push({ kind: 'text', text: words.slice(at) })
  return found
}

function substituted(message: Json, nameOf: NameOf): Segment[] {
  const parts = record(message.substitution)
  return text(message.text)
    .split(/(\{\{|\}\}|\{[A-Za-z0-9_]+\})/)
    .flatMap((piece) => {
      if (piece === '{{' || piece === '}}') return linked(piece.slice(1))
      const part = piece.startsWith('{') ? parts[piece.slice(1, -1)] : undefined
      return isRecord(part) ? [substitute(part, nameOf)] : linked(piece)
    })
}

function substitute(part: Json, nameOf: NameOf): Segment {
  if (part.type === 'emoji') return { kind: 'emoji', id: `${text(part.productId)}/${text(part.emojiId)}` }
  const mentionee = record(part.mentionee)
  return mention(`@${mentionee.type === 'all' ? 'All' : nameOf(text(mentionee.userId))}`)
}

/** `<m userId="…">` of LINE WORKS; `nameOf` knows the people. */
export function lineworksSegments(words: string, nameOf: NameOf): Segment[] {
  return words.split(/(<m userId="[^"<>]*">)/).flatMap((piece) => {
    const id = /^<m userId="([^"<>]*)">$/.exec(piece)?.[1]
    return id === undefined ? linked(piece) : [mention(`@${id === 'all' ? 'All' : nameOf(id)}`)]
  })
}

/** Tocaro writes a mention as `@name: `; names may have spaces, so only known ones are marked. */
export function tocaroSegments(words: string, names: readonly string[]): Segment[] {
  const marks = names.flatMap((name) => {
    const sign = `@${name}:`
    const start = name === '' ? -1 : words.indexOf(sign)
    return start < 0 ? [] : [{ start, end: start + sign.length, segment: (piece: string) => mention(piece) }]
  })
  return marked(words, marks)
}
