import type { RedisClient } from '#libs/redis'
import { minuteMs } from './keys'
import { hasSomething, overviewOf, readBotNow } from './read-bot'
import { type MinuteReader, createMinuteReader } from './read-minutes'
import { type Fleet, type LiveProcess, readFleet } from './read-processes'
import { readRedisHealth, summarize } from './read-redis-health'
import type { BotOverview, JournalSummary, ProcessSummary, RedisSummary } from './types'

/** Everything at a glance, but for the alerts. */
export interface VitalsOverview {
  /** Redis' clock: Unix milliseconds. */
  at: number
  bots: BotOverview[]
  processes: ProcessSummary
  redis: RedisSummary
  journal: JournalSummary
}

export interface ReadOptions {
  /** Remembers minutes that are over; without one each look reads the whole hour. */
  reader?: MinuteReader
}

/** A bot that no process has worked for so long is shown only while something of it is left. */
const goneMs = 10 * minuteMs

/** Rejects when Redis does not answer; a Redis with worries is in `redis`. Sorted by name. */
export async function readOverview(
  redis: RedisClient,
  { reader = createMinuteReader(redis) }: ReadOptions = {},
): Promise<VitalsOverview> {
  const [fleet, servers] = await Promise.all([readFleet(redis), readRedisHealth(redis)])
  return {
    at: fleet.now,
    bots: await readBots(redis, fleet, reader),
    processes: processesOf(fleet.processes),
    redis: summarize(servers),
    journal: journalOf(fleet.processes),
  }
}

async function readBots(redis: RedisClient, fleet: Fleet, reader: MinuteReader): Promise<BotOverview[]> {
  const { now, processes } = fleet
  const names = [...fleet.bots.keys()].sort()
  const minute = Math.floor(now / minuteMs)
  const [hours, found] = await Promise.all([
    reader.read(names, minute - 59, minute),
    Promise.all(names.map(async (bot) => ({ bot, redis: await readBotNow(redis, bot) }))),
  ])
  const partOfLast = (now % minuteMs) / minuteMs
  return found
    .filter(({ bot, redis: botNow }) => now - (fleet.bots.get(bot) ?? 0) < goneMs || hasSomething(botNow))
    .map(({ bot, redis: botNow }) => {
      const own = processes.filter(({ bots }) => bots[bot] !== undefined)
      const workers = own.filter(({ kind, late }) => kind === 'worker' && !late)
      const hour = { minutes: hours.get(bot) ?? [], partOfLast }
      return overviewOf({ bot, now, redis: botNow, hour, workers, processes: own })
    })
}

function processesOf(processes: LiveProcess[]): ProcessSummary {
  const live = processes.filter(({ late }) => !late)
  const count = (kind: LiveProcess['kind']) => live.filter((process) => process.kind === kind).length
  const versions = [...new Set(live.map(({ version }) => version))].sort()
  return { ingress: count('ingress'), worker: count('worker'), console: count('console'), versions }
}

/** Processes that share a folder all tell of the same events. */
function journalOf(processes: LiveProcess[]): JournalSummary {
  const byFolder = new Map(
    processes.flatMap(({ journal }) => (journal ? [[journal.folder, journal] as const] : [])),
  )
  const sum = { events: 0, bytes: 0, maxBytes: 0 }
  for (const { events, bytes, maxBytes } of byFolder.values()) {
    sum.events += events
    sum.bytes += bytes
    sum.maxBytes += maxBytes
  }
  return sum
}
