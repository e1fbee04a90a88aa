import { script } from '#libs/redis'
import { endings } from './endings'
import { prelude } from './prelude'

/**
 * Tells how a permitted call went.
 * KEYS  as above
 * ARGV  1 id of the permit, 2 result, 3 item, 4 priority, 5 amount, 6 window in ms, 7 duration of the call in ms,
 *       8 stated amount, 9 stated remaining, 10 stated reset in ms, 11 wait asked for by a 429 in ms ('' where unknown),
 *       12 id of the call, which is the permit's own unless that one comes from a stock
 * Results: ok, answered (refused, but in good order), unclear (says nothing about the platform), limited (429),
 *          quota, unauthorized (401, the first in a row of this item), failed, unused (the call was not made)
 * Returns {1 opened / -1 closed / 2 the item is to blame / 0, breaker state, ms that the bot is held, ms that the scope is closed}
 */
export const reportScript = script(`${prelude}${endings}
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
  queue(ARGV[12], tonumber(ARGV[4]), scope.closedUntil)
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

local probe = held and redis.call('ZREM', KEYS[7], id) == 1
local turned = 0
if result == 'unused' then
  redis.call('ZREM', KEYS[2], id)
else
  redis.call('ZADD', KEYS[2], int(now), id)
  took(tonumber(ARGV[7]), tonumber(ARGV[6]), 1)
  learn()
  if result == 'limited' then close() end
  if result == 'quota' then write(KEYS[1], 'exhaustedUntil', int(now + 600000)) end
  if result == 'ok' then accept() end
  if result == 'ok' or result == 'answered' or result == 'quota' then turned = succeed(probe) end
  if result == 'failed' or (result == 'unauthorized' and held) then turned = fail(probe) end
end
return view(turned)
`)
