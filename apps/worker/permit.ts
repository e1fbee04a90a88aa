import { setTimeout as pause } from 'node:timers/promises'
import { ApiError, HooklineError } from '#libs/contract'
import type {
  Answer,
  BreakerView,
  CallResult,
  Limiter,
  Permit,
  PermitRequest,
  WaitReason,
} from '#libs/limiter'
import type { Item, PlannedCall } from '#libs/mailbox'
import { Park, Postpone } from './outcome'
import type { SendDeps } from './send-calls'

/** So long a call waits in the process; for longer its lane goes back to the queue and a place in the worker is free. */
const patienceMs = 2000

/** How long to stay away where nobody says how long. */
const shortMs = 1000

export const waitWords: Record<WaitReason, string> = {
  limit: 'Waiting for a permit: the limit is used up for now.',
  closed: 'Waiting for a permit: the platform asked to wait.',
  breaker: 'Waiting for a permit: the platform fails, sending is held.',
  hold: 'Waiting for a permit: an operator holds what this bot sends.',
}

/** One call of an item, under the id that is the same on every try. */
export interface Todo {
  item: Item
  call: PlannedCall
  retryKey: string
}

/**
 * Waits for leave to make the call; undefined when its reply token ran out meanwhile.
 * Throws `Postpone` when it takes long, `Park` when the quota is used up.
 */
export async function waitForPermit(
  { item, call, retryKey }: Todo,
  deps: SendDeps,
  onWait?: (reason: WaitReason) => void,
): Promise<Permit | undefined> {
  const { bot, metrics, limiter } = deps
  const request = {
    id: retryKey,
    limit: deps.sender.limitOf(call),
    ...(call.replyToken ? { deadline: call.replyToken.expiresAt } : {}),
  }
  const started = performance.now()
  for (let asks = 1; !isLate(call); asks++) {
    const answer = await ask(limiter, request)
    if (answer.kind === 'exhausted') throw quotaUsedUp()
    if (answer.kind === 'granted') {
      metrics.permitWaitSeconds.observe({ bot, operation: call.operation }, answer.waitedMs / 1000)
      if (!isLate(call)) return answer.permit
      await limiter.giveBack(answer.permit)
      return undefined
    }
    if (asks === 1) metrics.callsHeld.inc({ bot, reason: answer.reason })
    onWait?.(answer.reason)
    const ms = patienceFor(call, { answer, started }, deps)
    // Should the process die while it waits: the handler returned, and must not run again.
    if (asks === 1) await deps.save(item)
    await waitHere(ms, deps)
  }
  return undefined
}

interface Waiting {
  answer: Extract<Answer, { kind: 'wait' }>
  /** When the call asked first. */
  started: number
}

/** How long to wait in the process: as long as the limiter says. Throws `Postpone` where that is no short time. */
function patienceFor(call: PlannedCall, { answer, started }: Waiting, deps: SendDeps): number {
  const told = answer.reason === 'breaker' ? spread(answer.ms) : answer.ms
  // A reply whose token runs out has nothing to wait for.
  const ms = isReply(call) ? Math.min(told, Math.max(0, call.replyToken.expiresAt - Date.now()) + 1) : told
  const late = performance.now() - started + ms > patienceMs
  if (late || deps.stopping.aborted) throw new Postpone(ms, answer.reason, waitWords[answer.reason])
  return ms
}

async function waitHere(ms: number, deps: SendDeps): Promise<void> {
  await pause(ms, undefined, { signal: AbortSignal.any([deps.signal, deps.stopping]) }).catch(() => undefined)
  deps.signal.throwIfAborted()
}

export async function ask(limiter: Limiter, request: PermitRequest): Promise<Answer> {
  try {
    return await limiter.ask(request)
  } catch (error) {
    // Not a failed try: nothing was tried.
    throw new Postpone(shortMs, 'store_unavailable', error instanceof Error ? error.message : String(error))
  }
}

/**
 * Tells the limiter how the call failed. A `Postpone` where that was no fault of the item: the bot is held, and
 * finding out whether the platform is back uses up no attempt.
 */
export async function reportFailure(
  permit: Permit,
  { item, call, error }: Todo & { error: unknown },
  { bot, limiter, metrics, signal }: SendDeps,
): Promise<Postpone | undefined> {
  if (error instanceof HooklineError && !(error instanceof ApiError)) {
    await limiter.giveBack(permit)
    return undefined
  }
  const { limit, retryAfterMs, message } = error instanceof ApiError ? error : unknownError
  // A call that we broke off ourselves says nothing about the platform.
  const result = signal.aborted ? 'unclear' : resultOf(error, item)
  const reason = result === 'limited' ? 'rate' : result === 'quota' ? 'quota' : undefined
  if (reason) metrics.scopeClosed.inc({ bot, operation: call.operation, reason })
  const view = await limiter.report(permit, { result, item: item.id, stated: limit, waitMs: retryAfterMs })
  // Whoever meets a 429 waits with all others until the scope opens.
  if (result === 'limited') return new Postpone(spread(closedFor(view, retryAfterMs)), 'closed', message)
  if (!isHeld(result, view)) return undefined
  return new Postpone(spread(Math.max(view.heldForMs, shortMs)), 'breaker', message)
}

/** An hour at most: a wrong header must not silence a lane. */
function closedFor({ closedForMs }: BreakerView, retryAfterMs = 0): number {
  return Math.max(shortMs, closedForMs, Math.min(retryAfterMs, 3_600_000))
}

const unknownError = { limit: undefined, retryAfterMs: undefined, message: '' }

function isHeld(result: CallResult, { breaker, blamed }: BreakerView): boolean {
  return breaker !== 'closed' && !blamed && (result === 'failed' || result === 'unauthorized')
}

function resultOf(error: unknown, item: Item): CallResult {
  if (!(error instanceof ApiError)) return 'unclear'
  switch (error.code) {
    case 'api_unavailable':
    case 'api_outcome_unknown':
      return 'failed'
    case 'api_unauthorized':
      // The token was renewed after the first 401; a second one says that renewing does not help.
      return item.attempts.at(-1)?.code === 'api_unauthorized' ? 'failed' : 'unauthorized'
    case 'api_rate_limited':
      return 'limited'
    case 'api_quota_exhausted':
      return 'quota'
    case 'api_rejected':
    case 'api_reply_token_invalid':
      return 'answered'
  }
}

function isReply(call: PlannedCall): call is PlannedCall & Required<Pick<PlannedCall, 'replyToken'>> {
  return call.replyToken !== undefined && !call.uncertain
}

/** A reply that may have arrived is never late: it is asked for once more, the token itself tells. */
export function isLate(call: PlannedCall): boolean {
  return isReply(call) && tokenHasRunOut(call)
}

export function tokenHasRunOut({ replyToken }: PlannedCall): boolean {
  return replyToken !== undefined && Date.now() > replyToken.expiresAt
}

/** Those that were held together do not come back together. */
export function spread(ms: number): number {
  return Math.round(ms + Math.random() * Math.min(ms, 1000))
}

function quotaUsedUp(): Park {
  return new Park({
    reason: 'monthly_quota_used_up',
    explanation:
      'The platform said a short while ago that the monthly quota is used up, so the call was not made. Replay this when there is quota again.',
  })
}
