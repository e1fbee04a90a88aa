import { type RedisClient, runScript, script } from '#libs/redis'
import { accountKeys } from './account'
import type { BreakerState } from './breaker-watch'

/** How far one limit of an account is used. */
export interface LimitUse {
  operation: string
  /** Calls within the window, permits for calls that come next, and calls of others where the platform told of them. */
  used: number
  /** Allowed within the window: as the platform stated, else as configured. */
  amount: number
  windowMs: number
  /** When a call was let through, to within ten seconds: milliseconds ago. */
  usedAgoMs: number
  /** Calls wait that long: milliseconds. */
  closed?: { reason: 'rate' | 'quota'; forMs: number }
}

/** What the limiter knows of a bot. */
export interface LimiterView {
  breaker: { state: BreakerState; heldForMs: number }
  limits: LimitUse[]
}

/**
 * One look at an account, whatever waits there. The scopes are no keys of this call; they share its hash tag.
 * KEYS  breaker of the bot, scopes of the account
 * ARGV  what the key of a scope begins with
 * Returns {ms that the bot is held or -1, {operation, used, amount, window, used ms ago, rate-closed ms, quota-closed ms}, …}
 */
const useScript = script(`
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local held = redis.call('HGET', KEYS[1], 'heldUntil')
local view = {held and math.max(0, tonumber(held) - now) or -1}
for _, operation in ipairs(redis.call('ZREVRANGE', KEYS[2], 0, 499)) do
  local key = ARGV[1] .. operation
  local s = redis.call('HMGET', key, 'byAmount', 'byWindow', 'usedAt', 'debt', 'debtUntil', 'closedUntil', 'exhaustedUntil')
  local function n(i) return tonumber(s[i] or 0) end
  if s[1] then
    local used = redis.call('ZCOUNT', key .. ':log', string.format('%.0f', now - n(2)), '+inf')
    if n(5) > now then used = used + n(4) end
    view[#view + 1] = {operation, used, n(1), n(2), now - n(3), math.max(0, n(6) - now), math.max(0, n(7) - now)}
  end
end
return view
`)

type Row = [string, number, number, number, number, number, number]

/** The limits that an account has used within the last hour, and the breaker of one of its bots. */
export async function readUse(redis: RedisClient, bot: string, account: string): Promise<LimiterView> {
  const { breaker, scopes, scope } = accountKeys(account, bot)
  const reply = await runScript(redis, useScript, [breaker, scopes], [scope('')])
  const [held, ...rows] = reply as [number, ...Row[]]
  const state = held < 0 ? 'closed' : held > 0 ? 'held' : 'opening'
  return { breaker: { state, heldForMs: Math.max(0, held) }, limits: rows.map(useOf) }
}

function useOf([operation, used, amount, windowMs, usedAgoMs, rateMs, quotaMs]: Row): LimitUse {
  const use = { operation, used, amount, windowMs, usedAgoMs }
  if (quotaMs > 0) return { ...use, closed: { reason: 'quota', forMs: quotaMs } }
  return rateMs > 0 ? { ...use, closed: { reason: 'rate', forMs: rateMs } } : use
}
