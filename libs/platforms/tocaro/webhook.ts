import { createHash, timingSafeEqual } from 'node:crypto'
import {
  HooklineError,
  findOwnMention,
  type Conversation,
  type Event,
  type Mention,
  type Received,
  type Webhook,
  type WebhookRequest,
} from '#libs/contract'

/** What the ingress must know about one Tocaro bot. */
export interface TocaroInSettings {
  /** Name of the bot in the configuration. */
  name: string
  /**
   * Accepted values of `token`, newest first: current and previous signing secret. Which token events carry is
   * not documented beyond doubt, so an operator may add the API token [Tocaro Event API specification].
   */
  signingSecret: string[]
  /** User codes of the bot itself: a mention of one is a mention of the bot. */
  botUser?: readonly string[]
  /** The bot's display name: a mention stands in the text as `@NAME: ` [Tocaro Event API specification]. */
  botName?: string
}

type Json = Record<string, unknown>

/** The `event.item` of a posted message [Tocaro Event API specification, message.posted]. */
interface Post {
  group: string
  user: string
  text: string
  /** Unix milliseconds. */
  ts: number
}

/** The SDK listens to the name with the underscore, the API document uses the dot. */
const postedTypes = new Set<unknown>(['message.posted', 'message_posted'])

const postFields: Record<'group' | 'user' | 'text' | 'ts', (value: unknown) => boolean> = {
  group: isId,
  user: isId,
  text: (value) => typeof value === 'string',
  ts: (value) => Number.isFinite(value),
}

/** Values below this depth are dropped, so that no authentic body can overflow a stack on its way to Redis. */
const maxDepth = 100
/** The last moment that a JavaScript date can hold: Unix milliseconds. */
const endOfTime = 8.64e15

/**
 * Tocaro's event endpoint. The type of a request is in its body, never in its path: the documents leave open
 * which path the handshake takes. `receive` has no side effect, so a request at the host's root may be offered
 * to each bot in turn.
 */
export function createTocaroWebhook(settings: TocaroInSettings): Webhook {
  const { name, signingSecret } = settings
  checkSecrets(name, signingSecret)
  const accepted = signingSecret.map(sha256)
  const redact = createRedactor(signingSecret)
  return {
    receive(request) {
      const body = parseJson(request.body)
      if (body === undefined) return { kind: 'refused', status: 400, reason: 'not_json' }
      if (!isObject(body) || typeof body.token !== 'string') {
        return { kind: 'refused', status: 401, reason: 'signature_missing' }
      }
      if (!isAccepted(body.token, accepted)) return { kind: 'refused', status: 401, reason: 'token_mismatch' }
      return challengeOf(body) ?? { kind: 'events', events: [toEvent(redact(body), settings, request)] }
    },
    ackBody: '{"ok":true}',
    dedupeWindowMs: 24 * 60 * 60 * 1000,
  }
}

/**
 * The body as Tocaro would send it: the same object with the secret as its `token`, which is all that its
 * "signing" is [Tocaro Event API specification]. Bytes that are no JSON object come back unchanged.
 */
export function sign(body: Buffer, secret: string): Buffer {
  const object = parseJson(body)
  return isObject(object) ? Buffer.from(JSON.stringify({ ...object, token: secret })) : body
}

function checkSecrets(name: string, secrets: string[]): void {
  if (secrets.length > 0 && secrets.every((secret) => secret !== '')) return
  throw new HooklineError(
    'config_invalid',
    `Bot "${name}" has ${secrets.length ? 'an empty' : 'no'} signingSecret. Set it to the one that Tocaro shows.`,
  )
}

/** Equal lengths by hashing; every candidate is compared, so that the time tells nothing. */
function isAccepted(token: string, accepted: Buffer[]): boolean {
  const presented = sha256(token)
  return accepted.map((candidate) => timingSafeEqual(candidate, presented)).includes(true)
}

function challengeOf({ type, challenge }: Json): Received | undefined {
  if (type !== 'url_verification' || typeof challenge !== 'string') return undefined
  return { kind: 'challenge', body: JSON.stringify({ challenge }) }
}

/**
 * A copy of a body in which no accepted token is left: members named `token` that hold one are gone, and where
 * else one is found, in a text or in a member's name, a mark stands in its place.
 */
