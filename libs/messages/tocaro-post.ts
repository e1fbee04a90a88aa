import type { AtMost } from '#libs/contract'
import { eitherOf, invalid, isRecord, record, rulesOf } from './rules'

/**
 * One post. `color` and `attachments` are documented for the inbound webhook only, `mentions` are assumed for the Web
 * API only [Tocaro help, inbound webhook; Web API reference].
 */
export interface TocaroPost {
  /** At most 2,000 characters (assumed). Needed unless there are attachments. A bare URL becomes a link. */
  text?: string
  /** User codes; write `@name: ` into the text as well. */
  mentions?: readonly string[]
  color?: 'info' | 'warning' | 'danger' | 'success'
  /** At most ten (assumed). */
  attachments?: AtMost<10, TocaroAttachment>
}

/** A line of title (at most 100 characters) and value (1,000), or a picture behind an https URL: limits are assumed. */
export type TocaroAttachment =
  { title: string; value: string; image_url?: never } | { image_url: string; title?: never; value?: never }

const { text, url, list, oneOf } = rulesOf({ who: 'Tocaro' })

const attachment = record(
  { 'title?': text(100), 'value?': text(1000), 'image_url?': url(Infinity) },
  eitherOf(['title', 'value'], ['image_url']),
)
const post = record({
  'text?': text(2000),
  'mentions?': list(text(Infinity), 0, Infinity),
  'color?': oneOf('info', 'warning', 'danger', 'success'),
  'attachments?': list(attachment, 0, 10),
})

/** Throws `message_invalid` with field, value and limit for a post that Tocaro would refuse, as far as is known. */
export function checkTocaroPost(value: unknown, path = ''): void {
  post(value, path)
  const { text: said, attachments } = isRecord(value) ? value : {}
  if (said === undefined && !(Array.isArray(attachments) && attachments.length > 0)) {
    throw invalid(path, 'There is neither text nor an attachment. Give one.')
  }
}
