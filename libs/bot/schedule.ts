import { CronExpressionParser } from 'cron-parser'
import { checkKeys, invalidBot, shown } from './check-names'

/** When `bot.every` is due. */
export interface ScheduleOptions {
  /** IANA name of the time zone that the cron expression is meant in: `Asia/Tokyo`. */
  timeZone: string
  /** Names the schedule in logs and in tests; unique within the bot. Default: the cron expression. */
  name?: string
}

/** A time at which the bot does something of its own accord. It comes as a `timer` event named `every:NAME`. */
export interface Schedule {
  name: string
  cron: string
  /** IANA name. */
  timeZone: string
}

/** @throws HooklineError `bot_file_invalid` for a cron expression or a time zone that can't be read. */
export function createSchedule(cron: unknown, options: unknown): Schedule {
  checkKeys('option of bot.every', options, ['timeZone', 'name'])
  const { timeZone, name = cron } = options as Partial<ScheduleOptions>
  if (typeof cron !== 'string' || !/^(@\w+|(\S+\s+){4,5}\S+)$/.test(cron.trim())) {
    throw invalidBot(
      `bot.every needs a cron expression of five or six fields ("0 9 * * 1-5"), got ${shown(cron)}.`,
    )
  }
  if (typeof timeZone !== 'string' || !isTimeZone(timeZone)) {
    throw invalidBot(`bot.every needs the IANA name of a time zone ("Asia/Tokyo"), got ${shown(timeZone)}.`)
  }
  if (typeof name !== 'string' || name === '')
    throw invalidBot(`A schedule's name is a text, got ${shown(name)}.`)
  const schedule = { name, cron: cron.trim(), timeZone }
  dueAfter(schedule, 0)
  return schedule
}

/**
 * The next time that is later than `time`: Unix milliseconds.
 * @throws HooklineError `bot_file_invalid`
 */
export function dueAfter({ cron, timeZone }: Schedule, time: number): number {
  try {
    return CronExpressionParser.parse(cron, { currentDate: new Date(time), tz: timeZone })
      .next()
      .getTime()
  } catch (cause) {
    throw invalidBot(`The cron expression "${cron}" can't be read: ${(cause as Error).message}`)
  }
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return true
  } catch {
    return false
  }
}
