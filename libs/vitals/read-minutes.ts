import { type RedisClient, runScript, script } from '#libs/redis'
import { type Counts, addCounts } from './counts'
import { minuteKey, minuteMs } from './keys'

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
  const minutesOfBot = async (bot: string, from: number, to: number): Promise<Counts[]> => {
    const known = past.get(bot)
    const found = await fetchMinutes(
      redis,
      bot,
      minutesOf(from, to).filter((minute) => !known?.has(minute)),
    )
    for (const [minute, counts] of found) if (minute <= to - openMinutes) keep(past, { bot, minute, counts })
    return minutesOf(from, to).map((minute) => found.get(minute) ?? past.get(bot)?.get(minute) ?? {})
  }
  const read: MinuteReader['read'] = async (bots, from, to) =>
    new Map(await Promise.all(bots.map(async (bot) => [bot, await minutesOfBot(bot, from, to)] as const)))
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

/**
 * A minute as one text: the hour of a bot as three thousand separate fields would cost the reader ten times as much.
 * KEYS  minutes
 * Returns per minute its fields and numbers, with blanks between.
 */
const minutesScript = script(`
local texts = {}
for i, key in ipairs(KEYS) do texts[i] = table.concat(redis.call('HGETALL', key), ' ') end
return texts
`)

async function fetchMinutes(
  redis: RedisClient,
  bot: string,
  minutes: number[],
): Promise<Map<number, Counts>> {
  if (minutes.length === 0) return new Map()
  const keys = minutes.map((minute) => minuteKey(bot, minute))
  const texts = (await runScript(redis, minutesScript, keys, [])) as string[]
  return new Map(minutes.map((minute, i) => [minute, countsOf(texts[i] ?? '')]))
}

function countsOf(text: string): Counts {
  const counts: Record<string, number> = {}
  if (text === '') return counts
  const parts = text.split(' ')
  for (let i = 0; i < parts.length; i += 2) counts[parts[i] ?? ''] = Number(parts[i + 1])
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
