const graphemes = new Intl.Segmenter('ja', { granularity: 'grapheme' })
const boundaries = /[\n。！？!?\s、,]/u

/** What a person counts as characters; LINE counts some of its limits so. */
export function countGraphemes(text: string): number {
  return [...graphemes.segment(text)].length
}

/**
 * Splits text into parts of at most `limit` UTF-16 units. Cuts after a line break, a sentence end or a
 * blank where one lies in the last fifth of a part, else between two graphemes; never inside a surrogate
 * pair or a grapheme, unless a single grapheme is longer than the limit (then between code points), and
 * never inside what `whole` matches. The parts joined are the text.
 */
export function splitText(text: string, limit: number, whole?: RegExp): string[] {
  if (text.length <= limit) return [text]
  const parts: string[] = []
  let part = ''
  let softBreak = 0
  const take = (piece: string) => {
    while (part.length + piece.length > limit) {
      const cut = softBreak > limit * 0.8 ? softBreak : part.length
      parts.push(part.slice(0, cut))
      part = part.slice(cut)
      softBreak = 0
    }
    part += piece
    if (boundaries.test(piece)) softBreak = part.length
  }
  for (const piece of pieces(text, whole)) {
    if (piece.length <= limit) take(piece)
    else for (const codePoint of piece) take(codePoint)
  }
  if (part) parts.push(part)
  return parts
}

function* pieces(text: string, whole: RegExp | undefined): Iterable<string> {
  let at = 0
  for (const match of whole ? text.matchAll(whole) : []) {
    yield* segments(text.slice(at, match.index))
    yield match[0]
    at = match.index + match[0].length
  }
  yield* segments(text.slice(at))
}

function* segments(text: string): Iterable<string> {
  for (const { segment } of graphemes.segment(text)) yield segment
}
