import { type KeyObject, createHash, createHmac, createSecretKey, timingSafeEqual } from 'node:crypto'
import { HooklineError } from '#libs/contract'
import type { Conversation, Emoji, Event, EventBase, ImageSet, Mention, Webhook } from '#libs/contract'

/** What receiving for one LINE bot needs. */
export interface LineInSettings {
  /** Name of the bot in the configuration. */
  name: string
  /** Accepted channel secrets, newest first. LINE signs with one only: a list bridges a reissue. */
  channelSecret: string[]
}

type Json = Record<string, unknown>
type Origin = Pick<EventBase, 'bot' | 'receivedAt'>
/** What an event has beyond `EventBase`. */
type Details<E = Event> = E extends Event ? Omit<E, keyof EventBase> : never
/** Gives nothing where a field is missing that the type is of no use without. */
type Reader = (from: Json) => Details | undefined
type Read<T> = (value: unknown, from: Json) => T | undefined
/** How to read each field of T: from the field of the same name, or from the one that is named. */
type Fields<T> = { [K in keyof T]: Read<T[K]> | readonly [field: string, read: Read<T[K]>] }

/** LINE tells neither number nor span of redeliveries [doc D/receiving-messages]: days, to be safe. */
const dedupeWindowMs = 7 * 24 * 60 * 60_000
/** A token is good for 1 min from receipt [doc R#send-reply-message], less the time the reply travels. */
const replyTokenMs = 50_000
/** That of a redelivery dies 20 min after the event, however late it came [doc R#send-reply-message]. */
const redeliveredTokenMs = 20 * 60_000
const nowhere: Conversation = { kind: 'none', id: 'none' }

/** The value of `x-line-signature` for these bytes [doc R#signature-validation]. */
export function sign(body: Buffer, secret: string | KeyObject): string {
  return createHmac('sha256', secret).update(body).digest('base64')
}

/** Verifies the raw bytes, then turns each element of `events` into an event. */
export function createLineWebhook({ name: bot, channelSecret }: LineInSettings): Webhook {
  if (channelSecret.length === 0 || channelSecret.includes('')) {
    throw new HooklineError('config_invalid', `Bot "${bot}" has no channelSecret, or an empty one. Set it.`)
  }
  // Made once: of a text it would be made for every request.
  const keys = channelSecret.map((secret) => createSecretKey(Buffer.from(secret)))
  return {
    ackBody: '',
    dedupeWindowMs,
    receive({ headers, body, receivedAt }) {
      const given = headers['x-line-signature']
      const signature = typeof given === 'object' ? given[0] : given
      if (!signature) return { kind: 'refused', status: 401, reason: 'signature_missing' }
      const authentic = keys.some((key) => same(signature, sign(body, key)))
      if (!authentic) return { kind: 'refused', status: 401, reason: 'signature_mismatch' }
      return { kind: 'events', events: eventsOf(body, { bot, receivedAt }) }
    },
  }
}

/** Compares the Base64 text: decoding first would accept all that Node's lenient decoder skips. */
function same(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)]
  return a.length === b.length && timingSafeEqual(a, b)
}

function eventsOf(body: Buffer, origin: Origin): Event[] {
  const raw = body.toString()
  const parsed = parse(raw)
  const events = get(parsed, 'events', list)
  if (events && isShallow(events, raw)) return events.map((event, i) => eventOf(event, i, origin))
  const reason = parsed === undefined ? 'body is not JSON' : 'body has no readable list of events'
  return [{ ...strayBase(`body-${sha256(body)}`, raw, origin), type: 'unknown', reason }]
}

function eventOf(element: unknown, index: number, origin: Origin): Event {
  const event = object(element)
  if (event) return withDetails(baseOf(event, origin), event)
  const key = sha256(`${JSON.stringify(element)} ${index}`)
  return { ...strayBase(key, element, origin), type: 'unknown', reason: 'event is not an object' }
}

function strayBase(key: string, raw: unknown, { bot, receivedAt }: Origin): EventBase {
  return { key, platform: 'line', bot, conversation: nowhere, occurredAt: receivedAt, receivedAt, raw }
}

/** `raw` becomes the event's, without the token. */
function baseOf(raw: Json, origin: Origin): EventBase {
  const token = id(raw.replyToken)
  // JSON leaves out what is undefined; a copy without it, or to delete it, takes longer than all that follows.
  if (raw.replyToken !== undefined) raw.replyToken = undefined
  // A redelivery repeats all but `deliveryContext` [doc R#common-properties]: without an id, that is the key.
  const key = id(raw.webhookEventId) ?? sha256(JSON.stringify({ ...raw, deliveryContext: undefined }))
  const base = strayBase(key, raw, origin)
  const userId = get(raw.source, 'userId', id)
  if (userId !== undefined) base.userId = userId
  base.conversation = conversationOf(raw.source)
  base.occurredAt = time(raw.timestamp) ?? origin.receivedAt
  if (get(raw.deliveryContext, 'isRedelivery', boolean)) base.redelivery = true
  // LINE sends none in standby [doc R#common-properties]; using one would talk over the channel in charge.
  if (raw.mode === 'standby') base.standby = true
  else if (token) base.replyToken = { token, expiresAt: tokenExpiry(base) }
  return base
}

