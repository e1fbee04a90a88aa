import { randomBytes } from 'node:crypto'
import type { Conversation } from '#libs/contract'
import { signLine } from '#libs/platforms'
import type { LineAccount } from './accounts'
import { isRecord } from './api-call'
import type { EmulatorContext } from './context'
import { escaped } from './escaped'
import type { LineContents } from './line-contents'
import { lineIdOf, newLineMessageId, newLineToken, newUlid } from './line-ids'
import type { LineReplyTokens } from './line-reply-tokens'
import type { PlatformWebhooks, RawEvent, Said } from './platform-webhooks'
import type { Delivery, Outgoing, WebhookSender } from './webhook-sender'

export interface LineWebhooksOptions {
  account: LineAccount
  context: EmulatorContext
  sender: WebhookSender
  replyTokens: LineReplyTokens
  contents: LineContents
}

export interface LineWebhooks extends PlatformWebhooks {
  /** What goes to `url`; also without events, as the console's Verify button does. */
  outgoing(events: RawEvent[], url?: string): Outgoing
}

export function createLineWebhooks(options: LineWebhooksOptions): LineWebhooks {
  const { account, sender } = options
  // With "Use webhook" off nothing is sent.
  const deliver = async (request: Outgoing): Promise<Delivery> => {
    const { lineWebhookSet: isSet, lineWebhookActive: active } = options.context.settings()
    if (isSet && active) return sender.deliver(request)
    const conversation = request.conversation ?? { kind: 'none' as const, id: '' }
    options.context.watch.happened(request)
    options.context.watch.undelivered(request, 'webhook_off')
    return { delivered: false, status: 0, outcome: 'webhook_off', conversation, eventIds: [] }
  }
  const outgoing = (events: RawEvent[], url = account.webhookUrl) => lineOutgoing(events, url, options)
  return {
    outgoing,
    say: (said) => deliver(outgoing([complete(textEvent(said), options, said.user)])),
    send: async (partials, batch, shown) => {
      const events = partials.map((partial) => complete(partial, options))
      const withShown = (request: Outgoing) => (shown ? { ...request, shown } : request)
      if (batch) return [await deliver(withShown(outgoing(events)))]
      const deliveries = []
      for (const event of events) deliveries.push(await deliver(withShown(outgoing([event]))))
      return deliveries
    },
  }
}

function textEvent({ text, user = 'user', room }: Said): RawEvent {
  const userId = lineIdOf('U', user)
  return {
    type: 'message',
    source: room === undefined ? { type: 'user', userId } : { ...roomSource(room), userId },
    message: { type: 'text', text },
  }
}

function roomSource(room: string): RawEvent {
  const id = lineIdOf('C', room)
  return id.startsWith('R') ? { type: 'room', roomId: id } : { type: 'group', groupId: id }
}

/** Event types that carry a reply token while the channel is active [doc R#webhook-event-objects]. */
const answerable = new Set<unknown>([
  'message',
  'messageEdited',
  'follow',
  'join',
  'memberJoined',
  'postback',
  'videoPlayComplete',
  'beacon',
  'accountLink',
  'membership',
])

/** Fills in the fields that every event has; what is given stays. `replyToken: null` leaves it out. */
function complete(partial: RawEvent, options: LineWebhooksOptions, name?: string): RawEvent {
  const { context, replyTokens, contents } = options
  const timestamp = context.clock()
  const event: RawEvent = {
    type: 'message',
    mode: 'active',
    timestamp,
    source: { type: 'user', userId: lineIdOf('U', 'user') },
    webhookEventId: newUlid(timestamp),
    deliveryContext: { isRedelivery: false },
    ...partial,
  }
  if (isRecord(event.message)) event.message = completeMessage(event.message, event.type)
  contents.note(event)
  const conversation = lineEventConversation(event)
  remember(event, conversation, context, name)
  const { replyToken } = event
  if (typeof replyToken === 'string') replyTokens.issue(conversation, replyToken)
  else if (replyToken === undefined && isAnswerable(event)) event.replyToken = replyTokens.issue(conversation)
  else if (replyToken === null) delete event.replyToken
  return event
}

