import { createHash, createHmac, randomUUID, timingSafeEqual } from 'node:crypto'
import {
  HooklineError,
  findOwnMention,
  type Conversation,
  type Event,
  type EventBase,
  type MediaEvent,
  type MembersEvent,
  type Mention,
  type PlainEvent,
  type RefusalReason,
  type Webhook,
  type WebhookRequest,
} from '#libs/contract'

/** What the receiving side of a LINE WORKS bot knows. */
export interface LineworksInSettings {
  /** Name of the bot in the configuration. */
  name: string
  botId: string
  /** Accepted Bot Secrets, newest first; two during rotation. */
  botSecret: string[]
  /** What users write behind `@` to mention the bot. Events do not say who is mentioned [doc bot-callback-message]. */
  botName?: string
}

type Fields = Record<string, unknown>
type Build = (fields: Fields, base: EventBase) => Event

const nowhere: Conversation = { kind: 'none', id: 'none' }

/** LINE WORKS never resends [doc bot-callback-join]: this guards against proxies and replays only. */
const dedupeWindowMs = 10 * 60_000

/** Base64 of 32 bytes. */
const signatureForm = /^[A-Za-z0-9+/]{43}=$/

/** `YYYY-MM-DDThh:mm:ss.SSSZ`; the examples of join and begin have no fraction [doc bot-callback-begin]. */
const issuedTimeForm = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(?:Z|[+-]\d\d:\d\d)$/

/** What a sender writes [doc bot-mention]; whether it also arrives like this is not documented. */
const mentionForm = /<m\s+userId\s*=\s*"([^"]+)"\s*\/?>/g

/** The ingress side of one LINE WORKS bot. Throws `config_invalid` where no secret could verify anything. */
export function createLineworksWebhook(settings: LineworksInSettings): Webhook {
  if (settings.botSecret.length === 0 || settings.botSecret.includes('')) {
    const what = `Bot "${settings.name}" has no botSecret, or an empty one. Copy it from the Developer Console.`
    throw new HooklineError('config_invalid', what)
  }
  return {
    receive(request) {
      const reason = refusalOf(request, settings)
      if (reason) return { kind: 'refused', status: 401, reason }
      return { kind: 'events', events: [toEvent(request, settings)] }
    },
    ackBody: '',
    dedupeWindowMs,
  }
}

/** The value of `X-WORKS-Signature`. The key is the secret's own characters [doc bot-callback]. */
export function sign(body: Buffer, secret: string): string {
  return mac(body, secret).toString('base64')
}

function mac(body: Buffer, secret: string): Buffer {
  return createHmac('sha256', secret).update(body).digest()
}

/** The bot id is not signed, so it is looked at only once the signature has vouched for the sender. */
function refusalOf(request: WebhookRequest, settings: LineworksInSettings): RefusalReason | undefined {
  const signature = request.headers['x-works-signature']
  if (typeof signature !== 'string') return 'signature_missing'
  if (!isSigned(request.body, signature, settings.botSecret)) return 'signature_mismatch'
  if (request.headers['x-works-botid'] !== settings.botId) return 'bot_id_mismatch'
  return undefined
}

/** The form is checked first: `Buffer.from` skips what is not base64 and `timingSafeEqual` wants equal lengths. */
function isSigned(body: Buffer, signature: string, secrets: string[]): boolean {
  if (!signatureForm.test(signature)) return false
  const given = Buffer.from(signature, 'base64')
  return secrets.some((secret) => timingSafeEqual(given, mac(body, secret)))
}

/** One callback is one event, never a batch [doc bot-callback]. */
function toEvent({ body, receivedAt }: WebhookRequest, { name, botId, botName }: LineworksInSettings): Event {
  const value = parseJson(body)
  const fields = isFields(value) ? value : undefined
  const issued = readIssuedTime(fields?.issuedTime)
  const base: EventBase = {
    platform: 'lineworks',
    bot: name,
    // There is no event id. Without a fraction, two equal taps within one second have the same bytes:
    // a hash would drop the second, and nobody would send it again.
    key: fields && !issued?.hasFraction ? randomUUID() : hashOf(botId, body),
    ...readSource(fields?.source),
    occurredAt: issued?.at ?? receivedAt,
    receivedAt,
    raw: value === undefined ? body.toString() : value,
  }
  if (fields) return withOwnMention(normalise(fields, base), botName)
  return unknown(base, value === undefined ? 'body is not JSON' : 'body is not a JSON object')
}

/** A plain `@Name` in the text is all that tells of a mention of the bot [doc bot-callback-message]. */
function withOwnMention(event: Event, botName: string | undefined): Event {
  const own = event.type === 'text' ? findOwnMention(event.text, botName) : undefined
  if (event.type !== 'text' || !own) return event
  return { ...event, mentions: [...(event.mentions ?? []), own] }
}

function hashOf(botId: string, body: Buffer): string {
  return createHash('sha256').update(`${botId}\n`).update(body).digest('hex')
}

