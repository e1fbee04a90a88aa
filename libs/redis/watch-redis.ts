import type { Logger } from '#libs/observability'
import { evictionProblem, memoryProblem, parseInfo } from './info'
import type { RedisClient } from './open-redis'
import { type Place, placesOf, primaries } from './primaries'
import type { Replicas } from './replicas'

/** What the producer knows about its Redis without asking. */
export interface RedisHealth {
  /** Why Redis should be given nothing now; undefined when it takes events. */
  problem(): string | undefined
  /** Redis did not take a write. It counts as unusable until a write succeeds again. */
  suspect(): void
  /** Asks Redis now. Never rejects. */
  refresh(): Promise<void>
  /** Resolves when Redis is usable in every respect; rejects with the reason. */
  check(): Promise<void>
  close(): void
}

export interface RedisHealthOptions {
  redis: RedisClient
  /** Hash tags of what is written: on a cluster every server that holds one of them is asked. */
  tags?: () => string[]
  /** Replicas that shall confirm what is written. */
  replicas?: Replicas
  /** Percent of `maxmemory` above which Redis counts as full. */
  memoryShare: number
  log: Logger
  /** How often Redis is asked: milliseconds. */
  everyMs?: number
}

/** So much must be free again below the share, else a Redis at the edge would go to and fro. */
const hysteresisPercent = 5
/** After so many questions without an answer the connection is made anew: its other end may be gone. */
const silenceToReconnect = 5

/** Watches the Redis of a connection that fails fast (`connectProducer`), by a question every second. */
export function watchRedis(options: RedisHealthOptions): RedisHealth {
  const { redis, memoryShare, log, replicas, everyMs = 1000 } = options
  let down: string | undefined = 'Redis was not asked yet'
  let full: string | undefined
  let evicting: string | undefined
  let doubts = 0
  let silent = 0

  const suspect = (why = 'Redis did not take the last write') => {
    doubts += 1
    down ??= why
  }

  const ask = async () => {
    const before = doubts
    const answers = await Promise.all(primaries(redis).map((server) => server.info('memory')))
    const memories = answers.map(parseInfo)
    const share = full ? memoryShare - hysteresisPercent : memoryShare
    evicting = firstOf(memories.map(evictionProblem))
    full = firstOf(memories.map((memory) => memoryProblem(memory, share)))
    await probe(options, down !== undefined)
    if (doubts === before) down = undefined
    silent = 0
  }

  const refresh = async () => {
    try {
      if (redis.status !== 'ready') down = `Redis connection is ${redis.status}`
      else await ask()
    } catch (error) {
      const words = error instanceof Error ? error.message : String(error)
      down = `Redis can't be used: ${words}`
      silent = words.includes('timed out') ? silent + 1 : 0
      if (silent > 0 && silent % silenceToReconnect === 0) redis.disconnect(true)
    }
  }

  const logChange = changeLog(log)
  const problem = () => down ?? full ?? replicas?.problem()
  const tick = () =>
    void refresh().then(() => logChange(problem(), { evicting, shortfall: replicas?.shortfall() }))
  const onClose = () => suspect('Redis connection is closed')
  const timer = setInterval(tick, everyMs)
  redis.on('ready', tick)
  redis.on('close', onClose)

  return {
    problem,
    suspect: () => suspect(),
    refresh,
    check: async () => {
      await refresh()
      const why = problem() ?? evicting ?? replicas?.shortfall()
      if (why !== undefined) throw new Error(why)
    },
    close: () => {
      clearInterval(timer)
      redis.off('ready', tick)
      redis.off('close', onClose)
    },
  }
}

const firstOf = (problems: (string | undefined)[]) => problems.find((problem) => problem !== undefined)

/**
 * INFO answers also where no write is taken: out of memory, read-only, a full disk. And a primary of a cluster
 * that is away is not among those that were asked for it.
 */
async function probe(
  { redis, tags = () => [], replicas }: RedisHealthOptions,
  inDoubt: boolean,
): Promise<void> {
  const places = placesOf(redis, tags())
  const asks = replicas?.asked ?? 0
  if (!inDoubt && asks === 0 && !redis.isCluster) return
  replicas?.keepOnly(places.map(({ name }) => name))
  await Promise.all(places.map((place) => probePlace(place, { redis, replicas })))
}

async function probePlace(
  { probeKey }: Place,
  { redis, replicas }: { redis: RedisClient; replicas: Replicas | undefined },
): Promise<void> {
  // By itself first: this is what follows a key to another server, a pipeline with WAIT does not.
  await redis.set(probeKey, '1', 'PX', 1000)
  if (replicas && replicas.asked > 0) await replicas.probe(probeKey)
}

interface Worries {
  evicting?: string | undefined
  shortfall?: string | undefined
}

/** One line when something begins or ends, not one per second. */
function changeLog(log: Logger): (problem: string | undefined, worries: Worries) => void {
  let before: { problem?: string | undefined } & Worries = {}
  return (problem, { evicting, shortfall }) => {
    if (problem !== undefined && before.problem === undefined) log.warn({ problem }, 'redis takes no events')
    if (problem === undefined && before.problem !== undefined) log.info('redis takes events again')
    if (evicting !== undefined && before.evicting === undefined) log.error(evicting)
    if (shortfall !== undefined && before.shortfall === undefined) log.error(shortfall)
    if (shortfall === undefined && before.shortfall !== undefined) log.info('replicas confirm events again')
    before = { problem, evicting, shortfall }
  }
}
