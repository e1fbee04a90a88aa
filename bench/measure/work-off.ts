import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Queue } from 'bullmq'
import { pauseBot, readBacklog, resumeBot } from '#libs/mailbox'
import type { RedisClient } from '#libs/redis'
import { sleep } from '../../chaos/until'
import { type Backlog, channelSecret, postBacklog, saidIn } from '../backlog'
import { type Bench, type Program, inFolder, startProgram } from '../bench'
import { startMeter } from '../cpu'
import { type Servers, startServers } from '../servers'
import { checkOrder } from '../order'
import type { Place } from '../pinning'
import { type Sink, startSink } from '../sink-client'
import type { Sample } from '../statistics'

/** What works a backlog off. */
export type WorkerKind = 'noop' | 'tutorial' | 'silent' | 'echo'

export interface WorkOptions {
  kind: WorkerKind
  events: number
  conversations: number
  bots?: number
  processes?: number
  /** Of one process; the worker's default is for each bot. */
  concurrency?: number
  /** How long a call to the platform takes. */
  delayMs?: number
  /** Redis servers: one, or a cluster of so many primaries. */
  primaries?: number
  /** Of the worker processes; `anywhere` where several share the cores. */
  place?: Place
}

/** The default of WORKER_CONCURRENCY. */
export const defaultConcurrency = 50

/** The backlog's two kinds: lanes of Hookline, or jobs of BullMQ. All stop and start at a word. */
interface Store {
  fill(backlog: Backlog): Promise<void>
  hold(): Promise<void>
  release(): Promise<void>
  waiting(): Promise<number>
  close(): Promise<void>
}

/**
 * Works off a backlog that was complete before the first worker got any of it: the workers run and are warm by then, and
 * wait at a paused queue. Time and CPU count from its release until nothing waits any more.
 */
export async function measureWorkOff(bench: Bench, options: WorkOptions): Promise<Sample> {
  return inFolder(bench, async (dir) => {
    const { kind, processes = 1, delayMs = 0, place = 'server' } = options
    const others = place === 'server' ? 'generator' : 'anywhere'
    const redis = await startServers(bench, { dir, primaries: options.primaries ?? 1, place: others })
    const sink = await startSink(bench, { dir, delayMs, place: others })
    const bots = Array.from({ length: options.bots ?? 1 }, (_, i) => `bot${i + 1}`)
    const store = storeOf(kind, redis, bots)
    await store.hold()
    const workers = await startWorkers(bench, { ...options, ...{ processes, place, dir, bots, redis, sink } })
    const part = { bots, conversations: options.conversations }
    await workOff(store, { ...part, events: warmUpEvents(bench, options), from: 1e9 })
    await sink.forget()
    await store.hold()
    const backlog = { ...part, events: options.events, from: 0 }
    await store.fill(backlog)
    const meters = [workers.map(({ pid }) => pid), [sink.pid], ...redis.pids.map((pid) => [pid])].map(
      startMeter,
    )
    const seconds = await releaseAndWait(store, options.events)
    const [ofWorkers = NaN, ofSink = NaN, ...ofServers] = meters.map((stop) => stop())
    const disorder = await checkAnswers(kind, sink, backlog)
    await Promise.all([...workers, sink].map((program) => program.end()))
    await store.close()
    redis.close()
    const ofRedis = ofServers.reduce((sum, used) => sum + used, 0)
    return {
      rate: options.events / seconds,
      cpu: ofWorkers / options.events,
      perCpuSecond: (options.events / ofWorkers) * 1e6,
      redisCpu: ofRedis / options.events,
      sinkCpu: ofSink / options.events,
      redisShare: (Math.max(...ofServers) / 1e6 / seconds) * 100,
      reordered: disorder,
      seconds,
    }
  })
}

/**
 * Enough for the compiler of every process: what is measured is the rate that lasts. Where rows of one kind are compared
 * with each other, and where calls are slow, fewer: for time's sake.
 */
function warmUpEvents({ quick }: Bench, { processes = 1, place }: WorkOptions): number {
  if (quick) return 100 * processes
  return (place === 'anywhere' ? 1000 : 15_000) * processes
}

/** Fills a store that is held, releases it and waits until nothing waits any more. */
export async function workOff(store: Store, backlog: Backlog): Promise<void> {
  await store.fill(backlog)
  await releaseAndWait(store, backlog.events)
}

/** Seconds that it took. */
async function releaseAndWait(store: Store, events: number): Promise<number> {
  const from = performance.now()
  await store.release()
  await waitUntilEmpty(store, events)
  return (performance.now() - from) / 1000
}

/** Slower than any machine on which a benchmark makes sense: milliseconds. */
const patienceMs = { atLeast: 120_000, perEvent: 20 }

