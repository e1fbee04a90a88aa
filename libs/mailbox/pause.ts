import { type RedisClient, runScript, script } from '#libs/redis'
import { metaKey } from './bots'
import { openQueue } from './drains'
import { tellFeed } from './feed'
import { botKeys } from './keys'

/** A bot is paused: its events are stored and wait, and workers take none of them. */
export interface Pause {
  /** Unix milliseconds; absent where something else than Hookline paused the queue. */
  since?: number
  reason?: string
  by?: string
  /** When it ends by itself: Unix milliseconds, by Redis' clock. */
  until?: number
}

export interface PauseOptions {
  reason?: string | undefined
  by?: string | undefined
  /** It ends by itself after so many milliseconds, to within some ten seconds; left out: when somebody resumes the bot. */
  forMs?: number | undefined
}

/** The pause of a bot; undefined when it works. */
export async function readPause(redis: RedisClient, bot: string): Promise<Pause | undefined> {
  if ((await redis.hexists(metaKey(bot), 'paused')) === 0) return undefined
  const { since, reason, by, until } = await redis.hgetall(botKeys(bot).pause)
  return {
    ...(since === undefined ? {} : { since: Number(since) }),
    ...(reason === undefined ? {} : { reason }),
    ...(by === undefined ? {} : { by }),
    ...(until === undefined ? {} : { until: Number(until) }),
  }
}

/**
 * KEYS  pause
 * ARGV  since, reason, by, milliseconds until it ends ('': absent)
 */
const pauseScript = script(`
local fields = {'since', ARGV[1]}
local function put(name, value)
  if value == '' then return end
  fields[#fields + 1] = name
  fields[#fields + 1] = value
end
put('reason', ARGV[2])
put('by', ARGV[3])
if ARGV[4] ~= '' then
  local t = redis.call('TIME')
  put('until', string.format('%.0f', t[1] * 1000 + math.floor(t[2] / 1000) + tonumber(ARGV[4])))
end
redis.call('DEL', KEYS[1])
redis.call('HSET', KEYS[1], unpack(fields))
`)

/**
 * Pauses a bot for all workers, until somebody resumes it or its time is over: BullMQ hands out no drain of it any more,
 * and a drain under way stops after the item at hand. False: it was paused already; what is given takes the place of the
 * old, and so does the end.
 */
export async function pauseBot(
  redis: RedisClient,
  bot: string,
  options: string | PauseOptions = {},
): Promise<boolean> {
  const { reason, by, forMs } = typeof options === 'string' ? { reason: options } : options
  const before = await readPause(redis, bot)
  const at = Date.now()
  const words = [reason ?? before?.reason ?? '', by ?? before?.by ?? '']
  await runScript(redis, pauseScript, [botKeys(bot).pause], [before?.since ?? at, ...words, forMs ?? ''])
  await onQueue(redis, bot, (queue) => queue.pause())
  if (before === undefined) tellFeed(redis, bot, [{ kind: 'paused', at, bot }])
  return before === undefined
}

/**
 * KEYS  pause
 * Returns 1 when the pause was to end by now.
 */
const overScript = script(`
local until_ = tonumber(redis.call('HGET', KEYS[1], 'until'))
local t = redis.call('TIME')
return until_ and until_ <= t[1] * 1000 + t[2] / 1000 and 1 or 0
`)

/** Resumes a bot whose pause is over. Every sweep of a worker asks, so it needs no process that remembers. */
export async function endPauseInTime(redis: RedisClient, bot: string): Promise<void> {
  if ((await runScript(redis, overScript, [botKeys(bot).pause], [])) === 1) await resumeBot(redis, bot)
}

/** Lets workers take the bot's lanes again. False: it was not paused. */
export async function resumeBot(redis: RedisClient, bot: string): Promise<boolean> {
  const before = await readPause(redis, bot)
  if (before === undefined) return false
  await onQueue(redis, bot, (queue) => queue.resume())
  await redis.del(botKeys(bot).pause)
  tellFeed(redis, bot, [{ kind: 'resumed', at: Date.now(), bot }])
  return true
}

async function onQueue(
  redis: RedisClient,
  bot: string,
  work: (queue: ReturnType<typeof openQueue>) => Promise<void>,
): Promise<void> {
  const queue = openQueue(bot, redis)
  try {
    await work(queue)
  } finally {
    await queue.close()
  }
}