function normalise(fields: Fields, base: EventBase): Event {
  const { type } = fields
  if (typeof type !== 'string') return unknown(base, 'event without type')
  const build = eventTypes.get(type)
  if (!build) return unknown(base, `event type ${quoted(type)}`)
  if (base.conversation.kind === 'none') return unknown(base, `${type} event without a readable source`)
  return build(fields, base)
}

/** The eight types of `channelEvents` [doc bot-create]. */
const eventTypes = new Map<string, Build>([
  ['message', message],
  ['postback', postback],
  ['join', plain('join')],
  ['leave', plain('leave')],
  ['joined', members('memberJoined')],
  ['left', members('memberLeft')],
  ['begin', plain('begin')],
  ['end', plain('end')],
])

/** The seven types of `callbackEvents` [doc bot-callback-message]. */
const contentTypes = new Map<string, Build>([
  ['text', text],
  ['location', location],
  ['sticker', sticker],
  ['image', media('image')],
  ['file', media('file')],
  ['audio', media('audio')],
  ['video', media('video')],
])

function message({ content }: Fields, base: EventBase): Event {
  if (!isFields(content)) return unknown(base, 'message event without content')
  if (typeof content.type !== 'string') return unknown(base, 'message event without content.type')
  const build = contentTypes.get(content.type)
  return build ? build(content, base) : unknown(base, `content type ${quoted(content.type)}`)
}

function text(content: Fields, base: EventBase): Event {
  if (typeof content.text !== 'string') return unknown(base, 'text without text')
  const mentions = mentionsIn(content.text)
  return {
    ...base,
    type: 'text',
    text: content.text,
    ...(mentions.length > 0 && { mentions }),
    ...(typeof content.postback === 'string' && { postback: content.postback }),
  }
}

function location({ latitude, longitude, address }: Fields, base: EventBase): Event {
  if (!isNumber(latitude) || !isNumber(longitude))
    return unknown(base, 'location without latitude, longitude')
  return { ...base, type: 'location', latitude, longitude, ...(typeof address === 'string' && { address }) }
}

function sticker({ packageId, stickerId }: Fields, base: EventBase): Event {
  if (!isId(packageId) || !isId(stickerId)) return unknown(base, 'sticker without packageId, stickerId')
  return { ...base, type: 'sticker', packageId, stickerId }
}

function media(type: MediaEvent['type']): Build {
  return ({ fileId }, base) => {
    if (!isId(fileId)) return unknown(base, `${type} without fileId`)
    return { ...base, type, contentId: fileId }
  }
}

function postback({ data }: Fields, base: EventBase): Event {
  if (typeof data !== 'string') return unknown(base, 'postback event without data')
  return { ...base, type: 'postback', data }
}

function plain(type: PlainEvent['type']): Build {
  return (_fields, base) => ({ ...base, type })
}

function members(type: MembersEvent['type']): Build {
  return ({ members: list }, base) => {
    if (!Array.isArray(list) || !list.every(isId)) return unknown(base, `${type} event without members`)
    return { ...base, type, members: list }
  }
}

function unknown(base: EventBase, reason: string): Event {
  return { ...base, type: 'unknown', reason }
}

/**
 * `channelId` is left out of messages from 1:1 rooms [doc bot-callback-message]: the answer then goes to the
 * user. A `channelId` that is there but unreadable is no 1:1 room: better no answer than one in the wrong place.
 */
function readSource(source: unknown): Pick<EventBase, 'conversation' | 'userId' | 'domainId'> {
  if (!isFields(source)) return { conversation: nowhere }
  const { channelId, userId, domainId } = source
  const who = { ...(isId(userId) && { userId }), ...(isNumber(domainId) && { domainId }) }
  if (isId(channelId)) return { conversation: { kind: 'channel', id: channelId }, ...who }
  const isOneToOne = (channelId === undefined || channelId === null) && isId(userId)
  return { conversation: isOneToOne ? { kind: 'user', id: userId } : nowhere, ...who }
}

function readIssuedTime(value: unknown): { at: number; hasFraction: boolean } | undefined {
  const parts = typeof value === 'string' ? issuedTimeForm.exec(value) : null
  const at = parts ? Date.parse(parts[0]) : NaN
  return Number.isFinite(at) ? { at, hasFraction: parts?.[1] !== undefined } : undefined
}

function mentionsIn(words: string): Mention[] {
  return [...words.matchAll(mentionForm)].map((match) => ({
    ...(match[1] === 'all' ? { everyone: true } : { userId: match[1] ?? '' }),
    index: match.index,
    length: match[0].length,
  }))
}

/** Undefined, which no JSON text stands for, where the body is not JSON. */
function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString())
  } catch {
    return undefined
  }
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isNumber(value: unknown): value is number {
  return Number.isFinite(value)
}

function isId(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}

/** Short enough for a log line, whatever was sent. */
function quoted(value: string): string {
  return JSON.stringify(value.slice(0, 40))
}
