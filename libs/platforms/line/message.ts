import { HooklineError } from '#libs/contract'
import type { Call, Event, Limit, PlanRequest, Target } from '#libs/contract'
import { render } from '#libs/messages'
import type { LineOutSettings } from './api'

/** Per channel and endpoint; the bucket's size is not documented, a second's worth is assumed [doc R#rate-limits]. */
export function limitOf({ operation }: Call, { name }: Pick<LineOutSettings, 'name'>): Limit {
  return { scope: `line:${name}:${operation}`, amount: 2000, perMs: 1000 }
}

type LineMessage = Call['messages'][number]

/** Message objects of one reply or push [doc R#send-reply-message]. */
const maxMessages = 5

/**
 * Plans an answer or a push as calls of at most five messages, in order.
 * - A reply goes through its reply token: five messages, free. What does not fit follows as `push` calls
 *   (billed), or with `replyFallback: 'park'` as calls whose operation is `parked`: nobody makes those,
 *   the worker turns each into a dead letter.
 * - A reply to an event that never had a token (`unsend`, `memberLeft`, …) becomes `push` calls, or nothing
 *   with `replyFallback: 'park'`.
 * - A reply to a timer becomes `push` calls in any case: the handler that set it knows that no token comes with it.
 * - A reply where nobody would see it (no conversation, blocked, thrown out, standby) becomes nothing.
 */
export function planLine(
  request: PlanRequest,
  { replyFallback }: Pick<LineOutSettings, 'replyFallback'>,
): Call[] {
  const { kind } = request.kind === 'push' ? request.target : request.event.conversation
  const messages = request.messages.flatMap((message) => render(message, { platform: 'line', kind }))
  if (request.kind === 'push') return callsOf('push', pushTarget(request.target), messages)
  const target = replyTarget(request.event)
  if (!target || messages.length === 0) return []
  const { replyToken } = request.event
  const mayPush = replyFallback === 'push' || request.event.type === 'timer'
  if (!replyToken) return mayPush ? callsOf('push', target, messages) : []
  const rest = callsOf(replyFallback === 'push' ? 'push' : 'parked', target, messages.slice(maxMessages))
  return [{ operation: 'reply', target, messages: messages.slice(0, maxMessages), replyToken }, ...rest]
}

function pushTarget(target: Target): Target {
  if (target.kind !== 'channel') return target
  throw invalid(`LINE has no channels to push to ("${target.id}"). Name a user, a group or a room.`)
}

function replyTarget({ type, conversation: { kind, id }, standby }: Event): Target | undefined {
  const unheard = standby || type === 'leave' || type === 'unfollow'
  return unheard || kind === 'none' || kind === 'channel' ? undefined : { kind, id }
}

function callsOf(operation: string, target: Target, messages: LineMessage[]): Call[] {
  const count = Math.ceil(messages.length / maxMessages)
  return Array.from({ length: count }, (_, i) => ({
    operation,
    target,
    messages: messages.slice(i * maxMessages, (i + 1) * maxMessages),
  }))
}

function invalid(message: string): HooklineError {
  return new HooklineError('message_invalid', message)
}
