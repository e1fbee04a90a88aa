import { type Counts, addCounts, countOf, quantileMs, sumOf } from './counts'
import type { Rates } from './forecast'
import type { BotOverview } from './types'

/** What a look at an hour says. `minutes`: one entry per minute, oldest first; the last is under way. */
export interface Hour {
  minutes: Counts[]
  /** How much of the last minute is over: 0 to 1. */
  partOfLast: number
}

/** Mean of the last five whole minutes. */
export function eventsPerMinute({ minutes }: Hour): number {
  const whole = addCounts(minutes.slice(-6, -1))
  return Math.round((countOf(whole, 'events') / 5) * 10) / 10
}

/**
 * Until when a webhook has to be answered. LINE: 2 s [doc D/check-webhook-error-statistics]. LINE WORKS and Tocaro do not
 * say [unknown].
 */
const ackDeadlineMs: Partial<Record<string, number>> = { line: 2000 }

/** Of the last five minutes and the one under way. */
export function ackOf({ minutes }: Hour, platform: string | undefined): BotOverview['ack'] {
  const recent = addCounts(minutes.slice(-6))
  const p50Ms = quantileMs(recent, 'ack', 0.5)
  const p99Ms = quantileMs(recent, 'ack', 0.99)
  if (p50Ms === undefined || p99Ms === undefined) return undefined
  const deadlineMs = ackDeadlineMs[platform ?? '']
  return { p50Ms, p99Ms, ...(deadlineMs === undefined ? {} : { deadlineMs }) }
}

/** Over the hour. `limited` are calls that come again, so they are not among the failed. */
export function sendsOf(hour: Counts): BotOverview['sends'] {
  const sent = countOf(hour, 'send:sent')
  const maybe = countOf(hour, 'send:maybe_sent')
  const limited = countOf(hour, 'send:api_rate_limited') + countOf(hour, 'send:api_quota_exhausted')
  return { sent, maybe, limited, failed: sumOf(hour, 'send:') - sent - maybe - limited }
}

/** Of the last two whole minutes and the one under way. */
export function ratesOf({ minutes, partOfLast }: Hour): Rates {
  const recent = addCounts(minutes.slice(-3))
  const length = Math.min(minutes.length, 3) - 1 + partOfLast
  const perMinute = (n: number) => n / Math.max(length, 0.1)
  const of = (...fields: string[]) =>
    perMinute(fields.reduce((sum, field) => sum + countOf(recent, field), 0))
  return {
    in: of('events'),
    done: of('item:done', 'item:park'),
    calls: perMinute(sumOf(recent, 'send:')),
    callsHeld: of('held:limit', 'held:closed'),
    handlerMs: of('handler:sum'),
    sendMs: of('send_time:sum'),
    permitMs: of('permit:sum'),
  }
}
