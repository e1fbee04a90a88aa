import type { Queue } from 'bullmq'
import type { Logger } from '#libs/observability'
import { type RedisClient, errorLog, runScript, script } from '#libs/redis'
import { botKeys } from './keys'
import { type TimerData, timerJobOptions } from './timers'

/** A time at which a bot does something of its own accord. */
export interface Schedule {
  name: string
  cron: string
  timeZone: string
}

interface ScheduleOptions {
  bot: string
  redis: RedisClient
  schedules: readonly Schedule[]
  log: Logger
}

/** A time that no worker was there for is made up for within this; later it is left out. */
export const lateAfterMs = 10 * 60_000

const everyMs = 20_000
/** What no worker has wanted for so long belongs to a version of the bot that is gone. */
const unwantedAfterSeconds = 60

/**
 * Notes that these schedules are wanted, by Redis' clock, and tells which others no worker wants any more.
 * KEYS  schedules
 * ARGV  seconds, names
 */
const wantScript = script(`
local now = tonumber(redis.call('TIME')[1])
for i = 2, #ARGV do redis.call('HSET', KEYS[1], ARGV[i], now) end
local unwanted, all = {}, redis.call('HGETALL', KEYS[1])
for i = 1, #all, 2 do
  if now - tonumber(all[i + 1]) > tonumber(ARGV[1]) then
    unwanted[#unwanted + 1] = all[i]
    redis.call('HDEL', KEYS[1], all[i])
  end
end
return unwanted
`)

/** Keeps the schedules of Redis those of the bot files that run, for as long as this worker does. */
export function keepSchedules(
  queue: Queue<TimerData>,
  options: ScheduleOptions,
): { ready: Promise<void>; stop: () => void } {
  const onError = errorLog(options.log, 'the schedules were not looked after')
  const tend = () => tendSchedules(queue, options)
  const timer = setInterval(() => {
    if (options.redis.status === 'ready') tend().catch(onError)
  }, everyMs)
  return { ready: tend(), stop: () => clearInterval(timer) }
}

/**
 * While two versions of a bot run, both want theirs: nobody takes away what the other still wants. A schedule that
 * stands as it should is not touched, since setting it anew would skip a time that is due this very moment.
 */
export async function tendSchedules(
  queue: Queue<TimerData>,
  { bot, redis, schedules, log }: ScheduleOptions,
  unwantedAfter = unwantedAfterSeconds,
): Promise<void> {
  const names = schedules.map(({ name }) => name)
  const unwanted = await runScript(redis, wantScript, [botKeys(bot).schedules], [unwantedAfter, ...names])
  for (const name of unwanted as string[]) {
    await queue.removeJobScheduler(name)
    log.info({ schedule: name }, 'removed a schedule that the bot no longer has')
  }
  for (const { name, cron, timeZone } of schedules) {
    const set = await queue.getJobScheduler(name)
    const isOverdue = (set?.next ?? 0) < Date.now() - lateAfterMs
    if (set?.pattern === cron && set.tz === timeZone && !isOverdue) continue
    const template = { name: 'schedule', data: { schedule: name }, opts: timerJobOptions }
    await queue.upsertJobScheduler(name, { pattern: cron, tz: timeZone }, template)
    log.info({ schedule: name, cron, timeZone }, 'set a schedule')
  }
}
