import type { Story } from '#libs/contract'
import { type RedisClient, runScript, script } from '#libs/redis'
import { type DeadLetter, decodeLetter } from './dead-letters'
import { eraseStories } from './erase-stories'
import { type Item, decodeItem, encodeItem, erasedItem } from './item'
import { botKeys, laneName } from './keys'
import { discardedItemRecord } from './push-record'
import { rewriteScript } from './scripts'
import { createAlarms, openTimerQueue } from './timers'

/** What was erased: stories, dead letters, and items that waited. */
export interface ErasedUser {
  stories: number
  deadLetters: number
  waiting: number
}

interface User {
  bot: string
  userId: string
}

const batch = 200

/**
 * Erases everything that a bot keeps of what a user said and was told: in stories, dead letters and items that wait (they
 * are not worked on any more), and what the one-to-one conversation remembers, its timers too. When and where it was
 * stays, by the platform's ids. Not in the journals of the ingresses: what waits there comes later. Walks over all that
 * the bot has: for a person, not for a timer.
 */
export async function eraseUser(redis: RedisClient, bot: string, userId: string): Promise<ErasedUser> {
  const user = { bot, userId }
  const letters = new Set<string>()
  let waiting = 0
  // Twice: what was replayed meanwhile is in its lane again, and what a handler had in hand is written by now.
  for (let round = 0; round < 2; round++) {
    // In the order of the way: what leaves a lane meanwhile is found where it went.
    waiting += await eraseWaiting(redis, user)
    await forget(redis, user)
    for (const id of await eraseLetters(redis, user)) letters.add(id)
  }
  const stories = await eraseOwnStories(redis, user)
  return { stories, deadLetters: letters.size, waiting }
}

function privateLane({ userId }: User): string {
  return laneName({ kind: 'user', id: userId })
}

function isOf(item: Item, { userId }: User): boolean {
  const { event } = item
  if (event.userId === userId) return true
  return event.conversation.kind === 'user' && event.conversation.id === userId
}

async function forget(redis: RedisClient, user: User): Promise<void> {
  const keys = botKeys(user.bot)
  const lane = privateLane(user)
  const ids = await redis.hvals(keys.timers(lane))
  await redis.del(keys.memory(lane))
  await redis.del(keys.timers(lane))
  if (ids.length === 0) return
  const queue = openTimerQueue(user.bot, redis)
  try {
    await createAlarms(queue).remove(ids)
  } finally {
    await queue.close()
  }
}

async function eraseOwnStories(redis: RedisClient, user: User): Promise<number> {
  const { stories } = botKeys(user.bot)
  const lane = privateLane(user)
  const isMeant = (story: Story) => story.userId === user.userId || story.lane === lane
  const ids = new Set<string>()
  for await (const [id] of entriesOf(redis, stories)) ids.add(id)
  let erased = 0
  const all = [...ids]
  for (let i = 0; i < all.length; i += batch)
    erased += await eraseStories(redis, { bot: user.bot, ids: all.slice(i, i + batch), isMeant })
  return erased
}

/** All of a hash; what is there from the beginning to the end comes at least once. */
async function* entriesOf(redis: RedisClient, key: string): AsyncGenerator<[field: string, value: string]> {
  let cursor = '0'
  do {
    const [next, entries] = await redis.hscan(key, cursor, 'COUNT', batch)
    for (let i = 0; i < entries.length; i += 2) yield [entries[i] ?? '', entries[i + 1] ?? '']
    cursor = next
  } while (cursor !== '0')
}

async function eraseLetters(redis: RedisClient, user: User): Promise<Set<string>> {
  const key = botKeys(user.bot).deadLetters
  const erased = new Set<string>()
  for await (const [id, text] of entriesOf(redis, key)) {
    if (await eraseLetter(redis, { key, id, text, user })) erased.add(id)
  }
  return erased
}

interface StoredLetter {
  key: string
  id: string
  text: string
  user: User
}

/** Who replays, discards or rewrites the letter at the same time is not undone. */
async function eraseLetter(redis: RedisClient, stored: StoredLetter): Promise<boolean> {
  const { key, id, text, user } = stored
  const letter = decodeLetter(text)
  if (!isOf(letter.item, user)) return false
  const explanation = 'What is kept of this user was erased.'
  const erased: DeadLetter = { ...letter, explanation, item: erasedItem(letter.item) }
  if ((await runScript(redis, rewriteScript, [key], [id, text, JSON.stringify(erased)])) === 1) return true
  const current = await redis.hget(key, id)
  return current !== null && eraseLetter(redis, { ...stored, text: current })
}

async function eraseWaiting(redis: RedisClient, user: User): Promise<number> {
  const { lanes } = botKeys(user.bot)
  const found = new Set<string>([privateLane(user)])
  let cursor = '0'
  do {
    const [next, pairs] = await redis.zscan(lanes, cursor, 'COUNT', batch)
    for (let i = 0; i < pairs.length; i += 2) found.add(pairs[i] ?? '')
    cursor = next
  } while (cursor !== '0')
  let erased = 0
  for (const lane of found) erased += await eraseInLane(redis, lane, user)
  return erased
}

/**
 * Puts a tombstone in the place of an item, if it is still as it was read; of a push notes that it will not be sent.
 * KEYS  lane, seen
 * ARGV  item as it was read, tombstone, record of a push or '', its time to live in ms
 * Returns 1, or 0 when the item is gone or was rewritten.
 */
const entombScript = script(`
local at = redis.call('LPOS', KEYS[1], ARGV[1])
if not at then return 0 end
redis.call('LSET', KEYS[1], at, ARGV[2])
if ARGV[3] ~= '' then redis.call('SET', KEYS[2], ARGV[3], 'PX', ARGV[4]) end
return 1
`)

const mostTries = 20

/** An item that a worker rewrites at the same time is looked at again. */
async function eraseInLane(redis: RedisClient, lane: string, user: User, tries = 1): Promise<number> {
  const keys = botKeys(user.bot)
  const texts = await redis.lrange(keys.lane(lane), 0, '-1')
  let erased = 0
  let missed = 0
  for (const text of texts) {
    const item = decodeItem(text)
    if (item.erased || !isOf(item, user)) continue
    const { record, ttlMs } = discardedItemRecord(item, lane)
    const args = [text, encodeItem(erasedItem(item)), record, ttlMs]
    const done = await runScript(redis, entombScript, [keys.lane(lane), keys.seen(item.id)], args)
    if (done === 1) erased += 1
    else missed += 1
  }
  if (missed === 0 || tries === mostTries) return erased
  return erased + (await eraseInLane(redis, lane, user, tries + 1))
}
