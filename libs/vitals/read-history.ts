import type { RedisClient } from '#libs/redis'
import { type Counts, addCounts, countOf, quantileMs } from './counts'
import { minuteMs } from './keys'
import { sendsOf } from './rates'
import { createMinuteReader } from './read-minutes'
import type { ReadOptions } from './read-overview'
import { readFleet } from './read-processes'
import type { History } from './types'

export interface HistoryQuery extends ReadOptions {
  /** One bot; left out: all together. */
  bot?: string | undefined
  /** 1 to 120; the last one is under way. */
  minutes: number
}

/** What was counted minute by minute, oldest first. Of a bot that nobody knows it is all zeros. */
export async function readHistory(redis: RedisClient, query: HistoryQuery): Promise<History> {
  const { bot, minutes } = query
  const fleet = await readFleet(redis)
  const to = Math.floor(fleet.now / minuteMs)
  const bots = bot === undefined ? [...fleet.bots.keys()] : [bot]
  // A reader remembers what it reads: the shared one not for every name that somebody makes up.
  const isKnown = bot === undefined || fleet.bots.has(bot)
  const reader = (isKnown ? query.reader : undefined) ?? createMinuteReader(redis)
  const found = await reader.read(bots, to - minutes + 1, to)
  const counts = Array.from({ length: minutes }, (_, i) =>
    addCounts([...found.values()].map((own) => own[i] ?? {})),
  )
  return historyOf(counts, (to - minutes + 1) * minuteMs)
}

function historyOf(counts: Counts[], from: number): History {
  const each = (field: string) => counts.map((one) => countOf(one, field))
  const quantile = (name: 'ack' | 'wait', share: number) =>
    counts.map((one) => quantileMs(one, name, share) ?? null)
  return {
    from,
    minutes: counts.length,
    events: each('events'),
    done: each('item:done'),
    retried: each('item:retry'),
    parked: each('item:park'),
    sent: each('send:sent'),
    sendFailures: counts.map((one) => sendsOf(one).failed),
    limited: each('limited'),
    journaled: each('journaled'),
    ackP50Ms: quantile('ack', 0.5),
    ackP99Ms: quantile('ack', 0.99),
    waitP99Ms: quantile('wait', 0.99),
  }
}
