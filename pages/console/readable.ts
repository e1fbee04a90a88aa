/** C0 and C1 controls but tab and line feed, and the marks that turn the direction of writing. */
const unseen = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g

/** A user's text in which nothing is hidden: characters that are not seen but change what is seen stand as `⟨U+202E⟩`. */
export function readable(text: string): string {
  return text.replace(
    unseen,
    (sign) => `⟨U+${sign.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}⟩`,
  )
}
