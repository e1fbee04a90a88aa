import { type RedisClient, runScript, script } from '#libs/redis'
import { accountKeys, readAccount, writeAccount } from './account'

/** A person holds what a bot sends: webhooks are taken and handlers run, their sends wait. */
export interface Hold {
  /** Unix milliseconds, by Redis' clock. */
  since: number
  reason?: string
  by?: string
  /** When it ends by itself: Unix milliseconds. */
  until?: number
}

export interface HoldOptions {
  reason?: string | undefined
  by?: string | undefined
  /** It ends by itself after so many milliseconds; left out: when somebody releases the bot. */
  forMs?: number | undefined
}

/** The hold as it stands in the bot's own slot: this is what counts. */
function holdKey(bot: string): string {
  return `{hookline:${bot}}:hold`
}

/**
 * KEYS  hold
 * ARGV  reason, by ('': as before), milliseconds until it ends ('': never)
 * Returns 1, or 0 when the bot was held already.
 */
const holdScript = script(`
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local before = redis.call('HMGET', KEYS[1], 'since', 'reason', 'by')
local fields = {'since', before[1] or string.format('%.0f', now)}
local function put(name, value, old)
  if value == '' then value = old end
  if not value then return end
  fields[#fields + 1] = name
  fields[#fields + 1] = value
end
put('reason', ARGV[1], before[2])
put('by', ARGV[2], before[3])
if ARGV[3] ~= '' then put('until', string.format('%.0f', now + tonumber(ARGV[3]))) end
redis.call('DEL', KEYS[1])
redis.call('HSET', KEYS[1], unpack(fields))
if ARGV[3] ~= '' then redis.call('PEXPIRE', KEYS[1], ARGV[3]) end
return before[1] and 0 or 1
`)

/**
 * Holds what a bot sends, in all workers: with their next call, or when their stock of permits has ended (100 ms), without
 * a further question to Redis. A LINE reply whose token runs out meanwhile goes the way of `replyFallback`. False: it was held already; what is given takes the place of
 * the old, and so does the end.
 */
export async function holdBot(redis: RedisClient, bot: string, options: HoldOptions = {}): Promise<boolean> {
  const { reason = '', by = '', forMs } = options
  const endsIn = forMs === undefined ? '' : Math.max(1, Math.ceil(forMs))
  const reply = await runScript(redis, holdScript, [holdKey(bot)], [reason, by, endsIn])
  const account = await readAccount(redis, bot)
  // Where no worker has worked for the bot yet, the first one that does finds the hold.
  if (account !== undefined) await showHold(redis, bot, account)
  return reply === 1
}

/** Lets a bot send again: its calls come back within a minute, few within seconds. False: it was not held. */
export async function releaseBot(redis: RedisClient, bot: string): Promise<boolean> {
  const account = await readAccount(redis, bot)
  const was = (await redis.del(holdKey(bot))) === 1
  // Last: a worker that found the hold just now takes back itself what it showed before this.
  if (account !== undefined) await showHold(redis, bot, account)
  return was
}

/** The hold of a bot; undefined when nobody holds it. */
export async function readHold(redis: RedisClient, bot: string): Promise<Hold | undefined> {
  const { since, reason, by, until } = await redis.hgetall(holdKey(bot))
  if (since === undefined) return undefined
  return {
    since: Number(since),
    ...(reason === undefined ? {} : { reason }),
    ...(by === undefined ? {} : { by }),
    ...(until === undefined ? {} : { until: Number(until) }),
  }
}

/**
 * Says which account a bot has (`accountOf` a limit of it), and sees to it that a hold is known there. A worker says so
 * when it starts and now and then: Redis may have been emptied, or the bot been held before it had a worker.
 */
export async function tellAccount(redis: RedisClient, bot: string, account: string): Promise<void> {
  const before = await writeAccount(redis, bot, account)
  if (before !== undefined && before !== account) await redis.del(accountKeys(before, bot).hold)
  await showHold(redis, bot, account)
}

/** Shows the limiter whether the bot is held, and for how long: a hold that nobody can see must not stay behind there. */
async function showHold(redis: RedisClient, bot: string, account: string): Promise<void> {
  const { hold } = accountKeys(account, bot)
  const leftMs = await redis.pttl(holdKey(bot))
  if (leftMs === -2) await redis.del(hold)
  else if (leftMs === -1) await redis.set(hold, '1')
  else await redis.set(hold, '1', 'PX', Math.max(1, leftMs))
  // Somebody may have held or released the bot between the two.
  const isHeld = (await redis.exists(holdKey(bot))) === 1
  if (isHeld !== (leftMs !== -2)) await showHold(redis, bot, account)
}
