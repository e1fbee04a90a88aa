import type { Logger } from '#libs/observability'
import { type Manners, type RedisClient, openRedis } from './open-redis'

/** Reconnects for ever, at most about a second apart: a worker must not stay deaf after an outage. */
const retryStrategy = (attempt: number) => Math.min(100 * attempt, 1000) + Math.random() * 100

const readOnlyPatienceMs = 5000

/**
 * After a failover the old primary may live on as a replica, while the address leads to the new one by now:
 * connects anew, but not all the time, since it may be the address that is behind.
 */
function reconnectWhenReadOnly(): (error: Error) => boolean {
  let last = 0
  return ({ message }) => {
    const now = Date.now()
    if (!message.startsWith('READONLY') || now - last < readOnlyPatienceMs) return false
    last = now
    return true
  }
}

/** How long a post may take before the ingress gives up on Redis: milliseconds. */
export const postTimeoutMs = 500

/**
 * For the ingress: fails fast instead of queueing commands, so that a webhook gets its answer in time
 * while Redis is down, hung or full, and recovers by itself. `ca`: REDIS_CA.
 */
export function connectProducer(url: string, log: Logger, ca?: string): RedisClient {
  const options = { maxRetriesPerRequest: 1, commandTimeout: postTimeoutMs, connectTimeout: 2000 }
  // A redirection rests for 100 ms, so that four of them stay below the time that a post may take.
  return connect(url, { log, ca, manners: { options, queues: false, redirections: 5 } })
}

/** For workers: waits for Redis as long as it takes. BullMQ refuses any other `maxRetriesPerRequest`. */
export function connectWorker(url: string, log: Logger, ca?: string): RedisClient {
  const options = { maxRetriesPerRequest: null }
  return connect(url, { log, ca, manners: { options, queues: true, redirections: Number.MAX_SAFE_INTEGER } })
}

/** How long a person at the console waits for Redis: milliseconds. Lists of thousands take their time. */
const consoleTimeoutMs = 5000

/** For the console: fails soon while Redis is away, and recovers by itself. */
export function connectConsole(url: string, log: Logger, ca?: string): RedisClient {
  const options = { maxRetriesPerRequest: 1, commandTimeout: consoleTimeoutMs, connectTimeout: 2000 }
  return connect(url, { log, ca, manners: { options, queues: false, redirections: 16 } })
}

interface ConnectOptions {
  log: Logger
  ca: string | undefined
  manners: Omit<Manners, 'retryStrategy'>
}

function connect(url: string, { log, ca, manners }: ConnectOptions): RedisClient {
  const reconnectOnError = reconnectWhenReadOnly()
  const redis = openRedis(url, { retryStrategy, reconnectOnError, ...manners }, ca)
  redis.on('error', errorLog(log, 'redis connection error'))
  redis.on('node error', errorLog(log, 'connection error of a redis cluster node'))
  redis.on('ready', () => log.info('redis connection is ready'))
  return redis
}

const sameErrorMs = 60_000

/** Logs an error when it is another one than the last, or a minute has passed: an outage is not a flood. */
export function errorLog(log: Logger, what: string): (error: Error) => void {
  let last = { message: '', at: 0 }
  return ({ message }) => {
    const now = Date.now()
    if (message === last.message && now - last.at < sameErrorMs) return
    last = { message, at: now }
    log.warn({ error: message }, what)
  }
}