function conversationOf(source: unknown): Conversation {
  const kind = get(source, 'type', string)
  if (kind !== 'user' && kind !== 'group' && kind !== 'room') return nowhere
  const ownId = get(source, `${kind}Id`, id)
  return ownId ? { kind, id: ownId } : nowhere
}

function tokenExpiry({ receivedAt, occurredAt, redelivery }: EventBase): number {
  return Math.min(receivedAt + replyTokenMs, redelivery ? occurredAt + redeliveredTokenMs : Infinity)
}

function withDetails(base: EventBase, event: Json): Event {
  const eventType = string(event.type) ?? ''
  const isMessage = eventType === 'message'
  const part = object(event[partNames.get(eventType) ?? eventType]) ?? {}
  const type = isMessage ? part.type : event.type
  const read = (isMessage ? messageTypes : eventTypes).get(type)
  const details = read?.(part)
  if (details) return Object.assign(base, details)
  const shown = isString(type) ? `"${type.slice(0, 60)}"` : 'that is not text'
  const reason = `${isMessage ? 'message' : 'event'} type ${shown}${read ? ' without a field it needs' : ''}`
  return Object.assign(base, { type: 'unknown' as const, reason })
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const deepest = 100

/** What is acked must be storable, and JSON.stringify overflows the stack at some thousand levels. */
function isShallow(events: unknown[], text: string): boolean {
  return openings(text, deepest) < deepest || nestsWithin(events, deepest)
}

/** How many objects and lists the text may open at most, as far as `most`: a look at the text is done sooner than at all values. */
function openings(text: string, most: number): number {
  let found = 0
  for (const bracket of ['{', '[']) {
    for (let at = text.indexOf(bracket); at >= 0 && found < most; at = text.indexOf(bracket, at + 1)) found++
  }
  return found
}

function nestsWithin(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return true
  return levels > 0 && Object.values(value).every((child) => nestsWithin(child, levels - 1))
}

const sha256 = (bytes: string | Buffer) => createHash('sha256').update(bytes).digest('hex')

const isString = (value: unknown) => typeof value === 'string'
const string = (value: unknown) => (isString(value) ? value : undefined)
const id = (value: unknown) => string(value) || undefined
const boolean = (value: unknown) => (typeof value === 'boolean' ? value : undefined)
const number = (value: unknown) => (Number.isFinite(value) ? Number(value) : undefined)
const time = (value: unknown) => (Number.isSafeInteger(value) ? Number(value) : undefined)
const list = (value: unknown): unknown[] | undefined => (Array.isArray(value) ? value : undefined)
const strings = (value: unknown) => list(value)?.filter(isString)
const userIds = (value: unknown) => list(value)?.flatMap((member) => get(member, 'userId', id) ?? [])
const messageId = ['id', id] as const
const read = { markAsReadToken: id } as const
const ids = { messageId, quoteToken: id, ...read } as const
const quoting = { ...ids, quotedMessageId: id } as const

function object(value: unknown): Json | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : undefined
}

function stringFields(value: unknown): Record<string, string> | undefined {
  const fields = object(value)
  const isText = (field: [string, unknown]): field is [string, string] => isString(field[1])
  return fields && Object.fromEntries(Object.entries(fields).filter(isText))
}

function mentions(mention: unknown): Mention[] | undefined {
  return get(mention, 'mentionees', list)
    ?.filter(object)
    .map((mentionee) => ({
      ...readMentionee(mentionee),
      ...(get(mentionee, 'type', string) === 'all' && { everyone: true }),
    }))
}

/** Those with all of their fields: an emoji without its place is of no use. */
function emojis(value: unknown): Emoji[] | undefined {
  return list(value)?.flatMap((each) => {
    const { index, length, productId, emojiId } = readEmoji(each)
    if (index === undefined || length === undefined || !productId || !emojiId) return []
    return [{ index, length, productId, emojiId }]
  })
}

function imageSet(value: unknown): ImageSet | undefined {
  const setId = get(value, 'id', id)
  return setId === undefined ? undefined : { id: setId, ...readPlaceInSet(value) }
}

