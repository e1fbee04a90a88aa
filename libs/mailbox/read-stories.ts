import type { Story } from '#libs/contract'
import type { RedisClient } from '#libs/redis'
import { type Item, decodeItem } from './item'
import { botKeys } from './keys'
import { storyOf } from './story-of'
import { readTimeline } from './timeline'

/** Stories, latest first; `cursor` leads to the next page. */
export interface StoryPage {
  stories: Story[]
  cursor?: string
}

/** A place in a sorted set that is read from the latest down: what stands there was seen. */
export interface Place {
  at: number
  member: string
}

export function encodeCursor({ at, member }: Place): string {
  return Buffer.from(`${at} ${member}`).toString('base64url')
}

/** Undefined for what is no cursor. */
export function decodeCursor(cursor: string): Place | undefined {
  const [, at, member] = /^(\d{1,16}) (.+)$/s.exec(Buffer.from(cursor, 'base64url').toString()) ?? []
  return at === undefined || member === undefined ? undefined : { at: Number(at), member }
}

/** Members of a sorted set below a place, the latest first; of one time in Redis' own order, that of their bytes. */
export async function readBelow(
  redis: RedisClient,
  key: string,
  { below, from = 0, most }: { below: Place | undefined; from?: number; most: number },
): Promise<Place[]> {
  const found: Place[] = []
  const step = most + 20
  for (let offset = 0; found.length < most; offset += step) {
    const pairs = await redis.zrevrangebyscore(
      ...([key, below?.at ?? '+inf', from, 'WITHSCORES', 'LIMIT', offset, step] as const),
    )
    for (let i = 0; i < pairs.length; i += 2) {
      const place = { member: pairs[i] ?? '', at: Number(pairs[i + 1]) }
      if (!below || isBelow(place, below)) found.push(place)
    }
    if (pairs.length < 2 * step) break
  }
  return found.slice(0, most)
}

/** Whether a place comes after another one when a set is read from the latest down. */
export function isBelow(a: Place, b: Place): boolean {
  if (a.at !== b.at) return a.at < b.at
  return Buffer.compare(Buffer.from(a.member), Buffer.from(b.member)) < 0
}

/** Those of these stories that are still there, in this order. */
export async function storiesWithIds(redis: RedisClient, bot: string, ids: string[]): Promise<Story[]> {
  if (ids.length === 0) return []
  const texts = await redis.hmget(botKeys(bot).stories, ...ids)
  return texts.flatMap((text) => (text === null ? [] : [JSON.parse(text) as Story]))
}

/** What has ended in one conversation, latest first. */
export async function latestOfLane(
  redis: RedisClient,
  { bot, lane, cursor, limit }: { bot: string; lane: string; cursor?: string; limit: number },
): Promise<StoryPage> {
  const below = cursor === undefined ? undefined : decodeCursor(cursor)
  const places = await readBelow(redis, botKeys(bot).storyOf(lane), { below, most: limit + 1 })
  const page = places.slice(0, limit)
  const last = page.at(-1)
  const stories = await storiesWithIds(
    redis,
    bot,
    page.map(({ member }) => member),
  )
  return { stories, ...(places.length > limit && last ? { cursor: encodeCursor(last) } : {}) }
}

/** What is under way in a conversation, in the order of its lane, at most so many. */
export async function waitingStories(
  redis: RedisClient,
  { bot, lane, most }: { bot: string; lane: string; most: number },
): Promise<Story[]> {
  const keys = botKeys(bot)
  const [items, starts, { keep }] = await Promise.all([
    redis.lrange(keys.lane(lane), 0, most - 1),
    redis.hget(keys.starts, lane),
    readTimeline(redis, bot),
  ])
  return items.map((text, i) => {
    const item = decodeItem(text)
    return storyOf(item, { lane, keep, state: stateOf(item, i === 0 && Number(starts ?? 0) > 0) })
  })
}

/** Why a conversation waits, and when its next try begins; undefined where it does not. */
export async function waitOfLane(
  redis: RedisClient,
  bot: string,
  lane: string,
): Promise<{ reason: string; until: number } | undefined> {
  const head = await redis.lindex(botKeys(bot).lane(lane), 0)
  return head === null ? undefined : decodeItem(head).waits
}

/** Of a try that waits to be made again the start is forgotten; a try that begins says so in Redis at once. */
function stateOf({ waits }: Item, isStarted: boolean): 'working' | 'waiting' {
  return isStarted && (waits === undefined || waits.until <= Date.now()) ? 'working' : 'waiting'
}

/** Of a long lane only its beginning is looked through for one item. */
const mostWaiting = 500

/** One story: as it is now where its item is under way (again), else as it ended; undefined where nothing is kept. */
export async function readStory(
  redis: RedisClient,
  bot: string,
  id: string,
  lane?: string,
): Promise<Story | undefined> {
  const [ended] = await storiesWithIds(redis, bot, [id])
  const where = lane ?? ended?.lane
  if (where === undefined) return undefined
  const waiting = await waitingStories(redis, { bot, lane: where, most: mostWaiting })
  return waiting.find((story) => story.id === id) ?? ended
}
