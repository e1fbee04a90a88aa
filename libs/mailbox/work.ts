import { setTimeout as pause } from 'node:timers/promises'
import { DelayedError, type Job, type Queue, Worker } from 'bullmq'
import type { Logger } from '#libs/observability'
import { type RedisClient, errorLog } from '#libs/redis'
import { type DrainData, drainQueueName, openQueue, wake } from './drains'
import { botPrefix } from './keys'
import { type Lane, openLane } from './lane'
import { keepSweeping } from './sweep'
import type { Timeline } from './timeline'

/** What a drain run ended with. */
export type DrainResult =
  /** The lane is empty, or somebody else has it. */
  | { kind: 'done' }
  /** The lane has more, but others should get a turn. */
  | { kind: 'yield' }
  /** The head failed; BullMQ waits `delayMs` and starts the drain again. */
  | { kind: 'retry'; delayMs: number }
  /** The head may not go on before `delayMs`; not a failure. */
  | { kind: 'postpone'; delayMs: number }

export type Drain = (lane: Lane, context: { lane: string; signal: AbortSignal }) => Promise<DrainResult>

export interface LaneWorkerOptions {
  bot: string
  redis: RedisClient
  drain: Drain
  concurrency: number
  log: Logger
  /** What is kept of items that have ended; left out: nothing. */
  timeline?: Timeline
}

export interface LaneWorker {
  /** Resolves when the worker listens for jobs. */
  ready: Promise<unknown>
  /** Takes no new drains and waits for the running ones. */
  close(): Promise<void>
  /** Gives the lanes of the running drains back at once, for a process that can't wait for them. */
  abandon(): Promise<void>
}

/**
 * With these a killed worker's lanes are picked up within 7 s: at the first check after the lock ran out.
 * BullMQ's defaults take up to a minute and fail a job for good at its second crash.
 */
const recovery = { lockDuration: 5000, stalledInterval: 2000, maxStalledCount: Number.MAX_SAFE_INTEGER }

/** Carries the delay to the backoff strategy; its text is stored in Redis, so it says nothing. */
class TryLater extends Error {
  constructor(readonly delayMs: number) {
    super('the head of the lane failed; its item tells why')
  }
}

/** Works on the lanes of one bot: BullMQ wakes, delays and recovers, `drain` empties a lane. */
export function startLaneWorker(options: LaneWorkerOptions): LaneWorker {
  const { bot, redis, drain, concurrency, log } = options
  const timeline: Timeline = options.timeline ?? { keep: 'none', days: 0, items: 0 }
  const queue = openQueue(bot, redis)
  const running = new Set<DrainRun>()
  const worker = new Worker<DrainData>(
    drainQueueName,
    async (job, token, signal) => {
      const own = token ?? ''
      const run = {
        job,
        token: own,
        lane: openLane(redis, { bot, lane: job.data.lane, token: own, timeline }),
      }
      running.add(run)
      try {
        await runDrain(run, { queue, drain, signal: signal ?? new AbortController().signal })
      } finally {
        running.delete(run)
      }
    },
    {
      connection: redis,
      prefix: botPrefix(bot),
      concurrency,
      ...recovery,
      settings: {
        backoffStrategy: (_made, _type, error) => (error instanceof TryLater ? error.delayMs : 1000),
      },
    },
  )
  worker.on('error', errorLog(log, 'lane worker error'))
  worker.on('stalled', (job) => log.warn({ job }, 'took over a lane whose worker stopped'))
  worker.on('failed', (_job, error) => {
    if (!(error instanceof TryLater)) log.error({ error: error.message }, 'drain failed')
  })
  // Without its lock another worker may have the lane: stop at the next step.
  worker.on('lockRenewalFailed', (ids) => ids.forEach((id) => worker.cancelJob(id, 'lock lost')))
  queue.on('error', errorLog(log, 'drain queue error'))

  const ready = worker.waitUntilReady()
  // A worker that is told to stop before Redis ever came must not die of it.
  ready.catch((error: unknown) => log.warn({ error: String(error) }, 'lane worker was not ready'))
  const stopSweeps = keepSweeping(queue, { bot, redis, log, timeline })
  const stopPauses = pauseWhileRefused(worker)
  const close = async () => {
    stopSweeps()
    stopPauses()
    await closeLaneWorker(worker, queue, redis)
  }
  const abandon = async () => {
    // What fails here has ended meanwhile, or Redis is away: then others take the lane over as from a dead worker.
    await Promise.allSettled([...running].map((run) => abandonDrain(run)))
  }
  return { ready, close, abandon }
}

const refusedPauseMs = 1000

const refusal = /\b(OOM|READONLY|MISCONF|NOREPLICAS|LOADING|MASTERDOWN|CLUSTERDOWN)\b/

/**
 * A Redis that is full, read-only, still loading or can't persist refuses every fetch of a job, and BullMQ asks again at
 * once: thousands of commands a second for nothing. A second's rest after each refusal.
 */
export function pauseWhileRefused(worker: Worker): () => void {
  let timer: NodeJS.Timeout | undefined
  worker.on('error', ({ message }) => {
    if (timer || !refusal.test(message)) return
    timer = setTimeout(() => {
      timer = undefined
      void worker.resume()
    }, refusedPauseMs)
    void worker.pause(true)
  })
  return () => clearTimeout(timer)
}

/** Without Redis there is nothing to wait for: what runs can't note its end, and others take it over. */
async function closeLaneWorker(worker: Worker, queue: Queue, redis: RedisClient): Promise<void> {
  const gone = whenGone(redis)
  await Promise.race([worker.close().then(() => queue.close()), gone.promise])
  gone.stop()
}

const goneAfterMs = 2000

/** Resolves when Redis has not been reachable for a while. */
function whenGone(redis: RedisClient): { promise: Promise<void>; stop: () => void } {
  let timer: NodeJS.Timeout | undefined
  let lastReady = Date.now()
  const promise = new Promise<void>((resolve) => {
    timer = setInterval(() => {
      if (redis.status === 'ready') lastReady = Date.now()
      else if (Date.now() - lastReady > goneAfterMs) resolve()
    }, 100)
  })
  return { promise, stop: () => clearInterval(timer) }
}

interface DrainRun {
  job: Job<DrainData>
  token: string
  lane: Lane
}

interface DrainDeps {
  queue: Queue<DrainData>
  drain: Drain
  signal: AbortSignal
}

async function runDrain({ job, token, lane }: DrainRun, { queue, drain, signal }: DrainDeps): Promise<void> {
  const name = job.data.lane
  const result = await drain(lane, { lane: name, signal })
  switch (result.kind) {
    case 'done':
      return
    case 'yield':
      return wake(queue, [name])
    case 'retry':
      throw new TryLater(result.delayMs)
    case 'postpone':
      await job.moveToDelayed(Date.now() + result.delayMs, token)
      throw new DelayedError()
  }
}

/** The answer to a call under way is worth waiting for, but not for long: the process has to go. */
const answerWithinMs = 400

/**
 * Without this the lane would sleep until the lock of its job has run out, and its head would count as crashed. Where
 * a call is still under way it does: whoever had the lane at once would make that call again beside it.
 */
async function abandonDrain({ job, token, lane }: DrainRun): Promise<void> {
  const until = Date.now() + answerWithinMs
  while (!(await lane.leave())) {
    if (Date.now() > until) return
    await pause(20)
  }
  await job.moveToWait(token)
}
