const graphemes = new Intl.Segmenter('ja', { granularity: 'grapheme' })
const boundaries = /[\n。！？!?\s、,]/u

/**
 * Splits text into parts of at most `limit` UTF-16 units. Cuts after a line break, a sentence end or a
 * blank where one lies in the last fifth of a part, else between two graphemes; never inside a surrogate
 * pair or a grapheme, unless a single grapheme is longer than the limit (then between code points).
 * The parts joined are the text.
 */
export function splitText(text: string, limit: number): string[] {
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
  for (const { segment } of graphemes.segment(text)) {
    if (segment.length <= limit) take(segment)
    else for (const codePoint of segment) take(codePoint)
  }
  if (part) parts.push(part)
  return parts
}
