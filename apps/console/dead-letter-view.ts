import type { Entry } from '#libs/contract'
import {
  type CallPlan,
  type DeadLetter,
  type LateReplies,
  type PlannedCall,
  type ReplayPlan,
  adviceFor,
  callsOf,
  planReplay,
} from '#libs/mailbox'
import type { DeadLetterRow, DeadLetterView, Masked, ReplayView } from './api-types'

/** An explanation may hold the stack of an error: a list shows its begin. */
const rowWords = 500

/** One line of the list: nothing that anybody said. */
export function rowOf({ bot, id, lane, parkedAt, reason, explanation, item }: DeadLetter): DeadLetterRow {
  const { platform, userId, type, receivedAt } = item.event
  return {
    ...{ bot, id, platform, lane, type, parkedAt, receivedAt, reason },
    ...(userId === undefined ? {} : { userId }),
    explanation: explanation.length > rowWords ? `${explanation.slice(0, rowWords)}…` : explanation,
    failures: item.failures,
    replays: item.replays ?? 0,
  }
}

/** The whole letter, with what was said masked. */
export function viewOf(letter: DeadLetter, now = Date.now()): DeadLetterView {
  const { item } = letter
  const said = saidIn(item.event)
  return {
    ...rowOf(letter),
    explanation: letter.explanation,
    advice: adviceFor(letter.reason),
    attempts: item.attempts,
    ...(said === undefined ? {} : { text: masked(said) }),
    calls: callsOf(item).map(callView),
    plan: replayView(letter, 'drop', now),
    planAsPush: replayView(letter, 'push', now),
  }
}

function callView(call: PlannedCall): DeadLetterView['calls'][number] {
  const text = textOf(call.messages)
  return {
    operation: call.operation,
    state: call.state,
    messages: call.messages.length,
    to: targetText(call),
    ...(text === '' ? {} : { text: masked(text) }),
  }
}

const targetText = ({ target: { kind, id } }: Pick<PlannedCall, 'target'>) => `${kind}:${id}`

/** What the user said or did, in words; of a push what it says. */
function saidIn(event: Entry): string | undefined {
  if (event.type === 'push') return textOf(event.messages)
  if ('text' in event) return event.text
  if (event.type === 'postback') return event.data
  return 'fileName' in event ? event.fileName : undefined
}

function textOf(messages: readonly unknown[]): string {
  return messages
    .map((message) => {
      const { text, altText } = message as { text?: unknown; altText?: unknown }
      return typeof text === 'string' ? text : typeof altText === 'string' ? altText : ''
    })
    .filter((text) => text !== '')
    .join('\n')
}

function masked(text: string): Masked {
  return { masked: Array.from(text).length }
}

/** What a replay would do: to whom it sends, what is billed, what may come twice. */
export function replayView(letter: DeadLetter, late: LateReplies, now = Date.now()): ReplayView {
  const plan = planReplay(letter, late, now)
  const { event, handled } = letter.item
  const unplanned = event.type === 'push' && !handled ? [pushedCall(event)] : []
  return {
    possible: plan.skip === undefined,
    words: wordsOf(plan, event, now),
    runsHandler: plan.runsHandler,
    calls: [...unplanned, ...plan.calls.map((call) => plannedCall(call, event))],
  }
}

type CallView = ReplayView['calls'][number]

/** A push that was not planned yet: which calls it becomes is found out by the worker. */
function pushedCall(event: Extract<Entry, { type: 'push' }>): CallView {
  const { kind, id } = event.conversation
  const messages = event.messages.length
  const billed = event.platform === 'line'
  return { operation: 'push', to: `${kind}:${id}`, messages, does: 'send', billed, maybeTwice: false }
}

const does: Record<CallPlan['fate'], CallView['does']> = {
  sent: 'stays_sent',
  dropped: 'drop',
  send: 'send',
  push: 'send',
  withhold: 'drop',
}

/** LINE counts the recipients of everything but replies against the monthly quota of the plan [doc D/pricing]. */
function plannedCall({ call, fate, maybeTwice }: CallPlan, { platform }: Entry): CallView {
  const isPush = fate === 'push' || (fate === 'send' && call.operation !== 'reply')
  return {
    operation: fate === 'push' ? 'push' : call.operation,
    to: targetText(call),
    messages: call.messages.length,
    does: does[fate],
    billed: platform === 'line' && isPush,
    maybeTwice,
  }
}

function wordsOf(plan: ReplayPlan, event: Entry, now: number): string {
  if (plan.skip === 'not_understood')
    return 'Hookline does not know this event, so it would be parked again at once. Discard it.'
  if (plan.skip === 'late_reply')
    return 'The reply token has run out or takes no more, so it stays. Replay it with late replies as pushes, which are billed.'
  const parts = [
    ...(plan.runsHandler ? [handlerWords(plan, event, now)] : []),
    ...(event.type === 'push' && plan.calls.length === 0 ? ['The push is sent.'] : []),
    ...amountWords(plan, 'send', 'sent'),
    ...amountWords(plan, 'push', 'sent as pushes, which are billed'),
    ...amountWords(plan, 'sent', 'sent before and not sent again'),
    ...(plan.calls.some(({ maybeTwice }) => maybeTwice)
      ? ['Some may come twice: an earlier try had no clear end.']
      : []),
  ]
  return parts.length === 0 ? 'Nothing is left to send: it only leaves the dead letters.' : parts.join(' ')
}

function handlerWords(plan: ReplayPlan, { replyToken }: Entry, now: number): string {
  const begin = 'The handler runs again'
  if (plan.replyToken === undefined) return `${begin}.`
  if (plan.replyToken === 'alive') {
    const seconds = Math.max(0, Math.ceil(((replyToken?.expiresAt ?? now) - now) / 1000))
    return `${begin}; its replies are free if they leave within ${seconds} s.`
  }
  return plan.late === 'push'
    ? `${begin}; its replies go out as pushes, which are billed, since the reply token has run out.`
    : `${begin}; its replies are dropped, since the reply token has run out.`
}

function amountWords({ calls }: ReplayPlan, fate: CallPlan['fate'], what: string): string[] {
  const messages = calls
    .filter((call) => call.fate === fate)
    .reduce((sum, { call }) => sum + call.messages.length, 0)
  if (messages === 0) return []
  const verb = fate === 'sent' ? (messages === 1 ? 'was' : 'were') : messages === 1 ? 'is' : 'are'
  return [`${messages} ${messages === 1 ? 'message' : 'messages'} ${verb} ${what}.`]
}
