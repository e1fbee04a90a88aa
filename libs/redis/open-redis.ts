import { Cluster, Redis, type RedisOptions } from 'ioredis'
import { type RedisPlace, parseRedisUrl } from '#libs/config'
import { FreshSentinelConnector } from './sentinel-connector'

/** One server, also the primary that Sentinels name, or a cluster. Nothing is ever read from a replica. */
export type RedisClient = Redis | Cluster

/** How a connection behaves while Redis is away. */
export interface Manners {
  options: Pick<
    RedisOptions,
    'maxRetriesPerRequest' | 'commandTimeout' | 'connectTimeout' | 'disconnectTimeout' | 'lazyConnect'
  >
  /** Milliseconds until the next attempt to connect; null gives up. */
  retryStrategy: (attempt: number) => number | null
  /** False: a command that can't be sent at once fails. */
  queues: boolean
  /** Cluster: how often a command is sent again, to another node or after a pause. */
  redirections: number
  reconnectOnError?: (error: Error) => boolean
}

/** Makes the connection that a REDIS_URL of any form asks for. */
export function openRedis(url: string, manners: Manners, ca?: string): RedisClient {
  const place = parseRedisUrl(url)
  const tls = place.tls ? { tls: ca === undefined ? {} : { ca } } : {}
  if (place.kind === 'cluster') return openCluster(place, manners, tls)
  const { options, retryStrategy, queues, reconnectOnError } = manners
  const common: Common = {
    ...options,
    ...tls,
    retryStrategy,
    enableOfflineQueue: queues,
    ...(reconnectOnError ? { reconnectOnError } : {}),
  }
  // The URL itself, because it may have further options of ioredis in it.
  return place.kind === 'server' ? new Redis(place.url, common) : openSentinels(place, common)
}

/** The type of replies is a part of a connection's type, and stays as it is. */
type Common = Omit<RedisOptions, 'replyMapping'>
type Of<K extends RedisPlace['kind']> = Extract<RedisPlace, { kind: K }>

/** A Sentinel that hangs is passed over after this time: milliseconds. */
const sentinelTimeoutMs = 1000

/**
 * Sentinels are asked at every connect, and listened to, at two of them: of a primary that is cut off without a
 * word a connection would learn only after many minutes.
 */
function openSentinels(place: Of<'sentinel'>, common: Common): Redis {
  const { hosts, primary, username, password, db, sentinelUsername, sentinelPassword } = place
  const { retryStrategy, tls } = common
  return new Redis({
    ...common,
    Connector: FreshSentinelConnector,
    sentinels: hosts,
    name: primary,
    db,
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...(sentinelUsername === undefined ? {} : { sentinelUsername }),
    ...(sentinelPassword === undefined ? {} : { sentinelPassword }),
    ...(tls === undefined ? {} : { sentinelTLS: tls, enableTLSForSentinelMode: true }),
    sentinelRetryStrategy: (attempt) => retryStrategy?.(attempt) ?? null,
    sentinelCommandTimeout: sentinelTimeoutMs,
    failoverDetector: true,
    sentinelMaxConnections: 2,
  })
}

/** What can't be done during a failover is tried again after this time: milliseconds. */
const failoverPauseMs = 100
/** Nodes that do not agree yet would send a command to and fro as fast as they can. */
const movedPauseMs = 20
/** A primary that is cut off without a word is let go of when the others have replaced it. */
const lookForNodesMs = 2000

function openCluster(place: Of<'cluster'>, manners: Manners, tls: Pick<RedisOptions, 'tls'>): Cluster {
  const { hosts, username, password } = place
  const { lazyConnect = false, ...options } = manners.options
  return new Cluster(hosts, {
    lazyConnect,
    enableOfflineQueue: manners.queues,
    clusterRetryStrategy: manners.retryStrategy,
    maxRedirections: manners.redirections,
    retryDelayOnMoved: movedPauseMs,
    retryDelayOnFailover: failoverPauseMs,
    retryDelayOnClusterDown: failoverPauseMs,
    retryDelayOnTryAgain: failoverPauseMs,
    slotsRefreshInterval: lookForNodesMs,
    // A certificate names hosts, so they are not to be turned into addresses.
    ...(place.tls ? { dnsLookup: (host, found) => found(null, host) } : {}),
    redisOptions: {
      ...options,
      ...tls,
      ...(username === undefined ? {} : { username }),
      ...(password === undefined ? {} : { password }),
    },
  })
}
