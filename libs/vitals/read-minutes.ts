import type { RedisClient } from '#libs/redis'
import { type Counts, addCounts } from './counts'
import { minuteKey, minuteMs } from './keys'
import { type Command, runAll } from './run-all'

/** Reads what was counted, minute by minute. */
export interface MinuteReader {
  /** The counts of these bots, from minute `from` to minute `to` (both included, since 1970), oldest first. */
  read(bots: readonly string[], from: number, to: number): Promise<Map<string, Counts[]>>
}

/** A minute is written to until it is over, by Redis' clock; one more, so that nothing under way is missed. */
const openMinutes = 2
/** An hour that is looked at, and some. */
const keptMinutes = 130

/** Remembers minutes that are over, for they don't change: a look at an hour is then one at the last two minutes. */
export function createMinuteReader(redis: RedisClient): MinuteReader {
  const past = new Map<string, Map<number, Counts>>()
  const read: MinuteReader['read'] = async (bots, from, to) => {
    const wanted = bots.flatMap((bot) =>
      minutesOf(from, to)
        .filter((minute) => !past.get(bot)?.has(minute))
        .map((minute) => ({ bot, minute })),
    )
    const replies = await runAll(
      redis,
      wanted.map(({ bot, minute }): Command => ['hgetall', minuteKey(bot, minute)]),
    )
    const found = new Map<string, Counts>()
    wanted.forEach(({ bot, minute }, i) => {
      const [error, reply] = replies[i] ?? [new Error('Redis gave no answer'), null]
      if (error) throw error
      const counts = countsOf(reply)
      if (minute <= to - openMinutes) keep(past, { bot, minute, counts })
      else found.set(`${minute} ${bot}`, counts)
    })
    const one = (bot: string, minute: number) =>
      past.get(bot)?.get(minute) ?? found.get(`${minute} ${bot}`) ?? {}
    return new Map(bots.map((bot) => [bot, minutesOf(from, to).map((minute) => one(bot, minute))]))
  }
  return { read }
}

function keep(
  past: Map<string, Map<number, Counts>>,
  { bot, minute, counts }: { bot: string; minute: number; counts: Counts },
): void {
  const minutes = past.get(bot) ?? new Map<number, Counts>()
  past.set(bot, minutes.set(minute, counts))
  for (const old of minutes.keys()) if (old < minute - keptMinutes) minutes.delete(old)
}

function minutesOf(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, i) => from + i)
}

/** HGETALL: an object where ioredis knows the command by its name, else a flat list. */
function countsOf(reply: unknown): Counts {
  const counts: Record<string, number> = {}
  if (Array.isArray(reply)) {
    for (let i = 0; i < reply.length; i += 2) counts[String(reply[i])] = Number(reply[i + 1])
    return counts
  }
  const texts = reply as Record<string, string>
  for (const field in texts) counts[field] = Number(texts[field])
  return counts
}

export interface CountsQuery {
  minutes: number
  now?: number
  reader?: MinuteReader
}

/** What was counted for a bot within the last minutes, the one under way included; `unknownBot` for strangers. */
export async function readCounts(
  redis: RedisClient,
  bot: string,
  { minutes, now = Date.now(), reader = createMinuteReader(redis) }: CountsQuery,
): Promise<Counts> {
  const to = Math.floor(now / minuteMs)
  const found = await reader.read([bot], to - minutes + 1, to)
  return addCounts(found.get(bot) ?? [])
}
