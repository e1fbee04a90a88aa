import type { PlatformName } from '#libs/contract'
import type { Accounts } from './accounts'

/** A text in which the credentials are holes with a name: a shell variable. */
export type Masked = (string | { variable: string })[]

export interface Masking {
  platform: PlatformName
  /** Values that must never be shown, wherever they stand, and what they are called. */
  secrets: [value: string, variable: string][]
}

const prefixes: Record<PlatformName, string> = { line: 'LINE', lineworks: 'LINEWORKS', tocaro: 'TOCARO' }

/** Fields that hold credentials, in JSON, in forms and in queries. */
const fields: Record<string, string> = {
  access_token: 'ACCESS_TOKEN',
  refresh_token: 'REFRESH_TOKEN',
  id_token: 'ID_TOKEN',
  client_secret: 'CLIENT_SECRET',
  assertion: 'ASSERTION',
  client_assertion: 'ASSERTION',
  botSecret: 'BOT_SECRET',
  linkToken: 'LINK_TOKEN',
  replyToken: 'REPLY_TOKEN',
  token: 'TOKEN',
}
const names = Object.keys(fields).join('|')
// The value of a JSON field, of a form field; the key in Tocaro's hook address, and of an upload, which is good once.
const patterns = [
  new RegExp(`("(${names})"\\s*:\\s*")((?:[^"\\\\]|\\\\.)+)`, 'g'),
  new RegExp(`((?:^|[&?])(${names})=)([^&\\s]+)`, 'g'),
  /(\/(inbound_webhook|upload)\/)([^/?\s"]+)/g,
]
const ofPath: Record<string, string> = { inbound_webhook: 'HOOK_KEY', upload: 'UPLOAD_KEY' }

/** What an account's secrets are called in the settings. */
export function secretsOf(accounts: Accounts): Record<PlatformName, Masking['secrets']> {
  const { line, lineworks, tocaro } = accounts
  const given = (pairs: [string | undefined, string][]) =>
    pairs.filter((pair): pair is [string, string] => (pair[0] ?? '').length > 3)
  return {
    line: given([
      [line?.channelAccessToken, 'LINE_CHANNEL_ACCESS_TOKEN'],
      [line?.channelSecret, 'LINE_CHANNEL_SECRET'],
    ]),
    lineworks: given([
      [lineworks?.clientSecret, 'LINEWORKS_CLIENT_SECRET'],
      [lineworks?.botSecret, 'LINEWORKS_BOT_SECRET'],
    ]),
    tocaro: given([
      [tocaro?.signingSecret, 'TOCARO_SIGNING_SECRET'],
      [tocaro?.accessToken, 'TOCARO_ACCESS_TOKEN'],
      [tocaro?.hookKey, 'TOCARO_HOOK_KEY'],
    ]),
  }
}

/** Takes the credentials out: the known ones, then (unless `onlyKnown`) whatever stands in a field for one. */
export function masked(text: string, masking: Masking, { onlyKnown = false } = {}): Masked {
  let parts: Masked = [text]
  for (const [value, variable] of masking.secrets)
    parts = cut(parts, (part) => byValue(part, value, variable))
  if (onlyKnown) return parts
  for (const pattern of patterns) parts = cut(parts, (part) => byField(part, pattern, masking.platform))
  return parts
}

/** As it is shown. */
export function shownMasked(parts: Masked): string {
  return parts.map((part) => (typeof part === 'string' ? part : '***')).join('')
}

function cut(parts: Masked, each: (text: string) => Masked): Masked {
  return parts.flatMap((part) => (typeof part === 'string' ? each(part) : [part]))
}

function byValue(text: string, value: string, variable: string): Masked {
  return text.split(value).flatMap((piece, i) => (i === 0 ? [piece] : [{ variable }, piece]))
}

function byField(text: string, pattern: RegExp, platform: PlatformName): Masked {
  const parts: Masked = []
  let from = 0
  for (const { 0: whole, 1: before = '', 2: name = '', index } of text.matchAll(pattern)) {
    const variable = `${prefixes[platform]}_${ofPath[name] ?? fields[name] ?? 'SECRET'}`
    parts.push(text.slice(from, index + before.length), { variable })
    from = index + whole.length
  }
  return [...parts, text.slice(from)]
}

/** `authorization` and cookies hold nothing else than credentials. */
export function maskedHeader(name: string, value: string, masking: Masking): Masked {
  const lower = name.toLowerCase()
  if (lower === 'cookie' || lower === 'set-cookie') return [{ variable: 'COOKIE' }]
  if (lower !== 'authorization' && lower !== 'proxy-authorization') return masked(value, masking)
  const [scheme = '', ...rest] = value.split(' ')
  const known = masking.secrets.find(([secret]) => secret === rest.join(' '))
  const variable = known?.[1] ?? `${prefixes[masking.platform]}_ACCESS_TOKEN`
  return rest.length > 0 ? [`${scheme} `, { variable }] : [{ variable }]
}
