import { isRecord } from './rules'

/** What RFC 3986 lets stand in a URL. */
export const urlCharacters = /^(?:[\w\-.~:/?#[\]@!$&'()*+,;=]|%[\dA-F]{2})+$/i
const strange = /%(?![\dA-F]{2})|[^\w\-.~:/?#[\]@!$&'()*+,;=%]/gi

const fields = new Set(['url', 'previewUrl', 'imageUrl'])

/**
 * A portable message with its URLs percent-encoded and host names in ASCII, as LINE wants them [doc R#message-objects]:
 * authors may write `https://例え.jp/画像.png`. What is encoded already, or is no URL, stays as it is.
 */
export function withEncodedUrls<T>(value: T, field?: string): T
export function withEncodedUrls(value: unknown, field = ''): unknown {
  if (typeof value === 'string') return fields.has(field) ? encoded(value) : value
  if (Array.isArray(value)) return value.map((each: unknown) => withEncodedUrls(each))
  if (!isRecord(value)) return value
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, withEncodedUrls(each, name)]))
}

function encoded(url: string): string {
  // Blanks are a mistake, which the check names.
  if (urlCharacters.test(url) || /\s/.test(url) || !URL.canParse(url)) return url
  return new URL(url).href.replace(strange, encodeURIComponent)
}
