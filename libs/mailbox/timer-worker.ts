import { type Job, Worker } from 'bullmq'
import type { PlatformName, TimerEvent } from '#libs/contract'
import type { Logger } from '#libs/observability'
import { type RedisClient, errorLog } from '#libs/redis'
import { botPrefix } from './keys'
import { createMailbox } from './post'
import { type Schedule, keepSchedules, lateAfterMs } from './schedules'
import {
  type Alarms,
  type Timer,
  type TimerData,
  createAlarms,
  isCurrent,
  openTimerQueue,
  timerQueueName,
} from './timers'
import { pauseWhileRefused } from './work'

/**
 * What became of a timer or schedule whose time came: `posted` into its lane; `repeated`, since it was there already;
 * `cancelled` or replaced meanwhile; `late`, with no worker there at its time; `unwanted`, since the bot has it no more.
 */
export type Fired = 'posted' | 'repeated' | 'cancelled' | 'late' | 'unwanted'

export interface TimerWorkerOptions {
  bot: string
  platform: PlatformName
  redis: RedisClient
  schedules: readonly Schedule[]
  log: Logger
  onFired: (kind: 'timer' | 'schedule', result: Fired) => void
}

export interface TimerWorker {
  alarms: Alarms
  /** Resolves when the worker listens and the schedules are set. */
  ready: Promise<unknown>
  close(): Promise<void>
}

/** As of the drains: a killed worker's timers are picked up within 7 s. */
const recovery = { lockDuration: 5000, stalledInterval: 2000, maxStalledCount: Number.MAX_SAFE_INTEGER }

/** BullMQ's job is gone once it is posted; only a crash in between fires it again, within seconds. */
const dedupeWindowMs = 86_400_000

/** Fires the timers and schedules of one bot, whichever worker comes first: each becomes one event in its lane. */
export function startTimerWorker(options: TimerWorkerOptions): TimerWorker {
  const { bot, redis, log, onFired } = options
  const queue = openTimerQueue(bot, redis)
  const mailbox = createMailbox(redis, log, { bots: [bot] })
  const post = async (event: TimerEvent): Promise<Fired> => {
    const [stored] = await mailbox.post([event], dedupeWindowMs)
    return stored ? 'posted' : 'repeated'
  }
  const fire = async (job: Job<TimerData>): Promise<void> => {
    const { data } = job
    const isTimer = 'event' in data
    const result = isTimer ? await fireTimer(data, redis, post) : await fireSchedule(job, options, post)
    onFired(isTimer ? 'timer' : 'schedule', result)
    const name = isTimer ? data.event.name : data.schedule
    if (result === 'late' || result === 'unwanted')
      log.warn({ schedule: name, result }, 'a schedule was left out')
  }
  const worker = new Worker<TimerData>(timerQueueName, fire, {
    ...{ connection: redis, prefix: botPrefix(bot), concurrency: 20 },
    ...recovery,
  })
  worker.on('error', errorLog(log, 'timer worker error'))
  worker.on('failed', (_job, error) => {
    if (!(error instanceof NotHere))
      log.warn({ error: error.message }, 'a timer was not posted; it is tried again')
  })
  const stopPauses = pauseWhileRefused(worker)
  queue.on('error', errorLog(log, 'timer queue error'))
  const schedules = keepSchedules(queue, options)
  const ready = Promise.all([worker.waitUntilReady(), schedules.ready])
  ready.catch((error: unknown) => log.warn({ error: String(error) }, 'timer worker was not ready'))
  return {
    alarms: createAlarms(queue),
    ready,
    close: async () => {
      schedules.stop()
      stopPauses()
      // Without Redis there is nothing to wait for: what fires now fires again elsewhere.
      await worker.close(redis.status !== 'ready')
      await mailbox.close()
      await queue.close()
    },
  }
}

const othersMayKnowMs = 30_000

/** Tried again by any worker; no failure. */
class NotHere extends Error {}

type Post = (event: TimerEvent) => Promise<Fired>

async function fireTimer(timer: Timer, redis: RedisClient, post: Post): Promise<Fired> {
  if (!(await isCurrent(redis, timer))) return 'cancelled'
  return post({ ...timer.event, receivedAt: Date.now() })
}

/** The time that the schedule meant is part of the job, so that all who fire it post the same event. */
async function fireSchedule(
  job: Job<TimerData>,
  { bot, platform, schedules }: TimerWorkerOptions,
  post: Post,
): Promise<Fired> {
  const name = 'schedule' in job.data ? job.data.schedule : ''
  const at = job.opts.prevMillis ?? job.timestamp + job.delay
  const now = Date.now()
  if (now - at > lateAfterMs) return 'late'
  if (!schedules.some((schedule) => schedule.name === name)) {
    // Another version of the bot may run beside this one: its workers get their chance.
    if (now - at < othersMayKnowMs) throw new NotHere(`this worker's bot has no schedule "${name}"`)
    return 'unwanted'
  }
  return post({
    ...{ type: 'timer', name: `every:${name}`, platform, bot, key: `every:${name}:${at}` },
    ...{ conversation: { kind: 'none', id: `every:${name}` }, occurredAt: at, receivedAt: now, raw: {} },
  })
}
