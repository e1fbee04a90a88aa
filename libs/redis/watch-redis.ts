import type { Redis } from 'ioredis'
import type { Logger } from '#libs/observability'
import { evictionProblem, memoryProblem, parseInfo } from './info'

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
  redis: Redis
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
export function watchRedis({ redis, memoryShare, log, everyMs = 1000 }: RedisHealthOptions): RedisHealth {
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
    const memory = parseInfo(await redis.info('memory'))
    evicting = evictionProblem(memory)
    full = memoryProblem(memory, full ? memoryShare - hysteresisPercent : memoryShare)
    // INFO answers also where no write is taken: out of memory, read-only, a full disk.
    if (down !== undefined) await redis.set('hookline:write-probe', '1', 'PX', 1000)
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
  const tick = () => void refresh().then(() => logChange(down ?? full, evicting))
  const onClose = () => suspect('Redis connection is closed')
  const timer = setInterval(tick, everyMs)
  redis.on('ready', tick)
  redis.on('close', onClose)

  return {
    problem: () => down ?? full,
    suspect: () => suspect(),
    refresh,
    check: async () => {
      await refresh()
      const problem = down ?? full ?? evicting
      if (problem !== undefined) throw new Error(problem)
    },
    close: () => {
      clearInterval(timer)
      redis.off('ready', tick)
      redis.off('close', onClose)
    },
  }
}

/** One line when something begins or ends, not one per second. */
function changeLog(log: Logger): (problem: string | undefined, evicting: string | undefined) => void {
  let before: { problem?: string | undefined; evicting?: string | undefined } = {}
  return (problem, evicting) => {
    if (problem !== undefined && before.problem === undefined) log.warn({ problem }, 'redis takes no events')
    if (problem === undefined && before.problem !== undefined) log.info('redis takes events again')
    if (evicting !== undefined && before.evicting === undefined) log.error(evicting)
    before = { problem, evicting }
  }
}
