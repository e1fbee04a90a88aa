import { HooklineError, type Limit } from '#libs/contract'
import type { Logger } from '#libs/observability'
import { accountKeys, accountOf, operationOf } from './account'
import { type BreakerState, createBreakerWatch } from './breaker-watch'
import { type Script, runScript } from '#libs/redis'
import { askScript } from './ask-script'
import type {
  Answer,
  BreakerView,
  CallReport,
  CallResult,
  Limiter,
  Permit,
  PermitRequest,
  WaitReason,
} from './permit'
import type { LimiterRedis } from './prelude'
import { reportScript } from './report-script'

export interface LimiterOptions {
  bot: string
  redis: LimiterRedis
  log: Logger
  onBreaker?: (state: BreakerState) => void
  /** After this time a permit without a report is taken for one whose holder died. */
  leaseMs?: number
}

/** Longer than a call with its token takes (10 s for the call, 15 s for a token that another worker fetches). */
const defaultLeaseMs = 30_000

const states: readonly BreakerState[] = ['closed', 'opening', 'held']

export function createLimiter(options: LimiterOptions): Limiter {
  const { bot, redis, log, leaseMs = defaultLeaseMs } = options
  const watch = createBreakerWatch(redis, options.onBreaker)
  const seen = (state: number | string | undefined, limit: Limit): BreakerState => {
    const breaker = states[Number(state)] ?? 'closed'
    watch(breaker, accountKeys(accountOf(limit), bot).breaker)
    return breaker
  }

  const run = async (script: Script, limit: Limit, args: (number | string)[]) =>
    (await runScript(redis, script, keysOf(limit, bot), args)) as (number | string)[]

  const report = async (permit: Permit, result: CallResult | 'unused', rest: Omit<CallReport, 'result'>) => {
    try {
      const reply = await run(reportScript, permit.limit, reportArgs(permit, result, rest))
      const view: BreakerView = {
        breaker: seen(reply[1], permit.limit),
        heldForMs: Number(reply[2]),
        closedForMs: Number(reply[3]),
        blamed: Number(reply[0]) === 2,
      }
      logTurn(log, Number(reply[0]), view)
      return view
    } catch (error) {
      log.warn({ error: wordsOf(error) }, 'the limiter did not hear of a call; its permit ends by itself')
      return { breaker: 'closed', heldForMs: 0, closedForMs: 0, blamed: false } as const
    }
  }

  return {
    ask: async (request) => {
      const { id, limit, deadline = 0 } = request
      const numbers = [limit.amount, limit.perMs, limit.atOnce ?? 0, Math.ceil(deadline), leaseMs]
      const args = [id, ...numbers, operationOf(limit), request.evenHeld ? 1 : 0]
      const reply = await run(askScript, limit, args).catch((cause: unknown) => {
        throw new HooklineError('store_unavailable', `Redis gave no permit: ${wordsOf(cause)}.`, { cause })
      })
      seen(reply[3], limit)
      return answerOf(reply, request)
    },
    report: (permit, { result, ...rest }) => report(permit, result, rest),
    giveBack: async (permit) => {
      await report(permit, 'unused', { item: '' })
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

function answerOf([kind, ms, rest]: (number | string)[], { id, limit }: PermitRequest): Answer {
  if (kind === 2) return { kind: 'exhausted', ms: Number(ms) }
  if (kind === 0) return { kind: 'wait', ms: Number(ms), reason: rest as WaitReason }
  const permit = { id, limit, priority: Number(rest), grantedAt: performance.now() }
  return { kind: 'granted', permit, waitedMs: Number(ms) }
}

function reportArgs(
  { id, limit, priority, grantedAt }: Permit,
  result: CallResult | 'unused',
  { item, stated = {}, waitMs }: Omit<CallReport, 'result'>,
): (number | string)[] {
  const tookMs = Math.round(performance.now() - grantedAt)
  const told = [stated.amount, stated.remaining, stated.resetMs, waitMs].map((value) => value ?? '')
  // A prefix: Lua takes an id that looks like a number for one.
  return [id, result, `item ${item}`, priority, limit.amount, limit.perMs, tookMs, ...told]
}

function logTurn(log: Logger, turned: number, { heldForMs }: BreakerView): void {
  if (turned === 1) {
    log.error(
      { held_ms: heldForMs },
      'sending is held: the platform failed on five calls in a row. Events are still taken; one call at a time tries whether it is back',
    )
  }
  if (turned < 0) log.info('sending goes on: the platform takes calls again')
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
