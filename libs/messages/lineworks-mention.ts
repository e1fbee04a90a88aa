import { invalid, shown } from './rules'

/**
 * The tag that mentions somebody in a LINE WORKS text: `` `${mention(userId)} さん` ``. For `text`, the `contentText` of
 * link and button template, and texts and spans of a flexible template; at most 50 in one content [doc bot-mention].
 * @param who user id or login e-mail; `all` for everybody, in channels only
 */
export function mention(who: string): string {
  if (!/^[^\s"<>]+$/.test(who)) throw invalid('mention', `${shown(who)}, which is no user id.`)
  return `<m userId="${who}">`
}

/**
 * Foreign text for a LINE WORKS content: what looks like a mention mentions nobody, since an invisible character
 * (U+200B) stands behind its `<`. Portable messages go through it by themselves; twice does nothing more.
 */
export function withoutTags(text: string): string {
  return text.replace(/<(?=\s*m\b)/gi, '<\u200B')
}

/** Who is mentioned in a text, repetitions included. */
export function mentionedIn(text: string): string[] {
  return [...text.matchAll(mentionTag)].map(([, who]) => who ?? '')
}

export const mentionTag = /<m\s+userId="([^"]*)"\s*>/gi
