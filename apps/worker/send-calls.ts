import { createHash } from 'node:crypto'
import { ApiError, type Call, type Sender } from '#libs/contract'
import type { Item, PlannedCall } from '#libs/mailbox'
import type { Metrics } from '#libs/observability'
import { Park } from './outcome'

export interface SendDeps {
  bot: string
  sender: Sender
  /** LINE: what becomes of a reply whose token has run out. */
  replyFallback: 'push' | 'park'
  /** Writes the item; rejects when another worker has taken the lane. */
  save: (item: Item, how?: { orderly: boolean }) => Promise<void>
  metrics: Metrics
  signal: AbortSignal
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
    if (call.state === 'sent') continue
    if (call.state === 'sending') call.uncertain = true
    if (call.operation === 'parked') throw tooManyReplies()
    // A reply that may have arrived is asked for once more: the token itself tells.
    if (tokenHasRunOut(call) && !call.uncertain) useFallback(call, deps.replyFallback)
    call.state = 'sending'
    await deps.save(item)
    await makeCall(item, call, { retryKey: retryKey(deps.bot, item.id, `${list.name}.${index}`), deps })
    call.state = 'sent'
  }
}

async function makeCall(
  item: Item,
  call: PlannedCall,
  { retryKey, deps }: { retryKey: string; deps: SendDeps },
): Promise<void> {
  const { bot, metrics, sender } = deps
  const end = metrics.sendSeconds.startTimer({ bot, operation: call.operation })
  if (call.uncertain) metrics.uncertainSends.inc({ bot, operation: call.operation })
  try {
    await sender.send(call, { retryKey, signal: deps.signal })
    metrics.sends.inc({ bot, operation: call.operation, result: 'sent' })
  } catch (error) {
    const code = error instanceof ApiError ? error.code : 'error'
    metrics.sends.inc({ bot, operation: call.operation, result: code })
    if (code === 'api_reply_token_invalid') return await afterInvalidToken(item, call, { retryKey, deps })
    call.state = 'waiting'
    if (mayHaveBeenDone(error)) call.uncertain = true
    throw error
  } finally {
    end()
  }
}

/**
 * LINE takes a reply token once. Refused while it should still be good, on a repeat after an unknown outcome,
 * it means that the first try was delivered. Refused later it may as well have run out: that is for the
 * operator's fallback to decide, and a dead letter says that the message may have arrived.
 */
async function afterInvalidToken(
  item: Item,
  call: PlannedCall,
  attempt: { retryKey: string; deps: SendDeps },
): Promise<void> {
  const { deps } = attempt
  if (call.uncertain && !tokenHasRunOut(call)) return
  call.state = 'waiting'
  useFallback(call, deps.replyFallback)
  call.state = 'sending'
  await deps.save(item)
  await makeCall(item, call, attempt)
}

/** No answer at all, or a 5xx: the message may have gone out, unless it can't have reached the platform. */
function mayHaveBeenDone(error: unknown): boolean {
  if (!(error instanceof ApiError) || error.neverSent) return false
  return error.code === 'api_outcome_unknown' || error.code === 'api_unavailable'
}

function tokenHasRunOut(call: Call): boolean {
  return call.replyToken !== undefined && Date.now() > call.replyToken.expiresAt
}

/** Turns a reply that comes too late into a push, where the operator allows what that costs. */
function useFallback(call: PlannedCall, fallback: 'push' | 'park'): void {
  if (fallback === 'park') throw lateReply(call.uncertain === true)
  call.operation = 'push'
  delete call.replyToken
  delete call.uncertain
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
  const hash = createHash('sha256').update(parts.join('\n')).digest('hex')
  const variant = ((parseInt(hash.charAt(16), 16) & 0x3) | 0x8).toString(16)
  return [
    hash.slice(0, 8),
    hash.slice(8, 12),
    `8${hash.slice(13, 16)}`,
    variant + hash.slice(17, 20),
    hash.slice(20, 32),
  ].join('-')
}
