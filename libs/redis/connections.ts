import { Redis, type RedisOptions } from 'ioredis'
import type { Logger } from '#libs/observability'

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
const postTimeoutMs = 500

/**
 * For the ingress: fails fast instead of queueing commands, so that a webhook gets its answer in time
 * while Redis is down, hung or full, and recovers by itself.
 */
export function connectProducer(url: string, log: Logger): Redis {
  return connect(url, log, {
    enableOfflineQueue: false,
    maxRetriesPerRequest: 1,
    commandTimeout: postTimeoutMs,
    connectTimeout: 2000,
  })
}

/** For workers: waits for Redis as long as it takes. BullMQ refuses any other `maxRetriesPerRequest`. */
export function connectWorker(url: string, log: Logger): Redis {
  return connect(url, log, { maxRetriesPerRequest: null })
}

type ConnectOptions = Pick<RedisOptions, 'maxRetriesPerRequest'> &
  Partial<{ enableOfflineQueue: boolean; commandTimeout: number; connectTimeout: number }>

function connect(url: string, log: Logger, options: ConnectOptions): Redis {
  const redis = new Redis(url, {
    retryStrategy,
    reconnectOnError: reconnectWhenReadOnly(),
    ...options,
  })
  redis.on('error', errorLog(log, 'redis connection error'))
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