export async function waitUntilEmpty(store: Pick<Store, 'waiting'>, events: number): Promise<void> {
  const deadline = performance.now() + patienceMs.atLeast + patienceMs.perEvent * events
  while ((await store.waiting()) > 0) {
    if (performance.now() > deadline) throw new Error('The backlog was not worked off in time.')
    await sleep(20)
  }
}

/** How many answers were out of order; only one job per event may do that. */
async function checkAnswers(kind: WorkerKind, sink: Sink, backlog: Backlog): Promise<number> {
  if (kind === 'noop' || kind === 'silent') return 0
  const labels = (await sink.calls()).map(([, label]) => label)
  return checkOrder(labels, backlog, { mayBeLate: kind === 'tutorial' })
}

function storeOf(kind: WorkerKind, redis: Servers, bots: string[]): Store {
  return kind === 'noop' || kind === 'tutorial' ? jobs(redis.url) : lanes(redis.client, bots)
}

export function lanes(redis: RedisClient, bots: string[]): Store {
  return {
    fill: (backlog) => postBacklog(redis, backlog),
    hold: async () => {
      await Promise.all(bots.map((bot) => pauseBot(redis, bot)))
    },
    release: async () => {
      await Promise.all(bots.map((bot) => resumeBot(redis, bot)))
    },
    waiting: async () => {
      const all = await Promise.all(bots.map((bot) => readBacklog(redis, bot)))
      return all.reduce((sum, { items }) => sum + items, 0)
    },
    close: async () => undefined,
  }
}

/** How many jobs are added at once. */
const batch = 500

function jobs(url: string): Store {
  const queue = new Queue('webhooks', { connection: { url } })
  return {
    fill: async (backlog) => {
      const all = [...saidIn(backlog)].map(({ body }) => ({
        name: 'webhook',
        data: JSON.parse(body.toString()) as object,
        opts: { attempts: 3, backoff: { type: 'exponential', delay: 1000 } },
      }))
      for (let i = 0; i < all.length; i += batch) await queue.addBulk(all.slice(i, i + batch))
    },
    hold: () => queue.pause(),
    release: () => queue.resume(),
    waiting: async () => {
      const counts = await queue.getJobCounts('waiting', 'active', 'delayed')
      return Object.values(counts).reduce((sum, count) => sum + count, 0)
    },
    close: () => queue.close(),
  }
}

export interface WorkersOptions extends Pick<WorkOptions, 'kind' | 'concurrency'> {
  processes: number
  place: Place
  dir: string
  bots: string[]
  redis: Pick<Servers, 'url'>
  sink: Pick<Sink, 'url'>
  /** Further settings of Hookline's workers. */
  env?: Record<string, string>
}

const scripts: Record<WorkerKind, string> = {
  noop: 'bench/subjects/noop-worker.js',
  tutorial: 'bench/subjects/tutorial-worker.js',
  silent: 'apps/worker/main.js',
  echo: 'apps/worker/main.js',
}

export function startWorkers(bench: Bench, options: WorkersOptions): Promise<Program[]> {
  const { kind, processes, dir, redis, sink, place, concurrency = defaultConcurrency } = options
  writeFileSync(configFile(dir), configOf(bench, options))
  const env = {
    ...{ REDIS_URL: redis.url, SINK_URL: sink.url, CONCURRENCY: String(concurrency) },
    ...{ HOOKLINE_CONFIG: configFile(dir), WORKER_PORT: '0', WORKER_CONCURRENCY: String(concurrency) },
    ...options.env,
  }
  return Promise.all(
    Array.from({ length: processes }, (_, i) =>
      startProgram(bench, { name: `worker-${i + 1}`, script: scripts[kind], env, place, dir }),
    ),
  )
}

function configFile(dir: string): string {
  return join(dir, 'bots.yaml')
}

/** Settings of an ingress beside workers that were started already. */
export function ingressEnv({ dir, redis }: Pick<WorkersOptions, 'dir' | 'redis'>): Record<string, string> {
  return {
    ...{ HOOKLINE_CONFIG: configFile(dir), INGRESS_PORT: '0', REDIS_URL: redis.url },
    HOOKLINE_JOURNAL_DIR: join(dir, 'journal'),
  }
}

/** A static token: what is issued and renewed is not measured here. */
function configOf({ root }: Bench, { kind, bots, sink }: WorkersOptions): string {
  const rows = bots.flatMap((bot) => [
    `  ${bot}:`,
    '    platform: line',
    `    handler: ${JSON.stringify(join(root, `bench/bots/${kind === 'silent' ? 'silent' : 'echo'}.ts`))}`,
    `    channelSecret: ${JSON.stringify(channelSecret)}`,
    `    channelAccessToken: token-of-${bot}`,
    `    apiBaseUrl: ${JSON.stringify(sink.url)}`,
    // A backlog may wait for longer than a reply token lives.
    '    replyFallback: push',
  ])
  return ['bots:', ...rows, ''].join('\n')
}
