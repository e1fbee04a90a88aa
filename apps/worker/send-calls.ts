import { hash } from 'node:crypto'
import { ApiError, type Call, type Caller, type Sender } from '#libs/contract'
import type { Limiter, Permit } from '#libs/limiter'
import type { Amendment, Item, PlannedCall } from '#libs/mailbox'
import { type Metrics, inSpan } from '#libs/observability'
import type { Effort } from './effort'
import { Park, Postpone } from './outcome'
import { noteAfter, noteCall } from './steps'
import { type Todo, isLate, reportFailure, tokenHasRunOut, waitForPermit } from './permit'

export interface SendDeps {
  bot: string
  sender: Sender
  /** Any other call of the platform's API. */
  caller: Caller
  /** LINE: what becomes of a reply whose token has run out. */
  replyFallback: 'push' | 'park'
  /** LINE WORKS, Tocaro: what becomes of a call that ended without an answer. LINE has means of its own. */
  ambiguous: 'resend' | 'park'
  limiter: Limiter
  /** Writes the item; rejects when another worker has taken the lane. */
  save: (item: Item, how?: Amendment) => Promise<void>
  metrics: Metrics
  /** What this try took so far. */
  effort: Effort
  signal: AbortSignal
  /** Aborted when the process must stop: nobody waits for a permit, drains give back their lane after the item at hand. */
  stopping: AbortSignal
}

export function planned(calls: Call[]): PlannedCall[] {
  return calls.map((call) => ({ ...call, state: 'waiting' }))
}

/**
 * Makes the calls of a list that were not made yet, in order. Each is marked `sending` before and `sent`
 * after, so that a crash leaves at most one call whose outcome is unknown.
 * `name` tells this list from the item's others: it makes the retry keys.
 */
export async function sendCalls(
  item: Item,
  list: { name: string; calls: PlannedCall[] },
  deps: SendDeps,
): Promise<void> {
  for (const [index, call] of list.calls.entries()) {
    if (call.state === 'sending') afterCrash(call, deps)
    if (isOver(call)) continue
    if (call.operation === 'parked' && !useTokenless({ item, call }, deps)) continue
    await sendCall({ item, call, retryKey: retryKey(deps.bot, item.id, `${list.name}.${index}`) }, deps)
  }
}

/** What waits did not fail. */
export function isNoFailure(error: unknown): boolean {
  return error instanceof Postpone
}

function isOver({ state }: PlannedCall): boolean {
  return state === 'sent' || state === 'dropped'
}

/** Permit, mark, token, call: a call that waits for its permit is not marked, so that a crash then leaves no doubt. */
async function sendCall(todo: Todo, deps: SendDeps): Promise<void> {
  const { item, call } = todo
  if (isLate(call) && !useFallback(todo, deps)) return
  const permit = await noteAfter(
    deps.effort,
    { name: 'permit', operation: call.operation },
    (step) =>
      inSpan('permit', { attributes: { 'hookline.operation': call.operation }, isNoFailure }, () =>
        waitForPermit(todo, deps, (reason) => (step.code = reason)),
      ),
    'permitWaitMs',
  )
  if (!permit) return sendCall(todo, deps)
  call.state = 'sending'
  try {
    await deps.save(item)
  } catch (error) {
    await deps.limiter.giveBack(permit)
    throw error
  }
  await makeCall(todo, permit, deps)
}

async function makeCall(todo: Todo, permit: Permit, deps: SendDeps): Promise<void> {
  const { item, call, retryKey } = todo
  const { bot, metrics, sender, limiter, signal } = deps
  const labels = { bot, operation: call.operation }
  if (call.uncertain) metrics.uncertainSends.inc(labels)
  if (call.replyToken) {
    deps.effort.replySecondsLeft = secondsLeft(call.replyToken)
    metrics.replySecondsLeft.observe({ bot }, deps.effort.replySecondsLeft)
  }
  const end = metrics.sendSeconds.startTimer(labels)
  try {
    const { limit } = await noteCall(
      deps.effort,
      { name: 'send', operation: call.operation },
      (onToken) => sender.send(call, { retryKey, signal, onToken }),
      'sendMs',
    )
    end()
    metrics.sends.inc({ ...labels, result: 'sent' })
    call.state = 'sent'
    // Never rejects, and Redis hears of it before it hears of a later failure: nobody needs to wait.
    void limiter.report(permit, { result: 'ok', item: item.id, stated: limit })
  } catch (error) {
    end()
    const held = await reportFailure(permit, { ...todo, error }, deps)
    await afterFailure({ ...todo, error, held }, deps)
  }
}

interface Failure extends Todo {
  error: unknown
  /** Set when the bot is held: the item is not to blame. */
  held: Postpone | undefined
}

