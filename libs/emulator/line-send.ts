import type { Conversation } from '#libs/contract'
import { jsonBody, type ApiAnswer, type ApiCall } from './api-call'
import type { EmulatorContext } from './context'
import { lineError, lineInvalid, lineInvalidProperty, lineRefusal } from './line-answers'
import { lineConversation, newLineMessageId, newLineToken } from './line-ids'
import { lineMessageDetails } from './line-message-rules'
import type { LineOperation } from './line-operation'
import type { LineQuota } from './line-quota'
import type { LineReplyTokens } from './line-reply-tokens'
import { retryKeyOf, type LineRetryKeys } from './line-retry-keys'

export interface LineSendOptions {
  context: EmulatorContext
  replyTokens: LineReplyTokens
  retryKeys: LineRetryKeys
  quota: LineQuota
}

type Body = Record<string, unknown>

/** Where a request goes and how many people that is, or why it can't go there. */
type Aim = { to: string[]; conversation?: Conversation; recipients: number } | { refused: ApiAnswer }

interface SendKind {
  name: 'push' | 'multicast' | 'narrowcast' | 'broadcast'
  status: 200 | 202
  aim(body: Body, context: EmulatorContext): Aim
}

const kinds: SendKind[] = [
  { name: 'push', status: 200, aim: aimPush },
  { name: 'multicast', status: 200, aim: aimMulticast },
  { name: 'narrowcast', status: 202, aim: aimEverybody },
  { name: 'broadcast', status: 200, aim: aimEverybody },
]

/** Reply, the four ways of pushing, and validation [doc R#messaging]. */
export function lineSendOperations(options: LineSendOptions): LineOperation[] {
  return [
    { name: 'reply', method: 'post', path: '/v2/bot/message/reply', handle: (call) => reply(call, options) },
    ...kinds.map((kind): LineOperation => ({
      name: kind.name,
      method: 'post',
      path: `/v2/bot/message/${kind.name}`,
      retryKey: true,
      handle: (call) => push(call, kind, options),
    })),
    { name: 'validate', method: 'post', path: '/v2/bot/message/validate/:kind', handle: validate },
  ]
}

function reply(call: ApiCall, { context, replyTokens }: LineSendOptions): ApiAnswer {
  const body = jsonBody(call)
  if (!body) return notJson()
  const token = typeof body.replyToken === 'string' ? body.replyToken : ''
  const details = lineMessageDetails(body.messages, replyTokens.conversation(token)?.kind)
  if (details.length > 0) {
    if (context.settings().failedReplyConsumesToken) replyTokens.use(token)
    return lineInvalid(details)
  }
  const conversation = replyTokens.conversation(token)
  const isExpired = conversation !== undefined && context.outages.hits('reply-token-expired', 'line')
  if (!conversation || isExpired) return lineError(400, 'Invalid reply token')
  replyTokens.use(token)
  const messages = body.messages as Body[]
  context.ledger.append({
    platform: 'line',
    kind: 'message',
    operation: 'reply',
    via: 'reply',
    status: 200,
    requestId: call.id,
    conversation,
    to: [conversation.id],
    messages,
  })
  return { status: 200, body: { sentMessages: sentMessages(messages) } }
}

function push(call: ApiCall, kind: SendKind, { context, retryKeys, quota }: LineSendOptions): ApiAnswer {
  const refused = retryKeys.check(call)
  if (refused) return refused
  const body = jsonBody(call)
  if (!body) return notJson()
  const details = lineMessageDetails(body.messages, lineConversation(body.to)?.kind)
  if (details.length > 0) return lineInvalid(details)
  const aim = kind.aim(body, context)
  if ('refused' in aim) return aim.refused
  if (!quota.spend(aim.recipients)) return lineRefusal({ kind: 'quota', operation: kind.name })

  const messages = body.messages as Body[]
  const sent = kind.name === 'push' ? sentMessages(messages) : undefined
  const retryKey = retryKeyOf(call)
  retryKeys.accepted(call, sent)
  context.ledger.append({
    platform: 'line',
    kind: 'message',
    operation: kind.name,
    via: 'push',
    status: kind.status,
    requestId: call.id,
    to: aim.to,
    messages,
    ...(aim.conversation ? { conversation: aim.conversation } : {}),
    ...(retryKey === undefined ? {} : { retryKey }),
  })
  return { status: kind.status, body: sent ? { sentMessages: sent } : {} }
}

function aimPush({ to }: Body, context: EmulatorContext): Aim {
  const conversation = lineConversation(to)
  if (!conversation) return { refused: lineInvalidProperty('to') }
  const { id } = conversation
  const room = context.directory.room('line', id)
  const known = room !== undefined || context.directory.userName('line', id) !== undefined
  const gone = context.directory.hasLeft('line', id)
  if (gone || (context.settings().strictRecipients && !known)) {
    return { refused: lineError(400, 'Failed to send messages') }
  }
  // A push to a group is billed per member; of a room that the emulator does not know, one.
  return { to: [id], conversation, recipients: Math.max(1, room?.members.size ?? 1) }
}

function aimMulticast({ to }: Body): Aim {
  if (!Array.isArray(to) || to.length < 1 || to.length > 500) {
    return { refused: lineInvalid([{ message: 'Size must be between 1 and 500', property: 'to' }]) }
  }
  const wrong = to.findIndex((id: unknown) => lineConversation(id)?.kind !== 'user')
  if (wrong >= 0) return { refused: lineInvalidProperty(`to[${wrong}]`) }
  return { to: to as string[], recipients: to.length }
}

/** [assumed] Every user seen so far is a friend; narrowcast filters are ignored. */
function aimEverybody(_body: Body, context: EmulatorContext): Aim {
  return { to: ['*'], recipients: context.directory.users('line').length }
}

function validate(call: ApiCall): ApiAnswer {
  const body = jsonBody(call)
  if (!body) return notJson()
  const details = lineMessageDetails(body.messages)
  return details.length > 0 ? lineInvalid(details) : { status: 200, body: {} }
}

/** What can be quoted later has a quote token [doc D/get-quote-tokens]. */
const quotable = new Set<unknown>(['text', 'textV2', 'sticker', 'image', 'video', 'template', 'flex'])

function sentMessages(messages: Body[]): { id: string; quoteToken?: string }[] {
  return messages.map(({ type }) => ({
    id: newLineMessageId(),
    ...(quotable.has(type) ? { quoteToken: newLineToken() } : {}),
  }))
}

function notJson(): ApiAnswer {
  return lineError(400, 'The request body could not be parsed as JSON (line: 1, column: 1)')
}
