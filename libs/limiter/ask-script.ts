import { script } from '#libs/redis'
import { behindDeadlines, prelude } from './prelude'

/**
 * Asks for leave to make one call now.
 * KEYS  as above
 * ARGV  1 id of the permit, 2 amount, 3 window in ms, 4 calls at once (0: any), 5 deadline in ms (0: none),
 *       6 lease in ms, 7 operation, 8 '1': also while a person holds the bot, 9 permits wanted, or 0: one now or none, and no
 *       place is kept, 10 what the names of those beside the first begin with
 * Returns {1, ms waited, priority, breaker state, calm, permits granted, now}: granted;
 *         {0, ms to wait, reason, breaker state}: come back then, the place is kept;
 *         {2, ms, '', breaker state}: the quota is used up, asked again after that time.
 *
 * A call counts from the grant until a whole window after its answer: when exactly the platform counts it is not
 * known, but it is in between. So neither a fixed nor a sliding window of the platform's can be exceeded.
 *
 * More than one permit is granted only while all is calm, and at most a quarter of what is free, so that no process
 * takes it all. They are called ARGV[10] .. 2, .. 3 and so on, and count from now, whenever their calls are made.
 */
export const askScript = script(`${prelude}
local id, atOnce, deadline, lease = ARGV[1], tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
-- After a 429 a few calls find out first whether the platform takes them again.
local few, findsOut = 4, (scope.inRow or 0) > 0
local amount = scope.amount or tonumber(ARGV[2])
local window = scope.window or tonumber(ARGV[3])
-- Who was told to come back by now and is at most this late has their permit kept.
local grace = 150
-- Who does not come back at all is forgotten after this time.
local forgetAfter = 30000

local kept = math.max(window, tonumber(ARGV[3]))

redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', '(' .. int(now - kept))
-- Mostly nobody waits, and then there is nothing to look up or to take back.
local anyWaits = redis.call('EXISTS', KEYS[4]) == 1
if anyWaits then
  for _, gone in ipairs(redis.call('ZRANGEBYSCORE', KEYS[4], '-inf', int(now - forgetAfter), 'LIMIT', 0, 100)) do
    leave(gone)
  end
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
  if anyWaits then leave(id) end
  redis.call('ZREM', KEYS[10], id)
  redis.call('ZREMRANGEBYSCORE', KEYS[10], '-inf', int(now - forgetAfter))
  local wait = 3000 + 100 * math.min(570, redis.call('ZCARD', KEYS[10]))
  if holdLeft >= 0 then wait = math.min(wait, holdLeft + 5) end
  if ARGV[9] ~= '0' then
    redis.call('ZADD', KEYS[10], int(now + wait), id)
    redis.call('PEXPIRE', KEYS[10], 2 * 60000)
  end
  return {0, wait, 'hold', breakerState()}
end

if (scope.exhaustedUntil or 0) > now then
  if anyWaits then leave(id) end
  return {2, scope.exhaustedUntil - now, '', breakerState()}
end

local priority = deadline > 0 and deadline or ${behindDeadlines} + now
if anyWaits then priority = tonumber(redis.call('ZSCORE', KEYS[3], id)) or priority end

-- What is older was removed above, unless the window as stated is the shorter one.
local used = kept == window and redis.call('ZCARD', KEYS[2])
  or redis.call('ZCOUNT', KEYS[2], int(now - window), '+inf')
-- How many more may be under way. Those that find out count from its opening on: a process that died leaves permits
-- behind which nobody ends before their leases do.
local left = math.huge
if atOnce > 0 then left = atOnce - redis.call('ZCOUNT', KEYS[2], '(' .. int(now), '+inf') end
if findsOut then
  local opening = math.max(now + 1, (scope.closedUntil or 0) + lease)
  left = math.min(left, few - redis.call('ZCOUNT', KEYS[2], int(opening), '+inf'))
end
local debt = (scope.debtUntil or 0) > now and scope.debt or 0
-- A quarter of the window's length per window's worth of calls; not worth a wait below 2 ms.
local spacing = window / amount / 4
local nextAt = math.max(spacing >= 2 and scope.nextAt or 0, scope.closedUntil or 0)

local function free()
  if nextAt > now then return 0 end
  local places = amount - used - debt
  if spacing >= 2 then places = math.min(places, 1) end
  places = math.min(places, left)
  if not held then return places end
  redis.call('ZREMRANGEBYSCORE', KEYS[7], '-inf', int(now))
  if breaker.heldUntil > now then return 0 end
  return math.min(places, breaker.level - redis.call('ZCARD', KEYS[7]))
end

-- Those who go before and are about to come.
local function ahead()
  local count = 0
  if not anyWaits then return count end
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

-- Nothing is going on, and the limit is so large that calls need no pace.
local function isCalm()
  if anyWaits or next(breaker) or debt > 0 or atOnce > 0 or findsOut or spacing >= 2 then return false end
  return ARGV[8] ~= '1' or redis.call('EXISTS', KEYS[8]) == 0
end

local places = free()
local share = isCalm() and math.floor(places / 4) or 0
-- What is fetched ahead is of no use while anything is going on: above all, nobody would find out with it whether the
-- platform is back.
local isOfUse = ARGV[9] ~= '0' or share > 0
if isOfUse and places > 0 and places > ahead() then
  local since = now
  if anyWaits then
    since = tonumber(redis.call('HGET', KEYS[5], id)) or now
    leave(id)
  end
  local count = math.max(1, math.min(tonumber(ARGV[9]), share))
  local lasts = int(now + lease)
  local entries = {lasts, id}
  for i = 2, count do
    entries[#entries + 1] = lasts
    entries[#entries + 1] = ARGV[10] .. i
  end
  redis.call('ZADD', KEYS[2], unpack(entries))
  redis.call('PEXPIRE', KEYS[2], int(kept + lease))
  if spacing >= 2 then note('nextAt', int(now + spacing)) end
  tellUse()
  if held then
    redis.call('ZADD', KEYS[7], int(now + lease), id)
    redis.call('PEXPIRE', KEYS[7], int(lease))
  end
  return {1, now - since, int(priority), breakerState(), share > 0 and 1 or 0, count, now}
end

-- How long until the permit of this rank is there: what follows is an estimate, the answer to the next ask counts.
local rank = anyWaits and redis.call('ZCOUNT', KEYS[3], '-inf', '(' .. int(priority)) or 0

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
  local over = rank + 1 - left
  if over <= 0 then return 0 end
  local most = findsOut and (atOnce == 0 or atOnce > few) and few or atOnce
  return over * math.max(20, scope.callMs or 50) / most
end

local function heldWait()
  if not held then return 0 end
  local turn = math.max(50, scope.callMs or 50) * math.min(rank + 1, 100) / breaker.level
  return math.max(0, breaker.heldUntil - now) + turn
end

local wait = math.max(5, nextAt - now + rank * spacing, windowWait(), atOnceWait(), heldWait())
local reason = held and 'breaker' or (scope.closedUntil or 0) > now and 'closed' or 'limit'
wait = math.ceil(wait)
if ARGV[9] ~= '0' then queue(id, priority, now + wait) end
return {0, wait, reason, breakerState()}
`)
