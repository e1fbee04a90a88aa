import type { Redis } from 'ioredis'
import { script } from '#libs/redis'

export type LimiterRedis = Pick<Redis, 'eval' | 'evalsha' | 'exists'>

/**
 * Both scripts work on the same keys. All times are Redis' own, in milliseconds: workers' clocks may differ.
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
const prelude = `
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local hour = 3600000

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
  redis.call('PEXPIRE', key, hour)
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

/**
 * Asks for leave to make one call now.
 * KEYS  as above
 * ARGV  1 id of the permit, 2 amount, 3 window in ms, 4 calls at once (0: any), 5 deadline in ms (0: none),
 *       6 lease in ms, 7 operation, 8 '1': also while a person holds the bot
 * Returns {1, ms waited, priority, breaker state}: granted;
 *         {0, ms to wait, reason, breaker state}: come back then, the place is kept;
 *         {2, ms, '', breaker state}: the quota is used up, asked again after that time.
 *
 * A call counts from the grant until a whole window after its answer: when exactly the platform counts it is not
 * known, but it is in between. So neither a fixed nor a sliding window of the platform's can be exceeded.
 */
export const askScript = script(`${prelude}
local id, atOnce, deadline, lease = ARGV[1], tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
-- After a 429 a few calls find out first whether the platform takes them again.
if (scope.inRow or 0) > 0 and (atOnce == 0 or atOnce > 4) then atOnce = 4 end
local amount = scope.amount or tonumber(ARGV[2])
local window = scope.window or tonumber(ARGV[3])
-- Who was told to come back by now and is at most this late has their permit kept.
local grace = 150
-- Who does not come back at all is forgotten after this time.
local forgetAfter = 30000

redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', '(' .. int(now - math.max(window, tonumber(ARGV[3]))))
for _, gone in ipairs(redis.call('ZRANGEBYSCORE', KEYS[4], '-inf', int(now - forgetAfter), 'LIMIT', 0, 100)) do
  leave(gone)
end

-- The same call again: whoever made it before is gone, or told how it ended. It counts under another name, and its
-- place among those under way is free.
local before = redis.call('ZSCORE', KEYS[2], id)
if before then
  redis.call('ZREM', KEYS[2], id)
  redis.call('ZADD', KEYS[2], int(math.min(tonumber(before), now)), id .. '#' .. int(now))
  redis.call('ZREM', KEYS[7], id)
end

-- Held by a person. Nobody knows for how long: few ask again soon, many one after another within a minute.
local holdLeft = ARGV[8] ~= '1' and redis.call('PTTL', KEYS[8]) or -2
if holdLeft ~= -2 then
  leave(id)
  redis.call('ZREM', KEYS[10], id)
  redis.call('ZREMRANGEBYSCORE', KEYS[10], '-inf', int(now - forgetAfter))
  local wait = 3000 + 100 * math.min(570, redis.call('ZCARD', KEYS[10]))
  if holdLeft >= 0 then wait = math.min(wait, holdLeft + 5) end
  redis.call('ZADD', KEYS[10], int(now + wait), id)
  redis.call('PEXPIRE', KEYS[10], 2 * 60000)
  return {0, wait, 'hold', breakerState()}
end

if (scope.exhaustedUntil or 0) > now then
  leave(id)
  return {2, scope.exhaustedUntil - now, '', breakerState()}
end

-- Deadlines are some 1.8e12: whoever has none comes behind all of them. 14 digits are exact in Lua's text form.
local priority = deadline > 0 and deadline or 1e13 + now
priority = tonumber(redis.call('ZSCORE', KEYS[3], id)) or priority

local used = redis.call('ZCOUNT', KEYS[2], int(now - window), '+inf')
local underWay = redis.call('ZCOUNT', KEYS[2], '(' .. int(now), '+inf')
local debt = (scope.debtUntil or 0) > now and scope.debt or 0
-- A quarter of the window's length per window's worth of calls; not worth a wait below 2 ms.
local spacing = window / amount / 4
local nextAt = math.max(spacing >= 2 and scope.nextAt or 0, scope.closedUntil or 0)

local function free()
  if nextAt > now then return 0 end
  local places = amount - used - debt
  if spacing >= 2 then places = math.min(places, 1) end
  if atOnce > 0 then places = math.min(places, atOnce - underWay) end
  if not held then return places end
  redis.call('ZREMRANGEBYSCORE', KEYS[7], '-inf', int(now))
  if breaker.heldUntil > now then return 0 end
  return math.min(places, breaker.level - redis.call('ZCARD', KEYS[7]))
end

-- Those who go before and are about to come.
local function ahead()
  local count = 0
  for _, other in ipairs(redis.call('ZRANGEBYSCORE', KEYS[4], int(now - grace), int(now), 'LIMIT', 0, 100)) do
    local theirs = other ~= id and tonumber(redis.call('ZSCORE', KEYS[3], other))
    if theirs and theirs < priority then count = count + 1 end
  end
  return count
end

-- Only now and then: this is for who looks, not for the permit.
local function tellUse()
  local byAmount, byWindow = math.floor(amount + 0.5), math.floor(window + 0.5)
  local same = scope.byAmount == byAmount and scope.byWindow == byWindow
  if same and (scope.usedAt or 0) > now - 10000 then return end
  write(KEYS[1], 'byAmount', int(byAmount), 'byWindow', int(byWindow), 'usedAt', int(now))
  redis.call('ZREMRANGEBYSCORE', KEYS[9], '-inf', int(now - hour))
  redis.call('ZADD', KEYS[9], int(now), ARGV[7])
  redis.call('PEXPIRE', KEYS[9], hour)
end

local places = free()
if places > 0 and places > ahead() then
  local since = tonumber(redis.call('HGET', KEYS[5], id)) or now
  leave(id)
  redis.call('ZADD', KEYS[2], int(now + lease), id)
  redis.call('PEXPIRE', KEYS[2], int(math.max(window, tonumber(ARGV[3])) + lease))
  if spacing >= 2 then write(KEYS[1], 'nextAt', int(now + spacing)) end
  tellUse()
  if held then
    redis.call('ZADD', KEYS[7], int(now + lease), id)
    redis.call('PEXPIRE', KEYS[7], int(lease))
  end
  return {1, now - since, int(priority), breakerState()}
end

-- How long until the permit of this rank is there: what follows is an estimate, the answer to the next ask counts.
local rank = redis.call('ZCOUNT', KEYS[3], '-inf', '(' .. int(priority))

-- When the k-th place of the window gets free.
local function freeIn(k)
  if k <= 0 then return 0 end
  local behind = math.max(0, k - used)
  local first = redis.call('ZCARD', KEYS[2]) - used
  local entry = redis.call('ZRANGE', KEYS[2], first + k - behind - 1, first + k - behind - 1, 'WITHSCORES')
  local frees = entry[2] and math.min(tonumber(entry[2]), now) + window - now or 0
  return frees + behind * window / amount
end

local function windowWait()
  local k = used + rank + 1 - amount
  if debt == 0 then return freeIn(k) end
  return math.min(freeIn(k + debt), math.max(scope.debtUntil - now, freeIn(k)))
end

local function atOnceWait()
  local over = underWay + rank + 1 - atOnce
  if atOnce == 0 or over <= 0 then return 0 end
  return over * math.max(20, scope.callMs or 50) / atOnce
end

local function heldWait()
  if not held then return 0 end
  local turn = math.max(50, scope.callMs or 50) * math.min(rank + 1, 100) / breaker.level
  return math.max(0, breaker.heldUntil - now) + turn
end

local wait = math.max(5, nextAt - now + rank * spacing, windowWait(), atOnceWait(), heldWait())
local reason = held and 'breaker' or (scope.closedUntil or 0) > now and 'closed' or 'limit'
wait = math.ceil(wait)
queue(id, priority, now + wait)
return {0, wait, reason, breakerState()}
`)

