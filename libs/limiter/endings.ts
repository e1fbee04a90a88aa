/** What the scripts have in common that hear of calls which have ended. Goes by the names of the prelude. */
export const endings = `
-- So many calls have ended just now, and took so long in the mean. In the log until a whole window after that.
local function took(callMs, window, count)
  redis.call('PEXPIRE', KEYS[2], int(math.max(scope.window or 0, window) + 60000))
  local weight = 0.8 ^ count
  note('callMs', int(scope.callMs and scope.callMs * weight + callMs * (1 - weight) or callMs))
end

-- The platform takes calls of this scope.
local function accept()
  if scope.inRow then redis.call('HDEL', KEYS[1], 'inRow') end
  if scope.exhaustedUntil then redis.call('HDEL', KEYS[1], 'exhaustedUntil') end
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

local function view(turned)
  local heldFor = held and math.max(0, breaker.heldUntil - now) or 0
  return {turned, breakerState(), heldFor, math.max(0, (scope.closedUntil or 0) - now)}
end
`
