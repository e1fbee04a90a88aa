import { randomBytes } from 'node:crypto'
import type { Conversation } from '#libs/contract'
import { signLineworks } from '#libs/platforms'
import type { LineworksAccount } from './accounts'
import { isRecord } from './api-call'
import type { EmulatorContext } from './context'
import { escaped } from './escaped'
import type { PlatformWebhooks, RawEvent, Said, Shown } from './platform-webhooks'
import type { Outgoing, WebhookSender } from './webhook-sender'

export interface LineworksWebhooksOptions {
  account: LineworksAccount
  context: EmulatorContext
  sender: WebhookSender
}

const defaultUser = '0d3f9a52-7c11-4e0b-9a77-f1c2aa01be10'

/** One event per request, one attempt, never again [doc bot-callback]. */
export function createLineworksWebhooks(options: LineworksWebhooksOptions): PlatformWebhooks {
  const deliver = (partial: RawEvent, shown?: Shown) =>
    options.sender.deliver({
      ...outgoing(complete(partial, options), options),
      ...(shown ? { shown } : {}),
    })
  return {
    say: (said) => deliver(textEvent(said)),
    send: async (partials, _batch, shown) => {
      const deliveries = []
      for (const partial of partials) deliveries.push(await deliver(partial, shown))
      return deliveries
    },
  }
}

/** A message of a one-to-one room has no `channelId` [doc bot-callback-message@en]. */
function textEvent({ text, user = defaultUser, room }: Said): RawEvent {
  return {
    type: 'message',
    source: room === undefined ? { userId: user } : { userId: user, channelId: room },
    content: { type: 'text', text },
  }
}

/** Events that are about the room: no user is named. */
const roomEvents = new Set<unknown>(['join', 'leave', 'joined', 'left'])
/** The examples of these two have no milliseconds [doc bot-callback-join@en, -begin@jp]. */
const secondsOnly = new Set<unknown>(['join', 'begin'])

function complete(partial: RawEvent, { account, context }: LineworksWebhooksOptions): RawEvent {
  const { type = 'message' } = partial
  const ofRoom = { channelId: 'emulator-room' }
  const source = isRecord(partial.source)
    ? partial.source
    : roomEvents.has(type)
      ? ofRoom
      : { userId: defaultUser }
  const inSeconds = context.settings().lineworksIssuedTime === 'seconds' || secondsOnly.has(type)
  const time = new Date(context.clock()).toISOString()
  const event = {
    type,
    source: { domainId: account.domainId, ...source },
    issuedTime: inSeconds ? time.replace(/\.\d+Z$/, 'Z') : time,
    ...omit(partial, ['type', 'source']),
  }
  remember(event, context)
  return event
}

function omit(event: RawEvent, names: string[]): RawEvent {
  return Object.fromEntries(Object.entries(event).filter(([name]) => !names.includes(name)))
}

function remember({ type, source }: RawEvent, { directory }: EmulatorContext): void {
  if (!isRecord(source)) return
  const user = typeof source.userId === 'string' ? { user: source.userId } : {}
  const room = typeof source.channelId === 'string' ? { room: source.channelId } : {}
  directory.saw('lineworks', { ...user, ...room })
  if (type === 'leave' && room.room !== undefined) directory.left('lineworks', room.room)
}

function conversationOf({ source }: RawEvent): Conversation {
  if (!isRecord(source)) return { kind: 'none', id: '' }
  if (typeof source.channelId === 'string') return { kind: 'channel', id: source.channelId }
  return typeof source.userId === 'string' ? { kind: 'user', id: source.userId } : { kind: 'none', id: '' }
}

function outgoing(event: RawEvent, { account, context }: LineworksWebhooksOptions): Outgoing {
  return {
    platform: 'lineworks',
    url: account.webhookUrl,
    operation: 'events',
    events: [event],
    conversation: conversationOf(event),
    ...(isRecord(event.content) ? { messages: [event.content] } : {}),
    build: ({ forged }) => {
      const { lineworksBody, lineworksHeaderCase } = context.settings()
      const json =
        lineworksBody === 'compact' ? JSON.stringify(event) : escaped(JSON.stringify(event, null, 2))
      const body = Buffer.from(json)
      const secret = forged ? randomBytes(16).toString('hex') : account.botSecret
      const headers = {
        'Content-Type': 'application/json; charset=UTF-8',
        'X-WORKS-BotId': account.botId,
        'X-WORKS-Signature': signLineworks(body, secret),
      }
      return { body, headers: lineworksHeaderCase === 'lower' ? lowerCase(headers) : headers }
    },
    // Only 200 is documented; whether another 2xx counts makes no difference: nothing is sent again.
    accepted: ({ status }) => status >= 200 && status < 300,
    nextAttempt: () => undefined,
  }
}

function lowerCase(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
}
