/** All controls but tab and line ends, and the marks that turn the direction of writing. */
const unseen = /(?![\t\r\n])[\p{Cc}\p{Bidi_Control}]/gu

/** A user's text in which nothing is hidden: characters that are not seen but change what is seen stand as `⟨U+202E⟩`. */
export function readable(text: string): string {
  return text.replace(
    unseen,
    (sign) => `⟨U+${sign.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}⟩`,
  )
}
