import { randomUUID } from 'node:crypto'
import type { PlatformName } from '#libs/contract'
import { type Item, callsOf } from './item'
import { discardedRecord } from './push-record'
import { type RedisClient, primaries, runScript } from '#libs/redis'
import { isBotName } from './bots'
import { botKeys } from './keys'
import { discardScript } from './scripts'

/** A parked item with its whole story. */
export interface DeadLetter {
  id: string
  bot: string
  lane: string
  /** Unix milliseconds. */
  parkedAt: number
  /** Why it can't go on, as a stable word: `rejected`, `attempts_used_up`, `not_understood`, … */
  reason: string
  /** The same for people, with the platform's own words. */
  explanation: string
  item: Item
}

export interface ParkReason {
  reason: string
  explanation: string
}

/** Where a dead letter is and when it was parked: enough to choose, sort and address it. */
export interface LetterRef {
  bot: string
  id: string
  parkedAt: number
}

/** Which dead letters are meant; a field that is left out matches all. */
export interface LetterFilter {
  bot?: string
  platform?: PlatformName
  reason?: string
  /** Parked at or after this time: Unix milliseconds. */
  since?: number
  /** Parked before this time: Unix milliseconds. */
  before?: number
}

export function deadLetterOf(
  bot: string,
  lane: string,
  item: Item,
  { reason, explanation }: ParkReason,
): DeadLetter {
  return { id: randomUUID(), bot, lane, parkedAt: Date.now(), reason, explanation, item }
}

/** The bots that have dead letters, configured here or not. Walks over all keys: for a person, not for a timer. */
export async function botsWithDeadLetters(redis: RedisClient): Promise<string[]> {
  const bots = new Set<string>()
  const [before, after] = botKeys('*').deadLetters.split('*') as [string, string]
  for (const server of primaries(redis)) {
    for await (const keys of server.scanStream({ match: `${before}*${after}`, count: 1000 }))
      for (const key of keys as string[]) bots.add(key.slice(before.length, -after.length))
  }
  return [...bots].filter(isBotName).sort()
}

/** References to all dead letters of these bots, oldest first. */
export async function deadLetterRefs(redis: RedisClient, bots: string[]): Promise<LetterRef[]> {
  const perBot = await Promise.all(
    bots.map(async (bot) => {
      const pairs = await redis.zrange(botKeys(bot).deadLetterTimes, 0, '-1', 'WITHSCORES')
      return Array.from({ length: pairs.length / 2 }, (_, i) => ({
        bot,
        id: pairs[2 * i] ?? '',
        parkedAt: Number(pairs[2 * i + 1]),
      }))
    }),
  )
  return perBot.flat().sort((a, b) => a.parkedAt - b.parkedAt)
}

/** A letter may hold a long text: this many are read in one reply, so that Redis and we stay small. */
const batchSize = 100

/** The letters behind the references that the filter lets through, in their order; those gone by now are left out. */
export async function* readDeadLetters(
  redis: RedisClient,
  refs: LetterRef[],
  filter: LetterFilter = {},
): AsyncGenerator<DeadLetter> {
  const { bot: only, since = 0, before = Infinity } = filter
  const wanted = refs.filter(
    ({ bot, parkedAt }) => (only === undefined || bot === only) && parkedAt >= since && parkedAt < before,
  )
  for (const { bot, ids } of runs(wanted)) {
    for (const text of await redis.hmget(botKeys(bot).deadLetters, ...ids)) {
      const letter = text === null ? undefined : withoutReplyTokens(decodeLetter(text))
      if (letter && isMeant(letter, filter)) yield letter
    }
  }
}

function isMeant({ reason, item }: DeadLetter, filter: LetterFilter): boolean {
  if (filter.reason !== undefined && reason !== filter.reason) return false
  return filter.platform === undefined || item.event.platform === filter.platform
}

/** References that follow each other and belong to one bot, as one read. */
function* runs(refs: LetterRef[]): Generator<{ bot: string; ids: string[] }> {
  let run: { bot: string; ids: string[] } | undefined
  for (const { bot, id } of refs) {
    if (run && (run.bot !== bot || run.ids.length === batchSize)) {
      yield run
      run = undefined
    }
    if (run) run.ids.push(id)
    else run = { bot, ids: [id] }
  }
  if (run) yield run
}

/** The bot's dead letters, oldest first. */
export async function listDeadLetters(redis: RedisClient, bot: string): Promise<DeadLetter[]> {
  const letters: DeadLetter[] = []
  for await (const letter of readDeadLetters(redis, await deadLetterRefs(redis, [bot]))) letters.push(letter)
  return letters
}

/** Removes dead letters of one bot for good. Returns how many there were: somebody may have been faster. */
export async function discardDeadLetters(redis: RedisClient, bot: string, ids: string[]): Promise<number> {
  return (await discardEach(redis, bot, ids)).length
}

/** The same; returns the ids of those that were there. */
export async function discardEach(redis: RedisClient, bot: string, ids: string[]): Promise<string[]> {
  const keys = botKeys(bot)
  const discarded: string[] = []
  for (let i = 0; i < ids.length; i += batchSize) {
    const batch = ids.slice(i, i + batchSize)
    const texts = await redis.hmget(keys.deadLetters, ...batch)
    const letters = texts.map((text) => (text === null ? undefined : decodeLetter(text)))
    const reply = await runScript(
      redis,
      discardScript,
      [keys.deadLetters, keys.deadLetterTimes, ...letters.map((letter) => keys.seen(letter?.item.id ?? ''))],
      batch.flatMap((id, at) => [id, discardedRecord(letters[at])]),
    )
    discarded.push(...(reply as string[]))
  }
  return discarded
}

export function decodeLetter(text: string): DeadLetter {
  return JSON.parse(text) as DeadLetter
}

const secret = '[secret]'

/** Whoever holds a LINE reply token may answer in the bot's name: it stays in Redis, where a replay finds it. */
function withoutReplyTokens(letter: DeadLetter): DeadLetter {
  const { event } = letter.item
  for (const { replyToken } of [event, ...callsOf(letter.item)]) if (replyToken) replyToken.token = secret
  if (event.type === 'unknown') event.raw = withoutTokenTexts(event.raw)
  return letter
}

/** What was not understood may be the whole body, as text or as an object of any shape. */
function withoutTokenTexts(raw: unknown): unknown {
  const json = JSON.stringify(raw ?? null)
  return JSON.parse(json.replace(/(replyToken\\*"\s*:\s*\\*")[^"\\]*/g, `$1${secret}`)) as unknown
}