/** LINE keeps what users send unless it says `external`; a file has no `contentProvider` [doc R#message-event]. */
function ownContent(provider: unknown, message: Json): string | undefined {
  return (get(provider, 'type', string) ?? 'line') === 'line' ? id(message.id) : undefined
}

function externalUrl(field: 'originalContentUrl' | 'previewImageUrl') {
  return (provider: unknown) =>
    get(provider, 'type', string) === 'external' ? get(provider, field, id) : undefined
}

function get<T>(from: unknown, field: string, read: Read<T>): T | undefined {
  const fields = object(from)
  return fields && read(fields[field], fields)
}

type Field = readonly [name: string, from: string, read: Read<unknown>]

function listed<T>(fields: Fields<T>): Field[] {
  type Given = Read<unknown> | readonly [string, Read<unknown>]
  return Object.entries(fields as Record<string, Given>).map(([name, field]) =>
    typeof field === 'function' ? [name, name, field] : [name, ...field],
  )
}

/** Puts those of the fields onto `found` that are there and readable; tells how many. */
function readOnto(found: Json, fields: Field[], source: Json): number {
  let count = 0
  for (const [name, from, read] of fields) {
    const value = read(source[from], source)
    if (value === undefined) continue
    found[name] = value
    count += 1
  }
  return count
}

/** Reads those of the fields that are there and readable. */
function some<T>(fields: Fields<T>): (from: unknown) => Partial<T> {
  const all = listed(fields)
  return (from) => {
    const found: Json = {}
    const source = object(from)
    if (source) readOnto(found, all, source)
    return found as Partial<T>
  }
}

/** A type of event or message: the fields it is of no use without, then those it may have. */
function row<T extends string, N, S>(type: T, needs: Fields<N>, takes: Fields<S> = {} as Fields<S>) {
  const [needed, taken] = [listed(needs), listed(takes)]
  const read = (source: Json) => {
    const found: Json = { type }
    if (readOnto(found, needed, source) < needed.length) return undefined
    readOnto(found, taken, source)
    return found as { type: T } & N & Partial<S>
  }
  return [type, read] as const
}

const readMentionee = some({ userId: id, self: ['isSelf', boolean], index: number, length: number })
const readPlaceInSet = some({ index: number, total: number })
const readEmoji = some<Emoji>({ index: number, length: number, productId: id, emojiId: id })

const named = { mentions: ['mention', mentions], emojis } as const

/** [doc R#webhook-event-objects, R#edit-event, P/module] */
const eventRows = [
  row('messageEdited', { text: string, messageId }, { quoteToken: id, ...named }),
  row('unsend', { messageId: id }),
  row('follow', {}, { isUnblocked: boolean }),
  row('unfollow', {}),
  row('join', {}),
  row('leave', {}),
  row('memberJoined', { members: userIds }),
  row('memberLeft', { members: userIds }),
  row('postback', { data: string }, { params: stringFields }),
  row('videoPlayComplete', { trackingId: string }),
  row('beacon', { hwid: string, action: ['type', string] }, { deviceMessage: ['dm', string] }),
  row('accountLink', { result: string, nonce: string }),
  row('membership', { action: ['type', string], membershipId: number }),
  row('module', { action: ['type', string] }, { botId: string, scopes: strings, reason: string }),
  row('activated', {}, { expireAt: time }),
  row('deactivated', {}),
  row('botSuspended', {}),
  row('botResumed', {}),
  row('delivery', { data: string }),
]

/** Where an event keeps its details, if not under the name of its type. */
const partNames = new Map<unknown, string>([
  ['messageEdited', 'message'],
  ['memberJoined', 'joined'],
  ['memberLeft', 'left'],
  ['accountLink', 'link'],
  ['activated', 'chatControl'],
])

const stored = {
  contentId: ['contentProvider', ownContent],
  contentUrl: ['contentProvider', externalUrl('originalContentUrl')],
  previewUrl: ['contentProvider', externalUrl('previewImageUrl')],
  ...read,
} as const
const timed = { ...stored, durationMs: ['duration', number] } as const

/** [doc R#message-event] */
const messageRows = [
  row('text', { text: string }, { ...quoting, ...named }),
  row('image', { messageId }, { ...stored, quoteToken: id, imageSet }),
  row('video', { messageId }, { ...timed, quoteToken: id }),
  row('audio', { messageId }, timed),
  row('file', { messageId }, { ...stored, fileName: string, fileSize: number }),
  row(
    'location',
    { latitude: number, longitude: number },
    { messageId, ...read, title: string, address: string },
  ),
  row(
    'sticker',
    { packageId: string, stickerId: string },
    { ...quoting, resourceType: ['stickerResourceType', string], text: string, keywords: strings },
  ),
]

const eventTypes = new Map<unknown, Reader>(eventRows)
const messageTypes = new Map<unknown, Reader>(messageRows)
