import type { Limit, StatedLimit } from '#libs/contract'
import type { BreakerState } from './breaker-watch'

/** One call that wants to be made. */
export interface PermitRequest {
  /** The same on every try of the same call. */
  id: string
  limit: Limit
  /** Unix milliseconds: who has one goes before all who have none. */
  deadline?: number
  /** It sends nothing to a user, so it goes on while a person holds the bot. */
  evenHeld?: boolean
}

/** Leave to make one call now. It ends with the report, or by itself when its holder died. */
export interface Permit {
  id: string
  /** What it is called in Redis, where that is not the id: it comes from a stock. */
  name?: string
  limit: Limit
  priority: number
  /** Milliseconds on the process's own clock. */
  grantedAt: number
}

/** `hold`: a person holds what the bot sends. */
export type WaitReason = 'limit' | 'closed' | 'breaker' | 'hold'

export type Answer =
  | { kind: 'granted'; permit: Permit; waitedMs: number }
  /** Come back after `ms`; the place is kept. */
  | { kind: 'wait'; ms: number; reason: WaitReason }
  /** The platform said that its quota is used up; it is asked again after `ms`. */
  | { kind: 'exhausted'; ms: number }

/**
 * How a call went.
 * - `ok`: accepted. `answered`: refused in good order, so the platform works.
 * - `limited`: 429. `quota`: the monthly one. `unauthorized`: 401 with a token that may just have run out.
 * - `failed`: no answer, 5xx, or 401 again with a new token. `unclear`: says nothing about the platform.
 */
export type CallResult = 'ok' | 'answered' | 'limited' | 'quota' | 'unauthorized' | 'failed' | 'unclear'

export interface CallReport {
  result: CallResult
  /** Whose call it was: one item alone can't make the breaker hold a bot. */
  item: string
  stated?: StatedLimit | undefined
  /** What a 429 asks to wait: milliseconds. */
  waitMs?: number | undefined
}

export interface BreakerView {
  breaker: BreakerState
  /** For how long the bot is held: milliseconds. */
  heldForMs: number
  /** For how long the scope is closed: milliseconds. */
  closedForMs: number
  /** The bot is held, but others get through: this failure is the item's own. */
  blamed: boolean
}

/** Permits of one bot. Whoever shares a limit, in any process, shares its state in Redis. */
export interface Limiter {
  /**
   * Somebody is about to begin what will most likely end in a call: its permit is fetched meanwhile. Nobody waits for it,
   * and who makes no call costs one question to Redis.
   */
  fetchAhead(): void
  /** Throws `store_unavailable`. */
  ask(request: PermitRequest): Promise<Answer>
  /** Never throws: what became of the call does not depend on it, and the permit ends by itself. */
  report(permit: Permit, report: CallReport): Promise<BreakerView>
  /** For a permit whose call was not made. Never throws. */
  giveBack(permit: Permit): Promise<void>
}
