import type { Redis } from 'ioredis'

export type LimiterRedis = Pick<Redis, 'eval' | 'evalsha' | 'exists' | 'zrem'>

/**
 * Deadlines are some 1.8e12: whoever has none goes by this plus the time of arrival, and so comes behind all of them.
 * 14 digits are exact in Lua's text form.
 */
export const behindDeadlines = 1e13

/**
 * What the limiter's scripts begin with. They work on the same keys. All times are Redis' own, in milliseconds:
 * workers' clocks may differ.
 *
 * KEYS  1 scope    hash: amount and window that the platform stated (window: ms), debt and debtUntil (calls of
 *                  others), nextAt (pace), closedUntil, inRow (429s in a row), exhaustedUntil, callMs (mean
 *                  duration of a call)
 *       2 log      sorted set: permit → when its call ended; of one under way, when its lease ends
 *       3 waiters  sorted set: who waits, by what they go by: their deadline, or behind all deadlines their arrival
 *       4 due      sorted set: who waits, by when they were told to come back
 *       5 since    hash: who waits, since when
 *       6 breaker  hash: failures in a row, first (item that failed), several (1: other items did too); once held:
 *                  heldUntil, holdMs, level (calls at once while it opens up), okAt (last call taken), "last item …"
 *                  (when an item failed last). No hash: closed
 *       7 probes   sorted set: permits given while the breaker was not closed, by the end of their lease
 *       8 hold     string: a person holds the bot (hold.ts); ends with its time to live, if it has one
 *       9 scopes   sorted set: operations of this account by when they were last used, about. With it the scope has
 *                  byAmount, byWindow and usedAt: what the limiter goes by, for those who want to see it
 *      10 held     sorted set: calls of the bot that wait for the end of a hold, by when they were told to come back.
 *                  They are not among the waiters: bots may share a scope, and nobody waits behind who can't go
 */
export const prelude = `
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local hour = 3600000
-- A used scope is written to at least every ten seconds (tellUse): an hour after its last use it is still there.
local life = hour + 10000

local function hash(key)
  local flat, fields = redis.call('HGETALL', key), {}
  for i = 1, #flat, 2 do fields[flat[i]] = tonumber(flat[i + 1]) or flat[i + 1] end
  return fields
end

local function int(n) return string.format('%.0f', n) end

local scope, breaker = hash(KEYS[1]), hash(KEYS[6])
local held = breaker.heldUntil ~= nil

local function write(key, ...)
  redis.call('HSET', key, ...)
  redis.call('PEXPIRE', key, life)
end

-- What changes with each call. A scope in use has its time to live by tellUse: no need to renew it each time.
local function note(...)
  if not scope.usedAt then return write(KEYS[1], ...) end
  redis.call('HSET', KEYS[1], ...)
end

local function queue(id, priority, dueAt)
  redis.call('ZADD', KEYS[3], int(priority), id)
  redis.call('ZADD', KEYS[4], int(dueAt), id)
  redis.call('HSETNX', KEYS[5], id, int(now))
  for i = 3, 5 do redis.call('PEXPIRE', KEYS[i], 2 * hour) end
end

local function leave(id)
  redis.call('ZREM', KEYS[3], id)
  redis.call('ZREM', KEYS[4], id)
  redis.call('HDEL', KEYS[5], id)
end

-- 0 closed, 1 opening up again, 2 held
local function breakerState()
  if not held then return 0 end
  return breaker.heldUntil > now and 2 or 1
end
`
