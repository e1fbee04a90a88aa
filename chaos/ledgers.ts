import type { Emulator } from '#libs/emulator'
import { botPrefix, listDeadLetters } from '#libs/mailbox'
import type { RedisClient } from '#libs/redis'
import type { Member } from './fleet'
import { labelsIn } from './labels'
import type { Accepted, Call, Parked } from './reconcile'
import type { Away } from './redis-server'
import type { WireCall } from './wire'

/** Without a config file the bots are named after their platforms. */
const bots = ['line', 'lineworks', 'tocaro']

/** What the emulator's platforms accepted, one entry per text. */
export function acceptedBy(emulator: Emulator): Accepted[] {
  return emulator.ledger.messages().flatMap((entry) =>
    labelsIn(entry.messages).map((label) => ({
      label,
      conversation: entry.conversation?.id ?? '',
      at: entry.at,
    })),
  )
}

export async function parkedIn(redis: RedisClient): Promise<Parked[]> {
  const letters = await Promise.all(bots.map((bot) => listDeadLetters(redis, bot)))
  return letters
    .flat()
    .flatMap(({ item, reason, explanation }) =>
      labelsIn(item.event.raw).map((label) => ({ label, reason: `${reason}: ${explanation}` })),
    )
}

/** Lanes that still have items. */
export async function busyLanes(redis: RedisClient): Promise<number> {
  const counts = await Promise.all(bots.map((bot) => redis.zcard(`${botPrefix(bot)}:lanes`)))
  return counts.reduce((sum, count) => sum + count, 0)
}

/** What the lanes still hold. */
export async function waitingIn(redis: RedisClient): Promise<string[]> {
  const items = await Promise.all(
    bots.map(async (bot) => {
      const lanes = await redis.zrange(`${botPrefix(bot)}:lanes`, 0, '-1')
      return Promise.all(lanes.map((lane) => redis.lrange(`${botPrefix(bot)}:lane:${lane}`, 0, -1)))
    }),
  )
  return labelsIn(items)
}

/** How long a worker may take to note an answer in Redis. Killed within it, it may not have. */
const noteMs = 500
/** The same while Redis comes back: the worker's connection is tried anew about every second. */
const noteAfterOutageMs = 2500

export interface Witnesses {
  calls: WireCall[]
  members: Member[]
  away: Away[]
}

/** The calls that may have been accepted, and whether the worker could know and note it. */
export function callsOf({ calls, members, away }: Witnesses): Call[] {
  return calls
    .filter(({ status }) => status === 0 || (status >= 200 && status < 300))
    .flatMap((call) => {
      const { slot, startedAt, endedAt } = call
      const trouble = whyNotNoted(call, members, away)
      const how = `${slot} ${trouble ?? 'answered'}`
      return [...new Set(call.labels)].map((label) => ({
        label,
        startedAt,
        endedAt,
        clear: trouble === undefined,
        how,
      }))
    })
}

/** Why the acceptance may not stand in Redis; undefined: it must. */
function whyNotNoted(call: WireCall, members: Member[], away: Away[]): string | undefined {
  if (call.status === 0) return 'cut by the platform'
  if (!call.answered) return 'given up by the worker'
  if (members.some((member) => diedOver(call, member))) return 'killed'
  if (away.some((time) => fellInto(call, time))) return 'without Redis'
  return undefined
}

function diedOver({ slot, startedAt, endedAt }: WireCall, member: Member): boolean {
  if (member.slot !== slot || member.orderly || member.endedAt === undefined) return false
  return member.endedAt >= startedAt && (member.endingAt ?? member.endedAt) <= endedAt + noteMs
}

function fellInto({ endedAt }: WireCall, { from, to }: Away): boolean {
  return from - noteMs <= endedAt && endedAt <= to + noteAfterOutageMs
}
