import { createHash } from 'node:crypto'
import type { Redis } from 'ioredis'

/** A Lua script and its hash. All keys of a call must belong to one bot. */
export interface Script {
  lua: string
  sha: string
}

const script = (lua: string): Script => ({ lua, sha: createHash('sha1').update(lua).digest('hex') })

/** Runs a script by its hash, sending the text only when Redis does not know it yet. */
export async function runScript(
  redis: Redis,
  { lua, sha }: Script,
  keys: string[],
  args: (string | number)[],
): Promise<unknown> {
  try {
    return await redis.evalsha(sha, keys.length, ...keys, ...args)
  } catch (error) {
    if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error
    return redis.eval(lua, keys.length, ...keys, ...args)
  }
}

/**
 * Dedupes and appends a batch. A key that is "seen" is always also stored.
 * KEYS  lanes, then per event: seen, lane
 * ARGV  per event: dedupe window in ms, lane name, time of posting in ms, item
 * Returns per event 1 (stored) or 0 (seen before).
 */
export const postScript = script(`
local stored = {}
for i = 1, (#KEYS - 1) / 2 do
  local seen, lane, a = KEYS[2 * i], KEYS[2 * i + 1], (i - 1) * 4
  if redis.call('SET', seen, '1', 'PX', ARGV[a + 1], 'NX') then
    if redis.call('RPUSH', lane, ARGV[a + 4]) == 1 then
      redis.call('ZADD', KEYS[1], ARGV[a + 3], ARGV[a + 2])
    end
    stored[i] = 1
  else
    stored[i] = 0
  end
end
return stored
`)

/**
 * Takes a lane: from now on only this drain may amend or finish its head. A head that never crashed is
 * counted as started at once; one that did is only counted by the next script, when its turn has come.
 * KEYS  lane, lanes, owners, starts
 * ARGV  lane name, token of the drain
 * Returns {item, how often it was started without an orderly end} or nil when the lane is empty.
 */
export const takeScript = script(`
local item = redis.call('LINDEX', KEYS[1], 0)
if not item then
  redis.call('HDEL', KEYS[3], ARGV[1])
  redis.call('ZREM', KEYS[2], ARGV[1])
  return nil
end
redis.call('HSET', KEYS[3], ARGV[1], ARGV[2])
local starts = tonumber(redis.call('HGET', KEYS[4], ARGV[1])) or 0
if starts == 0 then redis.call('HSET', KEYS[4], ARGV[1], 1) end
return {item, starts}
`)

/** The head is still this item and the lane still belongs to this drain. */
const guard = `
local head = redis.call('LINDEX', KEYS[1], 0)
if not head or redis.call('HGET', KEYS[3], ARGV[1]) ~= ARGV[2]
  or string.sub(head, 1, #ARGV[3] + 1) ~= ARGV[3] .. ' ' then
  return 0
end
`

/**
 * Counts another start of the head.
 * KEYS  lane, lanes, owners, starts
 * ARGV  lane name, token of the drain, item id
 * Returns 1, or 0 when another drain has taken over.
 */
export const startScript = script(`${guard}
redis.call('HINCRBY', KEYS[4], ARGV[1], 1)
return 1
`)

/**
 * Rewrites the head with what happened to it so far. After an orderly end its starts are forgotten; a step in
 * between forgets nothing, since the process may still die of what the item does next.
 * KEYS  lane, lanes, owners, starts
 * ARGV  lane name, token of the drain, item id, item, 1 after an orderly end
 * Returns 1, or 0 when another drain has taken over.
 */
export const amendScript = script(`${guard}
redis.call('LSET', KEYS[1], 0, ARGV[4])
if ARGV[5] == '1' then redis.call('HDEL', KEYS[4], ARGV[1]) end
return 1
`)

/**
 * Removes the head, keeps it as a dead letter where one is given, and reads the next item. Its start is not
 * counted yet, since the drain may give the lane away without working on it.
 * KEYS  lane, lanes, owners, starts, dead letters, dead letter times
 * ARGV  lane name, token of the drain, item id, dead letter id or '', dead letter, now in ms
 * Returns 0 when another drain has taken over, 1 when the lane is empty now, else {next item, 0}.
 */
export const finishScript = script(`${guard}
redis.call('LPOP', KEYS[1])
if ARGV[4] ~= '' then
  redis.call('HSET', KEYS[5], ARGV[4], ARGV[5])
  redis.call('ZADD', KEYS[6], ARGV[6], ARGV[4])
end
redis.call('HDEL', KEYS[4], ARGV[1])
local item = redis.call('LINDEX', KEYS[1], 0)
if not item then
  redis.call('HDEL', KEYS[3], ARGV[1])
  redis.call('ZREM', KEYS[2], ARGV[1])
  return 1
end
redis.call('ZADD', KEYS[2], string.match(item, '^%S+ (%d+) '), ARGV[1])
return {item, 0}
`)

/**
 * Puts a dead letter's item back at the tail of its lane, if the letter is still the one that was read: of two
 * who replay it one wins, and what was changed meanwhile (an erased text) is not undone.
 * KEYS  dead letters, dead letter times, lane, lanes
 * ARGV  dead letter id, dead letter as it was read, item, lane name, now in ms
 * Returns 1, or 0 when the letter is gone or another one now.
 */
export const replayScript = script(`
if redis.call('HGET', KEYS[1], ARGV[1]) ~= ARGV[2] then return 0 end
redis.call('HDEL', KEYS[1], ARGV[1])
redis.call('ZREM', KEYS[2], ARGV[1])
if redis.call('RPUSH', KEYS[3], ARGV[3]) == 1 then
  redis.call('ZADD', KEYS[4], ARGV[5], ARGV[4])
end
return 1
`)
