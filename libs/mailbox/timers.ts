import { type JobsOptions, Queue } from 'bullmq'
import type { TimerEvent } from '#libs/contract'
import type { RedisClient } from '#libs/redis'
import { botKeys, botPrefix } from './keys'

/** Every bot has one; its jobs are timers, and the next time of each schedule. */
export const timerQueueName = 'timer'

/** A timer of a conversation. The event lacks only the time of its receipt. */
export interface Timer {
  lane: string
  event: Omit<TimerEvent, 'receivedAt'>
}

/** A job of the timer queue; of a schedule it has no content but its name. */
export type TimerData = Timer | { schedule: string }

export function openTimerQueue(bot: string, redis: RedisClient): Queue<TimerData> {
  return new Queue<TimerData>(timerQueueName, {
    connection: redis,
    prefix: botPrefix(bot),
    skipWaitingForReady: true,
    skipVersionCheck: true,
    streams: { events: { maxLen: 1000 } },
  })
}

/** Redis may be away for as long as it likes; the key of its event makes a timer that fires twice one event. */
export const timerJobOptions: JobsOptions = {
  attempts: Number.MAX_SAFE_INTEGER,
  backoff: { type: 'fixed', delay: 1000 },
  removeOnComplete: true,
  removeOnFail: true,
  stackTraceLimit: 0,
}

/** The alarm clocks of one bot. Which timer of a name counts is in the lane's keeping: a surplus one does no harm. */
export interface Alarms {
  /** Sets the alarm of a timer whose event has this key; a repetition changes nothing. */
  set(timer: Timer): Promise<void>
  /** Takes alarms back, as far as they have not gone off. */
  remove(ids: string[]): Promise<void>
}

export function createAlarms(queue: Queue<TimerData>): Alarms {
  return {
    set: async (timer) => {
      const { key, occurredAt } = timer.event
      const delay = Math.max(0, occurredAt - Date.now())
      await queue.add('timer', timer, { ...timerJobOptions, jobId: key, delay })
    },
    remove: async (ids) => {
      // One that is going off right now can't be removed; its event is ignored.
      await Promise.allSettled(ids.map((id) => queue.remove(id)))
    },
  }
}

/** Whether a timer still counts, before its event takes a place in the lane. */
export async function isCurrent(redis: RedisClient, { lane, event }: Timer): Promise<boolean> {
  return (await redis.hget(botKeys(event.bot).timers(lane), event.name)) === event.key
}
