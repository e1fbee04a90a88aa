import type { Limit } from '#libs/contract'
import type { Logger } from '#libs/observability'
import { type Gathered, answerSoon, createGathered } from '#libs/redis'
import { accountKeys, accountOf } from './account'
import { type BreakerState, createBreakerWatch } from './breaker-watch'
import { type Desk, createDesk } from './desk'
import type { BreakerView, CallResult, Limiter, PermitRequest } from './permit'
import type { LimiterRedis } from './prelude'
import { type AskReply, type Ended, type ReportReply, createStore, endedNow } from './store'

export interface LimiterOptions {
  bot: string
  redis: LimiterRedis
  log: Logger
  onBreaker?: (state: BreakerState) => void
  /** After this time a permit without a report is taken for one whose holder died. */
  leaseMs?: number
}

/** A limiter that has something to tell Redis when the process ends. */
export interface RunningLimiter extends Limiter {
  /**
   * When no more calls are made: tells Redis what it has not told yet, and gives back what is left in stock. Where that
   * does not happen (a crash), those permits end by themselves: they count until the end of their lease and a window
   * more. Never throws, and does not wait long for a Redis that is away.
   */
  close(): Promise<void>
}

/** Longer than a call with its token takes (10 s for the call, 15 s for a token that another worker fetches). */
const defaultLeaseMs = 30_000

/**
 * Reports of accepted calls: their permits count that much longer, and another process's failures in a row are ended that
 * much later.
 */
const gathering = { withinMs: 20, atMost: 100 }

/** What a limiter does for one large limit. */
interface Counter {
  desk: Desk
  gathered: Gathered<Ended>
}

export function createLimiter(options: LimiterOptions): RunningLimiter {
  const { bot, redis, log, leaseMs = defaultLeaseMs } = options
  const store = createStore({ bot, redis, log, leaseMs })
  const watch = createBreakerWatch(redis, options.onBreaker)
  const counters = new Map<string, Counter>()
  const underWay = new Set<Promise<unknown>>()

  /** Nobody waits for it, except the end of the process. It never throws. */
  const background = (work: Promise<unknown>) => {
    underWay.add(work)
    void work.then(() => underWay.delete(work))
  }

  const unsettleAll = () => {
    for (const { desk } of counters.values()) desk.unsettle()
  }

  const seen = (breaker: BreakerState, limit: Limit) => {
    watch(breaker, accountKeys(accountOf(limit), bot).breaker)
    if (breaker !== 'closed') unsettleAll()
  }

  const askRedis = async (request: PermitRequest, count: number): Promise<AskReply> => {
    const reply = await store.ask(request, count)
    seen(reply.breaker, request.limit)
    if (reply.answer.kind === 'wait' && reply.answer.reason === 'hold') unsettleAll()
    return reply
  }

  const told = async (limit: Limit, telling: Promise<ReportReply | undefined>): Promise<BreakerView> => {
    const reply = await telling
    if (!reply) return nothingKnown
    const { turned, ...view } = reply
    seen(view.breaker, limit)
    if (view.closedForMs > 0) counterOf(limit)?.desk.unsettle()
    logTurn(log, turned, view)
    return view
  }

  const createCounter = (limit: Limit): Counter => ({
    desk: createDesk({
      askRedis,
      giveBack: (spares) => {
        const names = spares.map(({ name }) => name)
        background(store.remove(limit, names))
      },
    }),
    gathered: createGathered((calls) => background(told(limit, store.ended(limit, calls))), gathering),
  })

  const counterOf = (limit: Limit): Counter | undefined => {
    if (!isLarge(limit)) return undefined
    const key = `${limit.scope} ${limit.amount} ${limit.perMs}`
    const counter = counters.get(key) ?? createCounter(limit)
    counters.set(key, counter)
    return counter
  }

  const tellGathered = () => {
    for (const { gathered } of counters.values()) gathered.flush()
  }

  /** What the last call counted against: most bots make one kind of call. */
  let last: Limit | undefined

  return {
    fetchAhead: () => {
      if (last) counterOf(last)?.desk.fetchAhead(last)
    },
    ask: (request) => {
      const counter = counterOf(request.limit)
      last = request.limit
      return counter ? counter.desk.ask(request) : askRedis(request, 1).then(({ answer }) => answer)
    },
    report: (permit, { result, ...rest }) => {
      const counter = counterOf(permit.limit)
      if (result === 'ok' && !rest.stated && counter?.desk.isCalm()) {
        counter.gathered.add(endedNow(permit))
        return Promise.resolve(nothingKnown)
      }
      // Successes before the failure: they end the failures in a row.
      if (result !== 'ok') tellGathered()
      if (isTrouble(result)) counter?.desk.unsettle()
      return told(permit.limit, store.report(permit, result, rest))
    },
    giveBack: async (permit) => {
      await told(permit.limit, store.report(permit, 'unused', { item: '' }))
    },
    close: async () => {
      tellGathered()
      unsettleAll()
      await answerSoon(Promise.all(underWay)).catch(() => undefined)
    },
  }
}

const nothingKnown: BreakerView = { breaker: 'closed', heldForMs: 0, closedForMs: 0, blamed: false }

/** Grants of these are not paced, by the same 2 ms as in the script: there is something to save, and no pace to keep. */
function isLarge({ amount, perMs, atOnce = 0 }: Limit): boolean {
  return atOnce === 0 && perMs / amount / 4 < 2
}

/** After these Redis may see the next call in another way. */
function isTrouble(result: CallResult): boolean {
  return result === 'limited' || result === 'quota' || result === 'failed'
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
