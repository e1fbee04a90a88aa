import { randomBytes } from 'node:crypto'
import { HooklineError, type Limit } from '#libs/contract'
import type { Logger } from '#libs/observability'
import { type Script, runScript } from '#libs/redis'
import { accountKeys, accountOf, operationOf } from './account'
import { askScript } from './ask-script'
import type { BreakerState } from './breaker-watch'
import { endedScript } from './ended-script'
import type { Answer, BreakerView, CallReport, CallResult, Permit, PermitRequest, WaitReason } from './permit'
import { type LimiterRedis, behindDeadlines } from './prelude'
import { reportScript } from './report-script'

/** A permit that came with another one, for a call that is still to come. */
export interface Spare {
  /** What it is called in Redis. */
  name: string
  /** What a call without a deadline goes by: the time of the grant, by Redis' clock, behind all deadlines. */
  priority: number
}

export interface AskReply {
  answer: Answer
  breaker: BreakerState
  /** Nothing is going on, so permits may be kept in stock for a moment. */
  calm: boolean
  spares: Spare[]
}

/** A call that was accepted. */
export interface Ended {
  /** What its permit is called in Redis. */
  name: string
  tookMs: number
}

/** `turned`: 1 the bot is held now, -1 it is held no more, 2 the item is to blame, 0 nothing of that. */
export interface ReportReply extends BreakerView {
  turned: number
}

/** The limiter's scripts, in the terms of the process. */
export interface Store {
  /**
   * Asks for `count` permits: one under the request's id, the others under names of their own. With 0 for the first one
   * without a place in the queue, where there is none now. Throws `store_unavailable`.
   */
  ask(request: PermitRequest, count: number): Promise<AskReply>
  report(
    permit: Permit,
    result: CallResult | 'unused',
    rest: Omit<CallReport, 'result'>,
  ): Promise<ReportReply | undefined>
  /** Tells of calls that were accepted. */
  ended(limit: Limit, calls: Ended[]): Promise<ReportReply | undefined>
  /** Gives permits back whose calls were not made. */
  remove(limit: Limit, names: string[]): Promise<void>
}

export interface StoreOptions {
  bot: string
  redis: LimiterRedis
  log: Logger
  leaseMs: number
}

/** What tells of a call, or of its absence, never throws: the permit ends by itself. */
export function createStore({ bot, redis, log, leaseMs }: StoreOptions): Store {
  const own = randomBytes(9).toString('base64url')
  let asks = 0

  const run = async (script: Script, limit: Limit, args: (number | string)[]) =>
    (await runScript(redis, script, keysOf(limit, bot), args)) as (number | string)[]

  const tell = async (script: Script, limit: Limit, args: (number | string)[]) => {
    try {
      return reportReplyOf(await run(script, limit, args))
    } catch (error) {
      log.warn({ error: wordsOf(error) }, 'the limiter did not hear of a call; its permit ends by itself')
      return undefined
    }
  }

  return {
    ask: async (request, count) => {
      const names = count > 1 ? `${own}.${(asks++).toString(36)}.` : ''
      const args = [...askArgs(request, leaseMs), count, names]
      const reply = await run(askScript, request.limit, args).catch((cause: unknown) => {
        throw new HooklineError('store_unavailable', `Redis gave no permit: ${wordsOf(cause)}.`, { cause })
      })
      return askReplyOf(reply, request, names)
    },
    report: (permit, result, rest) => tell(reportScript, permit.limit, reportArgs(permit, result, rest)),
    ended: (limit, calls) => tell(endedScript, limit, endedArgs(limit, calls)),
    remove: async (limit, names) => {
      const { scope } = accountKeys(accountOf(limit), bot)
      await redis.zrem(`${scope(operationOf(limit))}:log`, ...names).catch(() => undefined)
    },
  }
}

/** All keys of a call share the hash tag of the account, and so a slot on a cluster. */
function keysOf(limit: Limit, bot: string): string[] {
  const { scope, breaker, hold, scopes, held } = accountKeys(accountOf(limit), bot)
  const own = scope(operationOf(limit))
  return [
    ...[own, `${own}:log`, `${own}:waiters`, `${own}:due`, `${own}:since`],
    ...[breaker, `${breaker}:probes`, hold, scopes, held],
  ]
}

function askArgs({ id, limit, deadline = 0, evenHeld }: PermitRequest, leaseMs: number): (number | string)[] {
  const numbers = [limit.amount, limit.perMs, limit.atOnce ?? 0, Math.ceil(deadline), leaseMs]
  return [id, ...numbers, operationOf(limit), evenHeld ? 1 : 0]
}

function askReplyOf(reply: (number | string)[], request: PermitRequest, names: string): AskReply {
  const [, , , breaker, calm, granted = 1, now] = reply
  const priority = behindDeadlines + Number(now)
  return {
    answer: answerOf(reply, request),
    breaker: breakerOf(breaker),
    calm: calm === 1,
    spares: Array.from({ length: Number(granted) - 1 }, (_, i) => ({ name: `${names}${i + 2}`, priority })),
  }
}

function answerOf([kind, ms, rest]: (number | string)[], { id, limit }: PermitRequest): Answer {
  if (kind === 2) return { kind: 'exhausted', ms: Number(ms) }
  if (kind === 0) return { kind: 'wait', ms: Number(ms), reason: rest as WaitReason }
  const permit = { id, limit, priority: Number(rest), grantedAt: performance.now() }
  return { kind: 'granted', permit, waitedMs: Number(ms) }
}

function reportArgs(
  permit: Permit,
  result: CallResult | 'unused',
  { item, stated = {}, waitMs }: Omit<CallReport, 'result'>,
): (number | string)[] {
  const { id, limit, priority } = permit
  const { name, tookMs } = endedNow(permit)
  const told = [stated.amount, stated.remaining, stated.resetMs, waitMs].map((value) => value ?? '')
  // A prefix: Lua takes an id that looks like a number for one.
  return [name, result, `item ${item}`, priority, limit.amount, limit.perMs, tookMs, ...told, id]
}

function endedArgs({ perMs }: Limit, calls: Ended[]): (number | string)[] {
  const meanMs = calls.reduce((sum, { tookMs }) => sum + tookMs, 0) / calls.length
  return [perMs, Math.round(meanMs), ...calls.map(({ name }) => name)]
}

/** The call of this permit has just ended. */
export function endedNow({ id, name = id, grantedAt }: Permit): Ended {
  return { name, tookMs: Math.round(performance.now() - grantedAt) }
}

function reportReplyOf([turned, breaker, heldForMs, closedForMs]: (number | string)[]): ReportReply {
  return {
    turned: Number(turned),
    breaker: breakerOf(breaker),
    heldForMs: Number(heldForMs),
    closedForMs: Number(closedForMs),
    blamed: Number(turned) === 2,
  }
}

const states: readonly BreakerState[] = ['closed', 'opening', 'held']

function breakerOf(state: number | string | undefined): BreakerState {
  return states[Number(state)] ?? 'closed'
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