/**
 * Tells how a permitted call went.
 * KEYS  as above
 * ARGV  1 id of the permit, 2 result, 3 item, 4 priority, 5 amount, 6 window in ms, 7 duration of the call in ms,
 *       8 stated amount, 9 stated remaining, 10 stated reset in ms, 11 wait asked for by a 429 in ms ('' where unknown)
 * Results: ok, answered (refused, but in good order), unclear (says nothing about the platform), limited (429),
 *          quota, unauthorized (401, the first in a row of this item), failed, unused (the call was not made)
 * Returns {1 opened / -1 closed / 2 the item is to blame / 0, breaker state, ms that the bot is held, ms that the scope is closed}
 */
export const reportScript = script(`${prelude}
local id, result, item = ARGV[1], ARGV[2], ARGV[3]
local function stated(i) return tonumber(ARGV[i]) end

local function learn()
  local amount, remaining, reset = stated(8), stated(9), stated(10)
  -- A reset of more than an hour is rather a date than a wait.
  if reset and reset > hour then reset = nil end
  if not amount or amount < 1 then return end
  if scope.amount ~= amount then
    redis.call('HDEL', KEYS[1], 'window', 'debt', 'debtUntil')
    scope.window = nil
    write(KEYS[1], 'amount', int(amount))
  end
  -- The longest reset stated is the window. Headers carry whole seconds, perhaps cut down: one more.
  if reset and reset + 1000 > (scope.window or 0) then
    scope.window = reset + 1000
    write(KEYS[1], 'window', int(scope.window))
  end
  if not remaining then return end
  -- More used than all of ours: somebody else uses the limit too, until the platform's window ends.
  local window = scope.window or tonumber(ARGV[6])
  local ours = redis.call('ZCOUNT', KEYS[2], int(now - window), '+inf')
  local counted = redis.call('ZCOUNT', KEYS[2], int(now - window), int(now))
  if amount - remaining > ours then
    write(KEYS[1], 'debt', int(amount - remaining - counted), 'debtUntil', int(now + (reset or window) + 1000))
  elseif scope.debt then
    redis.call('HDEL', KEYS[1], 'debt', 'debtUntil')
  end
end

-- The stated wait, else 1, 2, 4 … s, at most a minute. 429s that were under way together count once.
local function close()
  local row = scope.inRow or 0
  if (scope.closedUntil or 0) <= now then row = row + 1 end
  write(KEYS[1], 'inRow', int(row))
  local wait = math.min(60000, 1000 * 2 ^ (math.max(1, row) - 1))
  if stated(11) then wait = math.min(math.max(stated(11), 1000), hour) end
  scope.closedUntil = math.max(scope.closedUntil or 0, now + wait)
  write(KEYS[1], 'closedUntil', int(scope.closedUntil))
  redis.call('PEXPIRE', KEYS[1], 2 * hour)
  -- It was its turn, so it is again.
  queue(id, tonumber(ARGV[4]), scope.closedUntil)
end

local function hold(ms)
  breaker.heldUntil, held = now + ms, true
  write(KEYS[6], 'heldUntil', int(breaker.heldUntil), 'holdMs', int(ms), 'level', 1)
end

-- Five failures in a row, of at least two items: one poison message alone must not hold the others.
local function fail(probe)
  if held then
    -- Failed again although another call was taken since: not the platform, this item is to blame.
    local last = breaker['last ' .. item]
    write(KEYS[6], 'last ' .. item, int(now))
    if last and (breaker.okAt or 0) > last then return 2 end
    if probe then hold(math.min(60000, (breaker.holdMs or 500) * 2)) end
    return 0
  end
  local failures = (breaker.failures or 0) + 1
  local first = tostring(breaker.first or item)
  local several = (breaker.several == 1 or first ~= item) and 1 or 0
  write(KEYS[6], 'failures', int(failures), 'first', first, 'several', several)
  if failures < 5 or several == 0 then return 0 end
  hold(1000)
  return 1
end

local function succeed(probe)
  if not held then
    if next(breaker) then redis.call('DEL', KEYS[6]) end
    return 0
  end
  write(KEYS[6], 'okAt', int(now))
  if not probe then return 0 end
  if breaker.level * 2 < 64 then
    write(KEYS[6], 'level', int(breaker.level * 2), 'holdMs', 500)
    return 0
  end
  redis.call('DEL', KEYS[6], KEYS[7])
  held = false
  return -1
end

local probe = held and redis.call('ZREM', KEYS[7], id) == 1
local turned = 0
if result == 'unused' then
  redis.call('ZREM', KEYS[2], id)
else
  redis.call('ZADD', KEYS[2], int(now), id)
  redis.call('PEXPIRE', KEYS[2], int(math.max(scope.window or 0, tonumber(ARGV[6])) + 60000))
  local callMs = tonumber(ARGV[7])
  write(KEYS[1], 'callMs', int(scope.callMs and scope.callMs * 0.8 + callMs * 0.2 or callMs))
  learn()
  if result == 'limited' then close() end
  if result == 'quota' then write(KEYS[1], 'exhaustedUntil', int(now + 600000)) end
  if result == 'ok' then
    if scope.inRow then redis.call('HDEL', KEYS[1], 'inRow') end
    if scope.exhaustedUntil then redis.call('HDEL', KEYS[1], 'exhaustedUntil') end
  end
  if result == 'ok' or result == 'answered' or result == 'quota' then turned = succeed(probe) end
  if result == 'failed' or (result == 'unauthorized' and held) then turned = fail(probe) end
end
local heldFor = held and math.max(0, breaker.heldUntil - now) or 0
return {turned, breakerState(), heldFor, math.max(0, (scope.closedUntil or 0) - now)}
`)