/** Throws what says how the item goes on, unless the call counts as made or another one took its place. */
async function afterFailure({ error, held, ...todo }: Failure, deps: SendDeps): Promise<void> {
  const { item, call } = todo
  const code = error instanceof ApiError ? error.code : 'error'
  const delivered = code === 'api_reply_token_invalid' && wasDelivered(call)
  const result = delivered ? 'maybe_sent' : code
  deps.metrics.sends.inc({ bot: deps.bot, operation: call.operation, result })
  call.state = delivered ? 'sent' : 'waiting'
  if (delivered) return
  if (code === 'api_reply_token_invalid') {
    if (useFallback(todo, deps)) await sendCall(todo, deps)
    return
  }
  if (mayHaveBeenDone(error)) call.uncertain = true
  if (code === 'api_outcome_unknown' && call.uncertain) {
    call.unanswered = true
    if (deps.ambiguous === 'park') throw maybeSent()
    // Each further try may show the message once more: that is bounded by the attempts, whoever is to blame.
    if (item.event.platform !== 'line') throw error
  }
  throw held ?? error
}

/**
 * LINE takes a reply token once. Refused on a repeat after a try without an answer, it means that this one was
 * taken. After a mere 5xx it means so while the token should still be good; later it may as well have run out:
 * that is for the operator's fallback to decide, and a dead letter says that the message may have arrived.
 */
function wasDelivered(call: PlannedCall): boolean {
  return call.unanswered === true || (call.uncertain === true && !tokenHasRunOut(call))
}

/** Found marked: the process died during the call. */
function afterCrash(call: PlannedCall, { ambiguous }: SendDeps): void {
  call.uncertain = true
  call.unanswered = true
  call.state = 'waiting'
  if (ambiguous === 'park') throw maybeSent()
}

/** No answer at all, or a 5xx: the message may have gone out, unless it can't have reached the platform. */
function mayHaveBeenDone(error: unknown): boolean {
  if (!(error instanceof ApiError) || error.neverSent) return false
  return error.code === 'api_outcome_unknown' || error.code === 'api_unavailable'
}

function secondsLeft({ expiresAt }: { expiresAt: number }): number {
  return Math.max(0, expiresAt - Date.now()) / 1000
}

/** Turns a reply that comes too late into a push where the operator allows what that costs; false: it is dropped. */
function useFallback({ item, call }: Todo, { bot, replyFallback, metrics }: SendDeps): boolean {
  const result = item.lateReplies ?? replyFallback
  metrics.lateReplies.inc({ bot, result })
  if (result === 'park') throw lateReply(call.uncertain === true)
  if (result === 'drop') {
    call.state = 'dropped'
    return false
  }
  call.operation = 'push'
  delete call.replyToken
  delete call.uncertain
  delete call.unanswered
  return true
}

/** A reply that no token carries, because a token takes five: it waits for a person's replay. False: it is dropped. */
function useTokenless({ item, call }: Pick<Todo, 'item' | 'call'>, { bot, metrics }: SendDeps): boolean {
  const result = item.lateReplies
  if (result === undefined) throw tooManyReplies()
  metrics.lateReplies.inc({ bot, result })
  if (result === 'push') call.operation = 'push'
  else call.state = 'dropped'
  return result === 'push'
}

function maybeSent(): Park {
  return new Park({
    reason: 'maybe_sent',
    explanation:
      'The call ended without an answer, so the message may or may not have arrived, and the platform has no way to tell. Look into the conversation; replay this if it is missing there, else discard it. Set ambiguous: resend to have such messages sent again.',
  })
}

function lateReply(maybeSent: boolean): Park {
  const billed = 'A push would be billed; set replyFallback: push to allow it.'
  return maybeSent
    ? new Park({
        reason: 'maybe_sent',
        explanation: `An earlier try got no clear answer and the reply token has run out since, so the reply may or may not have arrived. ${billed}`,
      })
    : new Park({ reason: 'reply_token_expired', explanation: `The reply token has run out. ${billed}` })
}

function tooManyReplies(): Park {
  return new Park({
    reason: 'too_many_replies',
    explanation:
      'One reply token takes five messages; the rest would be billed pushes. Set replyFallback: push to allow them.',
  })
}

/** A UUID that is the same on every try of the same call. */
export function retryKey(...parts: string[]): string {
  const hex = hash('sha256', parts.join('\n'), 'hex')
  const variant = ((parseInt(hex.charAt(16), 16) & 0x3) | 0x8).toString(16)
  const [a, b, c, d] = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(13, 16), hex.slice(17, 20)]
  return `${a}-${b}-8${c}-${variant}${d}-${hex.slice(20, 32)}`
}