function isAnswerable({ type, mode, link }: RawEvent): boolean {
  const failedLink = isRecord(link) && link.result === 'failed'
  return mode === 'active' && answerable.has(type) && !failedLink
}

/** An edited message has a new quote token and none to mark it as read [doc R#edit-event]. */
function completeMessage(message: RawEvent, type: unknown): RawEvent {
  const quotable = message.type !== 'audio' && message.type !== 'file' && message.type !== 'location'
  const read = type === 'messageEdited' ? {} : { markAsReadToken: newLineToken() }
  const tokens = { ...read, ...(quotable ? { quoteToken: newLineToken() } : {}) }
  return { id: newLineMessageId(), ...tokens, ...message }
}

function lineEventConversation({ source }: RawEvent): Conversation {
  if (!isRecord(source)) return { kind: 'none', id: '' }
  if (typeof source.groupId === 'string') return { kind: 'group', id: source.groupId }
  if (typeof source.roomId === 'string') return { kind: 'room', id: source.roomId }
  return typeof source.userId === 'string' ? { kind: 'user', id: source.userId } : { kind: 'none', id: '' }
}

function remember(
  event: RawEvent,
  conversation: Conversation,
  context: EmulatorContext,
  name?: string,
): void {
  const { directory } = context
  const user =
    isRecord(event.source) && typeof event.source.userId === 'string' ? event.source.userId : undefined
  const room = conversation.kind === 'group' || conversation.kind === 'room' ? conversation.id : undefined
  directory.saw('line', {
    ...(user === undefined ? {} : { user }),
    ...(room === undefined ? {} : { room }),
    ...(name === undefined || name === user ? {} : { name }),
  })
  if (event.type === 'leave' && room !== undefined) directory.left('line', room)
}

function lineOutgoing(events: RawEvent[], url: string, options: LineWebhooksOptions): Outgoing {
  const { account, context, replyTokens } = options
  const [first] = events
  const messages = events
    .map((event) => event.message)
    .filter(isRecord)
    .map(withoutTokens)
  const sameConversation = first && new Set(events.map((e) => lineEventConversation(e).id)).size === 1
  return {
    platform: 'line',
    url,
    operation: 'events',
    events,
    eventIds: events.map((event) => String(event.webhookEventId)),
    ...(sameConversation ? { conversation: lineEventConversation(first) } : {}),
    ...(messages.length > 0 ? { messages } : {}),
    build: ({ attempt, forged }) => {
      // A redelivery has the same id, time and reply token; the flag changes, so the signature does too.
      const now = attempt === 0 ? events : events.map((e) => redelivered(e, replyTokens))
      return request({ destination: account.botUserId, events: now }, forged, options)
    },
    accepted: ({ status }) => status >= 200 && status < 300,
    nextAttempt: (attempt, accepted) => {
      const { enabled, tries, intervalMs } = context.settings().lineRedelivery
      return accepted || !enabled || attempt >= tries ? undefined : intervalMs
    },
  }
}

function redelivered(event: RawEvent, replyTokens: LineReplyTokens): RawEvent {
  if (typeof event.replyToken === 'string') replyTokens.redelivered(event.replyToken)
  return { ...event, deliveryContext: { isRedelivery: true } }
}

function request(content: unknown, forged: boolean, { account, context }: LineWebhooksOptions) {
  const json = JSON.stringify(content)
  const body = Buffer.from(context.settings().lineEscapes ? escaped(json) : json)
  const secret = forged ? randomBytes(16).toString('hex') : account.channelSecret
  const headers = {
    'content-type': 'application/json; charset=utf-8',
    'user-agent': 'LineBotWebhook/2.0',
    'x-line-signature': signLine(body, secret),
  }
  return { headers, body }
}

/** Reply, quote and read tokens are left out of the ledger. */
function withoutTokens({ quoteToken: _quote, markAsReadToken: _read, ...message }: RawEvent): RawEvent {
  return message
}
