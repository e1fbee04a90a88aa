import { type JobsOptions, Queue } from 'bullmq'
import type { RedisClient } from '#libs/redis'
import { botPrefix } from './keys'

/** Every bot has one queue; its jobs are drains. */
export const drainQueueName = 'drain'

export interface DrainData {
  lane: string
}

/**
 * At most one drain per lane is alive. `keepLastIfActive`: a post during a running drain is kept as the
 * next one, else an event that arrives between "lane is empty" and "job is done" would wait for the sweep.
 * The job may fail as often as it likes: budgets are counted per item.
 */
export function drainOptions(lane: string): JobsOptions {
  return {
    deduplication: { id: lane, keepLastIfActive: true },
    attempts: Number.MAX_SAFE_INTEGER,
    backoff: { type: 'lane' },
    removeOnComplete: true,
    removeOnFail: true,
    stackTraceLimit: 0,
  }
}

/**
 * The queue as the producer uses it: never waits for Redis (the connection decides what happens when it
 * is away), and skips the version check, which would be cached as failed for ever.
 */
export function openQueue(bot: string, redis: RedisClient): Queue<DrainData> {
  return new Queue<DrainData>(drainQueueName, {
    connection: redis,
    prefix: botPrefix(bot),
    skipWaitingForReady: true,
    skipVersionCheck: true,
    streams: { events: { maxLen: 1000 } },
  })
}

/** Wakes the drains of these lanes. */
export async function wake(queue: Queue<DrainData>, lanes: Iterable<string>): Promise<void> {
  const jobs = [...new Set(lanes)].map((lane) => ({
    name: drainQueueName,
    data: { lane },
    opts: drainOptions(lane),
  }))
  const [first, ...others] = jobs
  // A transaction around one command costs more than the command.
  if (first && others.length === 0) await queue.add(first.name, first.data, first.opts)
  else await queue.addBulk(jobs)
}
