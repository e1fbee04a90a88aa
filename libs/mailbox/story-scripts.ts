import { script } from '#libs/redis'

/*
 * Stories in Redis. A member of the sorted set of times is `id lane`: what is trimmed is found in its conversation
 * without decoding anything.
 */

/** Drops the first so many of the sorted set of times: all at once where it can be. */
const trimFunction = `
local function dropFirst(stories, times, conversations, prefix, count)
  local members = redis.call('ZRANGE', times, 0, count - 1)
  if #members == 0 then return 0 end
  local ids = {}
  for i, member in ipairs(members) do
    local id, lane = string.match(member, '^(%S+) (.*)$')
    ids[i] = id
    redis.call('ZREM', prefix .. lane, id)
    if redis.call('EXISTS', prefix .. lane) == 0 then redis.call('ZREM', conversations, lane) end
  end
  redis.call('HDEL', stories, unpack(ids))
  redis.call('ZREMRANGEBYRANK', times, 0, #members - 1)
  return #members
end
`

/**
 * Keeps a story in the place of a former one of the same item. Those above the number are dropped by the dozen, so that
 * few are looked for; what is too old is left to the sweep. All of it expires where no worker writes or sweeps any more,
 * an hour late at most: so an expiry is written once an hour, and not with each story.
 */
export const keepStoryFunction = `${trimFunction}
local function expireIn(key, ttl)
  if redis.call('PTTL', key) >= ttl then return false end
  redis.call('PEXPIRE', key, ttl + 3600000)
  return true
end
local function keepStory(k, a, lane, id, erased)
  local stories, times, conversations = KEYS[k], KEYS[k + 1], KEYS[k + 2]
  local story = ARGV[a] .. (erased and ARGV[a + 2] or ARGV[a + 1])
  local at, items, prefix, ttl = ARGV[a + 3], tonumber(ARGV[a + 4]), ARGV[a + 5], tonumber(ARGV[a + 6])
  redis.call('HSET', stories, id, story)
  redis.call('ZADD', times, at, id .. ' ' .. lane)
  redis.call('ZADD', prefix .. lane, at, id)
  redis.call('ZADD', conversations, at, lane)
  expireIn(prefix .. lane, ttl)
  -- The three are always written together.
  if expireIn(times, ttl) then
    redis.call('PEXPIRE', stories, ttl + 3600000)
    redis.call('PEXPIRE', conversations, ttl + 3600000)
  end
  local surplus = redis.call('ZCARD', times) - items
  local slack = math.min(12, math.floor(items / 100))
  if surplus > slack then dropFirst(stories, times, conversations, prefix, math.min(surplus, slack + 3)) end
end
`

/**
 * Drops stories that are too old or too many.
 * KEYS  stories, their times, conversations
 * ARGV  what the key of a conversation's stories begins with, oldest time to keep, number to keep, most to drop
 * Returns how many were dropped.
 */
export const trimStoriesScript = script(`${trimFunction}
local old = redis.call('ZCOUNT', KEYS[2], '-inf', '(' .. ARGV[2])
local surplus = redis.call('ZCARD', KEYS[2]) - tonumber(ARGV[3])
local count = math.min(tonumber(ARGV[4]), math.max(old, surplus))
if count <= 0 then return 0 end
return dropFirst(KEYS[1], KEYS[2], KEYS[3], ARGV[1], count)
`)
