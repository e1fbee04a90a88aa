import { script } from '#libs/redis'

/*
 * Stories in Redis. A member of the sorted set of times is `id lane`: what is trimmed is found in its conversation
 * without decoding anything.
 */

const trimFunction = `
local function dropStory(stories, times, conversations, prefix, member)
  local id, lane = string.match(member, '^(%S+) (.*)$')
  redis.call('ZREM', times, member)
  redis.call('HDEL', stories, id)
  redis.call('ZREM', prefix .. lane, id)
  if redis.call('EXISTS', prefix .. lane) == 0 then redis.call('ZREM', conversations, lane) end
end
local function trimStories(stories, times, conversations, prefix, before, items, most)
  local dropped = 0
  local old = redis.call('ZRANGEBYSCORE', times, '-inf', '(' .. before, 'LIMIT', 0, most)
  local surplus = math.min(most, redis.call('ZCARD', times) - #old - items)
  for _, member in ipairs(old) do dropStory(stories, times, conversations, prefix, member) end
  if surplus > 0 then
    local first = redis.call('ZRANGE', times, 0, surplus - 1)
    for _, member in ipairs(first) do dropStory(stories, times, conversations, prefix, member) end
    dropped = #first
  end
  return dropped + #old
end
`

/**
 * Keeps a story in the place of a former one of the same item, and trims a few: what comes is less than what may go,
 * so that a lowered limit is reached too. All of it expires where no worker writes or sweeps any more, an hour late at
 * most: so an expiry is written once an hour, and not with each story.
 */
export const keepStoryFunction = `${trimFunction}
local function keepStory(k, a, lane, id, erased)
  local stories, times, conversations = KEYS[k], KEYS[k + 1], KEYS[k + 2]
  local story = ARGV[a] .. (erased and ARGV[a + 2] or ARGV[a + 1])
  local at, before, items, prefix, ttl = ARGV[a + 3], ARGV[a + 4], tonumber(ARGV[a + 5]), ARGV[a + 6], tonumber(ARGV[a + 7])
  redis.call('HSET', stories, id, story)
  redis.call('ZADD', times, at, id .. ' ' .. lane)
  redis.call('ZADD', prefix .. lane, at, id)
  redis.call('ZADD', conversations, at, lane)
  for _, key in ipairs({stories, times, conversations, prefix .. lane}) do
    if redis.call('PTTL', key) < ttl then redis.call('PEXPIRE', key, ttl + 3600000) end
  end
  trimStories(stories, times, conversations, prefix, before, items, 3)
end
`

/**
 * Drops stories that are too old or too many.
 * KEYS  stories, their times, conversations
 * ARGV  what the key of a conversation's stories begins with, oldest time to keep, number to keep, most to drop of either kind
 * Returns how many were dropped.
 */
export const trimStoriesScript = script(`${trimFunction}
return trimStories(KEYS[1], KEYS[2], KEYS[3], ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4]))
`)
