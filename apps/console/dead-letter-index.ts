import type { PlatformName } from '#libs/contract'
import {
  type BulkRef,
  type LetterRef,
  botsWithDeadLetters,
  deadLetterRefs,
  readDeadLetters,
} from '#libs/mailbox'
import type { RedisClient } from '#libs/redis'
import type { DeadLetterFilter } from './api-types'

/** What choosing, counting and sorting need to know of a dead letter. */
export interface IndexedLetter extends BulkRef {
  platform: PlatformName
  reason: string
}

export interface LetterIndex {
  /** The letters that match, latest first. `fresh`: as they are now, not as they were a moment ago. */
  find(filter: DeadLetterFilter, fresh?: boolean): Promise<IndexedLetter[]>
}

/** A page that asks every few seconds, and several people: they share one look into Redis. */
const freshMs = 1000
/** Which bots have letters is a walk over all keys. */
const botsFreshMs = 5000

/**
 * Knows reason and platform of all dead letters: a letter never changes in these, so each is decoded once, and after
 * that only the sorted sets are read.
 */
export function createLetterIndex(
  redis: RedisClient,
  bots: () => Promise<string[]> = () => botsWithDeadLetters(redis),
): LetterIndex {
  const allBots = shortly(botsFreshMs, bots)
  const ofBot = new Map<string, Shared<IndexedLetter[]>>()
  const lettersOf = (bot: string) => {
    const known = ofBot.get(bot)
    if (known) return known
    const letters = shortly(freshMs, indexOf(redis, bot))
    // Only bots that have letters are worth a place: anybody may ask for any name.
    return { read: letters.read, keep: () => ofBot.set(bot, letters) }
  }
  return {
    find: async (filter, fresh = false) => {
      const names = filter.bot === undefined ? await allBots.read(fresh) : [filter.bot]
      const all = await Promise.all(
        names.map(async (name) => {
          const letters = lettersOf(name)
          const found = await letters.read(fresh)
          if (found.length > 0 && 'keep' in letters) letters.keep()
          return found
        }),
      )
      return all
        .flat()
        .filter((letter) => isMeant(letter, filter))
        .sort(latestFirst)
    },
  }
}

/** Reads what is new since the last time. */
function indexOf(redis: RedisClient, bot: string): () => Promise<IndexedLetter[]> {
  let known = new Map<string, IndexedLetter>()
  return async () => {
    const refs = await deadLetterRefs(redis, [bot])
    const added = await describe(
      redis,
      refs.filter(({ id }) => !known.has(id)),
    )
    const here = refs.flatMap(({ id }) => known.get(id) ?? added.get(id) ?? [])
    known = new Map(here.map((letter) => [letter.id, letter]))
    return here
  }
}

async function describe(redis: RedisClient, refs: LetterRef[]): Promise<Map<string, IndexedLetter>> {
  const found = new Map<string, IndexedLetter>()
  for await (const { id, bot, parkedAt, reason, item } of readDeadLetters(redis, refs)) {
    const { platform, receivedAt, occurredAt } = item.event
    found.set(id, { id, bot, parkedAt, reason, platform, receivedAt, occurredAt })
  }
  return found
}

function isMeant(
  letter: IndexedLetter,
  { reason, platform, from = 0, to = Infinity }: DeadLetterFilter,
): boolean {
  return (
    (reason === undefined || letter.reason === reason) &&
    (platform === undefined || letter.platform === platform) &&
    letter.parkedAt >= from &&
    letter.parkedAt < to
  )
}

/** A whole order: a page begins where the one before ended. */
export function latestFirst(a: Position, b: Position): number {
  return b.parkedAt - a.parkedAt || compare(a.bot, b.bot) || compare(a.id, b.id)
}

export type Position = LetterRef

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)

interface Shared<T> {
  read: (fresh: boolean) => Promise<T>
}

/** One call at a time; its result serves for a while. A fresh one begins after it was asked for. */
function shortly<T>(ms: number, work: () => Promise<T>): Shared<T> {
  let last: { at: number; value: T } | undefined
  let underWay: Promise<T> | undefined
  const start = () => {
    underWay = work()
      .then((value) => {
        last = { at: Date.now(), value }
        return value
      })
      .finally(() => (underWay = undefined))
    return underWay
  }
  return {
    read: async (fresh) => {
      if (fresh) {
        await underWay?.catch(() => undefined)
        return underWay ?? start()
      }
      return last && Date.now() - last.at < ms ? last.value : (underWay ?? start())
    },
  }
}
