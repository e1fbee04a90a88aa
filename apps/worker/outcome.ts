import { ApiError, type ErrorCode, HooklineError } from '#libs/contract'
import type { WaitReason } from '#libs/limiter'
import { type Attempt, type Item, type ParkReason, addAttempt, isPush, retryDelay } from '#libs/mailbox'

/** What becomes of an item. */
export type Outcome =
  /** With a reason: the event was not for the handler. */
  | { kind: 'done'; reason?: string }
  | { kind: 'retry'; delayMs: number }
  | { kind: 'postpone'; delayMs: number; reason: PostponeReason }
  | ({ kind: 'park' } & ParkReason)

/** What an item waits for: a permit, Redis, or the end of a mute. */
export type PostponeReason = WaitReason | 'store_unavailable' | 'muted'

/** How often and how long an item is tried: attempts, milliseconds since it was posted. */
export interface RetryBudget {
  attempts: number
  maxAgeMs: number
}

/** Raised where an item can't go on for a reason that is no failed call. */
export class Park extends Error {
  constructor(readonly park: ParkReason) {
    super(park.explanation)
  }
}

/** Raised where an item may not go on yet. Not a failed try. */
export class Postpone extends Error {
  constructor(
    readonly delayMs: number,
    readonly reason: PostponeReason,
    why: string,
  ) {
    super(why)
  }
}

type Rule = 'retry' | 'postpone' | { park: string }

/** One row per error code. Whatever is not a HooklineError came out of a handler and is tried again. */
const rules: Record<ErrorCode, Rule> = {
  api_unauthorized: 'retry',
  api_rate_limited: 'postpone',
  api_unavailable: 'retry',
  api_outcome_unknown: 'retry',
  api_quota_exhausted: { park: 'monthly_quota_used_up' },
  api_reply_token_invalid: { park: 'reply_token_expired' },
  api_rejected: { park: 'rejected' },
  message_invalid: { park: 'message_invalid' },
  no_target: { park: 'no_target' },
  config_invalid: { park: 'config_invalid' },
  state_invalid: { park: 'state_invalid' },
  bot_file_invalid: 'retry',
  handler_timeout: 'retry',
  // Never written: the item is erased.
  unsent: 'retry',
  store_unavailable: 'retry',
}

/** Notes the failure on the item and says what follows from it. */
export function outcomeOf(error: unknown, item: Item, budget: RetryBudget): Outcome {
  if (error instanceof Park) return { kind: 'park', ...error.park }
  if (error instanceof Postpone) {
    const { delayMs, reason } = error
    // Whoever holds a bot wants its messages kept, however long it takes.
    if (reason === 'hold') return { kind: 'postpone', delayMs, reason }
    return tooOld(item, budget, error.message) ?? { kind: 'postpone', delayMs, reason }
  }
  const rule = error instanceof HooklineError ? rules[error.code] : 'retry'
  if (rule === 'postpone' && error instanceof ApiError && error.retryAfterMs !== undefined) {
    const delayMs = postponement(error.retryAfterMs)
    return tooOld(item, budget, error.message) ?? { kind: 'postpone', delayMs, reason: 'closed' }
  }
  const attempt = attemptOf(error, item)
  addAttempt(item, attempt)
  if (typeof rule === 'object') return { kind: 'park', reason: rule.park, explanation: attempt.words }
  return withinBudget(item, budget) ?? { kind: 'retry', delayMs: retryDelay(item.failures) }
}

function withinBudget(item: Item, budget: RetryBudget): Outcome | undefined {
  const words = item.attempts.at(-1)?.words ?? ''
  if (item.failures >= budget.attempts) {
    return {
      kind: 'park',
      reason: 'attempts_used_up',
      explanation: `Failed ${item.failures} times. Last: ${words}`,
    }
  }
  return tooOld(item, budget, words)
}

function tooOld(item: Item, budget: RetryBudget, words: string): Outcome | undefined {
  if (Date.now() - item.postedAt <= budget.maxAgeMs) return undefined
  return {
    kind: 'park',
    reason: 'too_old',
    explanation: `Older than ${budget.maxAgeMs / 3_600_000} h. Last: ${words}`,
  }
}

/** What the platform asks for, at most an hour (a wrong header must not silence a lane), and a little spread. */
function postponement(retryAfterMs: number): number {
  return Math.min(retryAfterMs, 3_600_000) + Math.random() * 250
}

function attemptOf(error: unknown, item: Item): Attempt {
  const step = item.handled || isPush(item) ? 'send' : 'handler'
  const at = Date.now()
  if (error instanceof ApiError) {
    return {
      at,
      step,
      code: error.code,
      words: error.message,
      ...(error.status === undefined ? {} : { status: error.status }),
      ...(error.requestId === undefined ? {} : { requestId: error.requestId }),
    }
  }
  if (error instanceof HooklineError) return { at, step, code: error.code, words: error.message }
  const words = error instanceof Error ? (error.stack ?? error.message) : String(error)
  return { at, step, code: 'handler_threw', words: words.slice(0, 2000) }
}
