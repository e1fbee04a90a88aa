import type { Story } from '#libs/contract'
import type { RedisClient } from '#libs/redis'
import { botKeys } from './keys'
import {
  type Place,
  decodeCursor,
  encodeCursor,
  isBelow,
  readBelow,
  storiesWithIds,
  waitingStories,
} from './read-stories'

/** One conversation in a list. */
export interface ConversationEntry {
  bot: string
  lane: string
  /** When the last story ended; where there is none, when the head of the lane was stored. Unix milliseconds. */
  lastAt: number
  /** The last story; where none has ended, that of the head. */
  last?: Story
  /** Items that wait now. */
  waiting: number
}

export interface ConversationList {
  conversations: ConversationEntry[]
  cursor?: string
}

interface Page {
  cursor?: string
  limit: number
}

/** Where conversations stand, for who lists several bots: only those that are shown have to be described. */
export interface ConversationPlaces {
  /** `member`: the lane. */
  places: Place[]
  cursor?: string
}

/** The conversations of a bot, the latest first, those of which nothing has ended yet among them. */
export async function listConversations(
  redis: RedisClient,
  bot: string,
  page: Page,
): Promise<ConversationList> {
  const { places, ...rest } = await placesOfAll(redis, bot, page)
  return { conversations: await describeConversations(redis, bot, places), ...rest }
}

export async function placesOfAll(
  redis: RedisClient,
  bot: string,
  { cursor, limit }: Page,
): Promise<ConversationPlaces> {
  let below = cursor === undefined ? undefined : decodeCursor(cursor)
  const places: Place[] = []
  for (let rounds = 0; rounds < 20 && places.length < limit; rounds++) {
    const { found, end } = await nextPlaces(redis, bot, { below, most: limit })
    places.push(...found)
    below = end
    if (!end) break
  }
  const page = places.slice(0, limit)
  const last = places.length > limit ? page.at(-1) : below
  return { places: page, ...(last ? { cursor: encodeCursor(last) } : {}) }
}

/** Conversations that have items now, that of the newest head first. */
export async function waitingConversations(
  redis: RedisClient,
  bot: string,
  page: Page,
): Promise<ConversationList> {
  const { places, ...rest } = await placesOfWaiting(redis, bot, page)
  return { conversations: await describeConversations(redis, bot, places), ...rest }
}

export async function placesOfWaiting(
  redis: RedisClient,
  bot: string,
  { cursor, limit }: Page,
): Promise<ConversationPlaces> {
  const below = cursor === undefined ? undefined : decodeCursor(cursor)
  const places = await readBelow(redis, botKeys(bot).lanes, { below, most: limit + 1 })
  const page = places.slice(0, limit)
  const last = page.at(-1)
  return { places: page, ...(places.length > limit && last ? { cursor: encodeCursor(last) } : {}) }
}

/** How many items wait in each of these conversations. */
export async function countWaiting(redis: RedisClient, bot: string, lanes: string[]): Promise<number[]> {
  if (lanes.length === 0) return []
  const asked = redis.pipeline()
  for (const lane of lanes) asked.llen(botKeys(bot).lane(lane))
  return ((await asked.exec()) ?? []).map(([, length]) => Number(length ?? 0))
}

interface Places {
  found: Place[]
  /** Where to go on; absent: there is no more. */
  end?: Place
}

/** The next ones of both sets, each conversation once. */
async function nextPlaces(
  redis: RedisClient,
  bot: string,
  { below, most }: { below: Place | undefined; most: number },
): Promise<Places> {
  const keys = botKeys(bot)
  const [told, waiting] = await Promise.all([
    readBelow(redis, keys.conversations, { below, most }),
    readBelow(redis, keys.lanes, { below, most }),
  ])
  const known = await haveStories(redis, bot, waiting)
  const all = [...told, ...waiting.filter((_place, i) => !known[i])].sort((a, b) => (isBelow(a, b) ? 1 : -1))
  // Beyond the last that was read of a set there may be more of it.
  const ends = [told, waiting].flatMap((read) => (read.length === most ? [read[most - 1]] : []))
  const end = ends.reduce<Place | undefined>((a, b) => (!a || (b && isBelow(a, b)) ? b : a), undefined)
  return end ? { found: all.filter((place) => !isBelow(place, end)), end } : { found: all }
}

async function haveStories(redis: RedisClient, bot: string, places: Place[]): Promise<boolean[]> {
  if (places.length === 0) return []
  const lanes = places.map(({ member }) => member)
  return (await redis.zmscore(botKeys(bot).conversations, ...lanes)).map((score) => score !== null)
}

/** What stands at these places, in their order. */
export async function describeConversations(
  redis: RedisClient,
  bot: string,
  places: Place[],
): Promise<ConversationEntry[]> {
  if (places.length === 0) return []
  const keys = botKeys(bot)
  const asked = redis.pipeline()
  for (const { member } of places) asked.llen(keys.lane(member)).zrevrange(keys.storyOf(member), 0, 0)
  const replies = (await asked.exec()) ?? []
  const ids = places.map((_place, i) => (replies[2 * i + 1]?.[1] as string[] | undefined)?.[0])
  const stories = await storiesWithIds(
    redis,
    bot,
    ids.flatMap((id) => (id === undefined ? [] : [id])),
  )
  const byId = new Map(stories.map((story) => [story.id, story]))
  return Promise.all(
    places.map(async ({ member: lane, at: lastAt }, i) => {
      const waiting = Number(replies[2 * i]?.[1] ?? 0)
      const last = byId.get(ids[i] ?? '') ?? (await headOf(redis, { bot, lane }))
      return { bot, lane, lastAt, ...(last ? { last } : {}), waiting }
    }),
  )
}

async function headOf(redis: RedisClient, where: { bot: string; lane: string }): Promise<Story | undefined> {
  return (await waitingStories(redis, { ...where, most: 1 }))[0]
}
