import type { Redis } from 'ioredis'
import {
  type RedisClient,
  answerSoon,
  evictionProblem,
  memoryProblem,
  parseInfo,
  primaries,
} from '#libs/redis'
import type { RedisSummary } from './types'

/** One server that takes writes. */
export interface RedisServerView extends RedisSummary {
  /** Host and port. */
  name: string
  version?: string
  role?: string
  /** What it does when it is full; anything but `noeviction` loses events. */
  policy?: string
  /** `append-only file`, `snapshots`, both, or `none`. */
  persistence?: string
  clients?: number
  uptimeMs?: number
  keys?: number
}

/** Above so many percent of `maxmemory` somebody should know: the ingress stops at 90 by default. */
const fullPercent = 80

/** Every primary, as it is now. One that does not answer is there with `ok: false`. Never rejects. */
export async function readRedisHealth(redis: RedisClient): Promise<RedisServerView[]> {
  if (redis.status !== 'ready')
    return [{ name: 'redis', ok: false, words: `The connection to Redis is ${redis.status}.` }]
  return Promise.all(primaries(redis).map(readServer))
}

async function readServer(server: Redis): Promise<RedisServerView> {
  const { host = '127.0.0.1', port = 6379 } = server.options
  const name = `${host}:${port}`
  try {
    return await answerSoon(askServer(server, name))
  } catch (error) {
    return { name, ok: false, words: error instanceof Error ? error.message : String(error) }
  }
}

async function askServer(server: Redis, name: string): Promise<RedisServerView> {
  const before = performance.now()
  await server.ping()
  const latencyMs = Math.round((performance.now() - before) * 100) / 100
  const [info, saves] = await Promise.all([server.info().then(parseInfo), savesOf(server)])
  const words = evictionProblem(info) ?? memoryProblem(info, fullPercent)
  const maxBytes = Number(info.get('maxmemory') ?? 0)
  const number = (field: string) => {
    const text = info.get(field)
    return text === undefined ? undefined : Number(text)
  }
  const uptime = number('uptime_in_seconds')
  return defined({
    name,
    ok: true,
    words,
    latencyMs,
    usedBytes: number('used_memory'),
    // 0: no bound of its own.
    maxBytes: maxBytes > 0 ? maxBytes : undefined,
    version: info.get('redis_version'),
    role: info.get('role'),
    policy: info.get('maxmemory_policy'),
    persistence: persistenceOf(info.get('aof_enabled'), saves),
    clients: number('connected_clients'),
    uptimeMs: uptime === undefined ? undefined : uptime * 1000,
    keys: keysOf(info),
  })
}

/** The snapshots that are set; undefined where the server does not tell. */
async function savesOf(server: Redis): Promise<string | undefined> {
  const answer = (await server.config('GET', 'save').catch(() => [])) as string[]
  return answer[1]
}

function persistenceOf(aof: string | undefined, saves: string | undefined): string | undefined {
  const kinds = [aof === '1' ? 'append-only file' : '', saves ? 'snapshots' : ''].filter(
    (kind) => kind !== '',
  )
  if (kinds.length > 0) return kinds.join(' + ')
  return aof === undefined || saves === undefined ? undefined : 'none'
}

/** `db0:keys=12,expires=3,…`, one field per database. */
function keysOf(info: Map<string, string>): number {
  const counts = [...info].filter(([field]) => /^db\d+$/.test(field))
  return counts.reduce((sum, [, text]) => sum + Number(/keys=(\d+)/.exec(text)?.[1] ?? 0), 0)
}

type Undefinable<T> = { [K in keyof T]: T[K] | undefined }

/** Without the fields that are not known. */
function defined(view: Undefinable<Required<RedisServerView>>): RedisServerView {
  return Object.fromEntries(
    Object.entries(view).filter(([, value]) => value !== undefined),
  ) as unknown as RedisServerView
}

/** All servers as one: the fullest, the slowest, the first worry. */
export function summarize(servers: RedisServerView[]): RedisSummary {
  const share = ({ usedBytes = 0, maxBytes = Infinity }: RedisServerView) => usedBytes / maxBytes
  const fullest = [...servers].sort((a, b) => share(b) - share(a))[0]
  const latencies = servers.flatMap(({ latencyMs }) => latencyMs ?? [])
  const worried = servers.find(({ ok }) => !ok) ?? servers.find(({ words }) => words !== undefined)
  const name = servers.length > 1 && worried ? `${worried.name}: ` : ''
  return {
    ok: servers.length > 0 && servers.every(({ ok }) => ok),
    ...(worried?.words === undefined ? {} : { words: `${name}${worried.words}` }),
    ...(fullest?.usedBytes === undefined ? {} : { usedBytes: fullest.usedBytes }),
    ...(fullest?.maxBytes === undefined ? {} : { maxBytes: fullest.maxBytes }),
    ...(latencies.length === 0 ? {} : { latencyMs: Math.max(...latencies) }),
  }
}
