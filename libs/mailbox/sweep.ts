import type { Queue } from 'bullmq'
import type { Logger } from '#libs/observability'
import { type RedisClient, errorLog, runScript, script } from '#libs/redis'
import { recountItems } from './backlog'
import { type DrainData, wake } from './drains'
import { botKeys } from './keys'
import { endPauseInTime } from './pause'
import { trimStoriesScript } from './story-scripts'
import { type Timeline, timelineMs } from './timeline'

/** A lane whose wake-up was lost waits this long, and half as long again. */
const sweepEveryMs = 10_000
/** Clocks of workers may differ by this much without harm. */
const toleranceMs = 2000
const batch = 500

export interface SweepOptions {
  bot: string
  redis: RedisClient
  log: Logger
  timeline?: Timeline
}

/**
 * Sweeps for as long as the worker runs. Not a BullMQ job scheduler: a worker whose clock was ahead would put
 * the next sweep off by as much, and the sweep is what heals that.
 */
export function keepSweeping(queue: Queue<DrainData>, options: SweepOptions): () => void {
  const onError = errorLog(options.log, 'the sweep failed')
  const timer = setInterval(() => {
    if (options.redis.status !== 'ready') return
    sweep(queue, options).catch((error: unknown) =>
      onError(error instanceof Error ? error : new Error(String(error))),
    )
  }, sweepEveryMs)
  return () => clearInterval(timer)
}

/**
 * Seconds by the clock of the server that has the bot: a cluster has as many clocks as servers.
 * KEYS  any of the bot
 */
const timeScript = script(`return redis.call('TIME')[1]`)

/** One sweep of one of all workers; the others find it done. By Redis' clock. */
export async function sweep(queue: Queue<DrainData>, { bot, redis, timeline }: SweepOptions): Promise<void> {
  const keys = botKeys(bot)
  if ((await redis.set(keys.sweep, '1', 'PX', sweepEveryMs / 2, 'NX')) !== 'OK') return
  const now = Number(await runScript(redis, timeScript, [keys.sweep], [])) * 1000
  await endPauseInTime(redis, bot)
  await wakeForgotten(queue, { redis, lanes: keys.lanes, before: now - sweepEveryMs / 2 })
  await promoteOverdue(queue, redis, now)
  await recountItems(redis, bot)
  if (timeline) await trimStories(redis, { bot, timeline, now })
}

/**
 * Wakes every lane that has items: for those whose drain was never added because a process or Redis died
 * between storing and waking. A lane that has a drain is left as it is by the deduplication.
 */
async function wakeForgotten(
  queue: Queue<DrainData>,
  { redis, lanes: key, before }: { redis: RedisClient; lanes: string; before: number },
): Promise<void> {
  const lanes = await redis.zrangebyscore(key, 0, before)
  for (let i = 0; i < lanes.length; i += batch) await wake(queue, lanes.slice(i, i + batch))
}

/**
 * A delay is written as a time of the clock of the worker that wrote it, and read by the clocks of all. A drain
 * that is to wait longer than its delay from now, or that nobody woke when it was due, was met by a wrong one:
 * it stands at either end, so a hundred of each are looked at.
 */
async function promoteOverdue(queue: Queue<DrainData>, redis: RedisClient, now: number): Promise<void> {
  const key = queue.toKey('delayed')
  // BullMQ keeps the time of a delayed job in the upper bits of its score.
  const due = (score: string) => Number(score) / 0x1000
  for (const pairs of [
    await redis.zrange(key, 0, '99', 'WITHSCORES'),
    await redis.zrange(key, -100, '-1', 'WITHSCORES'),
  ]) {
    for (let i = 0; i < pairs.length; i += 2) {
      const job = await queue.getJob(pairs[i] ?? '')
      const waitMs = due(pairs[i + 1] ?? '') - now
      if (job && (waitMs > job.delay + toleranceMs || waitMs < -toleranceMs)) {
        // Somebody else was faster where this fails.
        await job.promote().catch(() => undefined)
      }
    }
  }
}

/** Redis is busy for about a millisecond with so many of either kind. */
const mostStories = 500
/** A limit that was lowered by a lot is reached in a few sweeps. */
const mostTrims = 20

/** For bots at rest: one at work trims as it goes. A bot that keeps none any more loses what it kept. */
async function trimStories(
  redis: RedisClient,
  { bot, timeline, now }: { bot: string; timeline: Timeline; now: number },
): Promise<void> {
  const keys = botKeys(bot)
  const items = timeline.keep === 'none' ? 0 : timeline.items
  const args = [keys.storyOf(''), now - timelineMs(timeline), items, mostStories]
  const ofStories = [keys.stories, keys.storyTimes, keys.conversations]
  for (let trims = 0; trims < mostTrims; trims++) {
    if (Number(await runScript(redis, trimStoriesScript, ofStories, args)) < mostStories) return
  }
}
