import type { PlatformName } from '#libs/contract'
import { type LimitUse, type LimiterView, readAccount, readHold, readUse } from '#libs/limiter'
import { botPrefix, platformOf, readBacklog, readPause } from '#libs/mailbox'
import type { Backlog } from '#libs/observability'
import type { RedisClient } from '#libs/redis'
import { addCounts, countOf } from './counts'
import { forecast } from './forecast'
import { type Hour, ackOf, eventsPerMinute, ratesOf, sendsOf } from './rates'
import type { LiveProcess } from './read-processes'
import type { BotOverview, BotState, Budget } from './types'

/** What Redis says about a bot now, whatever waits. */
export interface BotNow {
  backlog: Backlog
  platform: PlatformName | undefined
  stopped: ({ as: 'paused' | 'held' } & NonNullable<BotOverview['stopped']>) | undefined
  limiter: LimiterView
  /** Of the token that workers share; absent where there is none. */
  tokenMs: number | undefined
}

/** Never more than a handful of short commands. */
export async function readBotNow(redis: RedisClient, bot: string): Promise<BotNow> {
  const [backlog, platform, hold, tokenMs, limiter] = await Promise.all([
    readBacklog(redis, bot),
    platformOf(redis, bot),
    readHold(redis, bot),
    redis.pttl(`${botPrefix(bot)}:token`),
    readLimiter(redis, bot),
  ])
  const pause = backlog.paused ? await readPause(redis, bot) : undefined
  const stopped = pause
    ? { as: 'paused' as const, ...pause }
    : hold
      ? { as: 'held' as const, ...hold }
      : undefined
  return { backlog, platform, stopped, limiter, tokenMs: tokenMs > 0 ? tokenMs : undefined }
}

async function readLimiter(redis: RedisClient, bot: string): Promise<LimiterView> {
  const account = await readAccount(redis, bot)
  if (account === undefined) return { breaker: { state: 'closed', heldForMs: 0 }, limits: [] }
  return readUse(redis, bot, account)
}

export interface BotFacts {
  bot: string
  now: number
  redis: BotNow
  hour: Hour
  /** Workers of this bot that are not late. */
  workers: LiveProcess[]
  /** All processes of this bot. */
  processes: LiveProcess[]
}

/** Whether a bot is worth a row although no process works for it. */
export function hasSomething({ backlog, stopped }: BotNow): boolean {
  return backlog.items > 0 || backlog.deadLetters > 0 || backlog.timers > 0 || stopped !== undefined
}

export function overviewOf(facts: BotFacts): BotOverview {
  const { bot, hour, redis, workers } = facts
  const { backlog, limiter } = redis
  const { as, ...stopped } = redis.stopped ?? {}
  const total = addCounts(hour.minutes)
  const platform = redis.platform ?? facts.processes.find(({ bots }) => bots[bot])?.bots[bot]
  const ack = ackOf(hour, platform)
  const token = tokenOf(facts)
  const budgets = budgetsOf(limiter.limits)
  const forecasted = forecast({
    ...{ now: facts.now, items: backlog.items, budgets, rates: ratesOf(hour) },
    ...{ stopped: as, breaker: limiter.breaker.state },
    slots: workers.reduce((sum, { slots = 0 }) => sum + slots, 0),
    active: workers.reduce((sum, { active = {} }) => sum + (active[bot] ?? 0), 0),
  })
  return {
    bot,
    ...(platform && { platform }),
    state: stateOf(as, limiter.breaker.state),
    ...(as && { stopped }),
    eventsPerMinute: eventsPerMinute(hour),
    ...(ack && { ack }),
    waiting: { lanes: backlog.lanes, items: backlog.items, oldestAgeMs: backlog.oldestAgeMs },
    sends: sendsOf(total),
    limited: countOf(total, 'limited'),
    budgets,
    ...(token && { token }),
    breaker: limiter.breaker,
    deadLetters: backlog.deadLetters,
    timers: backlog.timers,
    workers: workers.length,
    journaled: countOf(total, 'journaled'),
    ...(forecasted && { forecast: forecasted }),
  }
}

function stateOf(stopped: 'paused' | 'held' | undefined, breaker: LimiterView['breaker']['state']): BotState {
  if (stopped) return stopped
  return breaker === 'held' ? 'failing' : breaker === 'opening' ? 'opening' : 'works'
}

/** The limiter notes a use every ten seconds. */
const recentMs = 70_000

function budgetsOf(limits: LimitUse[]): Budget[] {
  return limits
    .filter(({ usedAgoMs, closed }) => usedAgoMs <= recentMs || closed !== undefined)
    .map(({ operation, used, amount, windowMs, closed }) => ({
      ...{ operation, used, limit: amount, windowMs },
      ...(closed && { closed }),
    }))
    .sort((a, b) => b.used / b.limit - a.used / a.limit)
}

/** Static or minted: the workers say. Where none does, a shared token is a minted one. */
function tokenOf({ bot, redis, workers }: BotFacts): BotOverview['token'] {
  const kind = workers.find(({ tokens }) => tokens?.[bot])?.tokens?.[bot]
  const { tokenMs } = redis
  if (kind === 'static') return { kind }
  if (tokenMs !== undefined) return { kind: 'minted', expiresInMs: tokenMs }
  return kind && { kind }
}