function createRedactor(secrets: string[]): (body: Json) => Json {
  // The longest first: one secret may be the beginning of another.
  const ordered = secrets.toSorted((a, b) => b.length - a.length)
  const redactText = (text: string) => ordered.reduce((rest, secret) => rest.replaceAll(secret, '***'), text)
  const redactValue = (value: unknown, depth: number): unknown => {
    if (typeof value === 'string') return redactText(value)
    if (typeof value !== 'object' || value === null) return value
    if (depth === maxDepth) return '(nested too deeply)'
    return Array.isArray(value)
      ? value.map((entry) => redactValue(entry, depth + 1))
      : redactObject(value, depth)
  }
  const redactObject = (object: object, depth: number): Json =>
    Object.fromEntries(
      Object.entries(object)
        .filter(([key, value]) => key !== 'token' || typeof value !== 'string' || !ordered.includes(value))
        .map(([key, value]) => [redactText(key), redactValue(value, depth + 1)]),
    )
  return (body) => redactObject(body, 0)
}

function toEvent(body: Json, settings: TocaroInSettings, { headers, receivedAt }: WebhookRequest): Event {
  const { name: bot } = settings
  const event = objectOf(body.event)
  const item = objectOf(event.item)
  const userId = [item.user, event.user].find(isId)
  const base = {
    platform: 'tocaro' as const,
    bot,
    conversation: conversationOf(item),
    ...(userId === undefined ? {} : { userId }),
    occurredAt: [item.ts, body.eventTime].find(isMoment) ?? receivedAt,
    receivedAt,
    // Its value is not documented; its presence says "again" [Tocaro Event API specification, retry].
    ...(headers['x-tocaro-retry'] === undefined ? {} : { redelivery: true }),
    raw: body,
  }
  if (!isKnown(body, event) || !isPost(item)) {
    return { ...base, type: 'unknown', key: unknownKey(bot, body), reason: whyUnknown(body, event, item) }
  }
  return { ...base, type: 'text', key: postKey(bot, item), text: item.text, ...mentionsOf(item, settings) }
}

function isKnown(body: Json, event: Json): boolean {
  return body.type === 'event_callback' && postedTypes.has(event.type)
}

function isPost(item: Json): item is Json & Post {
  return item.type === 'message' && wrongFields(item).length === 0
}

function wrongFields(item: Json): string[] {
  return Object.entries(postFields).flatMap(([field, isRight]) =>
    isRight(item[field]) ? [] : [`item.${field}`],
  )
}

function conversationOf({ group }: Json): Conversation {
  return isId(group) ? { kind: 'group', id: group } : { kind: 'none', id: '' }
}

/**
 * Who is mentioned is in `mentions`, by user code; the text has the display name, which tells only the place. Where
 * the bot's own code is not known, its name in the text has to do.
 */
function mentionsOf(
  { text, mentions }: Json & Post,
  { botUser = [], botName }: TocaroInSettings,
): { mentions?: Mention[] } {
  const users = Array.isArray(mentions) ? mentions.filter(isId) : []
  const place = findOwnMention(text, botName)
  const named = users.map((userId): Mention => {
    return botUser.includes(userId) ? { userId, self: true, ...place } : { userId }
  })
  const isByName = botUser.length === 0 && place !== undefined
  const found = isByName ? [...named, place] : named
  return found.length === 0 ? {} : { mentions: found }
}

/**
 * Events have no id, so the key is made of what stays the same when one is sent again. `eventTime` and
 * `authedUser` are not known to. The text is in it because one author may post twice within a millisecond.
 */
function postKey(bot: string, { group, user, ts, text }: Post): string {
  return sha256Hex(JSON.stringify([bot, 'message.posted', group, user, ts, sha256Hex(text)]))
}

function unknownKey(bot: string, body: Json): string {
  return sha256Hex(JSON.stringify([bot, { ...body, eventTime: undefined, authedUser: undefined }]))
}

function whyUnknown(body: Json, event: Json, item: Json): string {
  if (body.type === 'url_verification') return 'url_verification without a challenge text'
  if (body.type !== 'event_callback') return `body type ${shown(body.type)}`
  if (!postedTypes.has(event.type)) return `event type ${shown(event.type)}`
  if (item.type !== 'message') return `item type ${shown(item.type)}`
  return `message.posted with a missing or wrong ${wrongFields(item).join(', ')}`
}

function shown(value: unknown): string {
  if (value === undefined) return 'missing'
  if (typeof value !== 'string') return 'that is not a text'
  return value.length > 64 ? `of ${value.length} characters` : JSON.stringify(value)
}

/** Undefined where the bytes are no JSON, whatever the content type says. */
function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'))
  } catch {
    return undefined
  }
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function objectOf(value: unknown): Json {
  return isObject(value) ? value : {}
}

function isId(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}

function isMoment(value: unknown): value is number {
  return typeof value === 'number' && value > 0 && value <= endOfTime
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}

function sha256Hex(text: string): string {
  return sha256(text).toString('hex')
}
