const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' })

/** East Asian wide and full-width characters; half-width katakana are not among them [Unicode TR 11]. */
const wide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\u4dbf\u4e00-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{1b000}-\u{1b2ff}\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}|\ufe0f/u

/** Marks that take no column; the half-width voicing marks take one although they join the character before. */
const unseen = /^[\p{Mark}\p{Default_Ignorable_Code_Point}]+$/u

function widthOf(grapheme: string): number {
  if (wide.test(grapheme)) return 2
  if (unseen.test(grapheme)) return 0
  return /[\uff9e\uff9f]$/.test(grapheme) && grapheme.length > 1 ? 2 : 1
}

/** Columns that a text takes in a terminal. */
export function textWidth(text: string): number {
  let width = 0
  for (const { segment } of graphemes.segment(text)) width += widthOf(segment)
  return width
}

/** At most `width` columns; what was cut is marked. No character is cut in half. */
export function fit(text: string, width: number): string {
  if (textWidth(text) <= width) return text
  let kept = ''
  let used = 1
  for (const { segment } of graphemes.segment(text)) {
    used += widthOf(segment)
    if (used > width) break
    kept += segment
  }
  return `${kept}…`
}

export function padTo(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - textWidth(text)))
}

/**
 * Text of strangers on one line: what would move the cursor, colour the terminal or turn the direction of
 * writing is shown as a blank.
 */
export function plain(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]+/gu, ' ').trim()
}

/** Breaks a text into lines of at most `width` columns, at blanks where there are some. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of words(text, width)) {
    if (textWidth(line + word.trimEnd()) > width && line !== '') {
      lines.push(line.trimEnd())
      line = ''
    }
    line += word
  }
  return [...lines, line.trimEnd()]
}

/** Words with the blank after them; a word that is wider than a line, as Japanese has no blanks, in single characters. */
function words(text: string, width: number): string[] {
  return text
    .split(/(?<= )/)
    .flatMap((word) =>
      textWidth(word) <= width ? [word] : [...graphemes.segment(word)].map(({ segment }) => segment),
    )
}
