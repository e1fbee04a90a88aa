import { Cluster, Command, type Redis } from 'ioredis'
import type { RedisClient } from './open-redis'

/** The servers that take writes: one, or all primaries of a cluster that are known. */
export function primaries(redis: RedisClient): Redis[] {
  return redis instanceof Cluster ? redis.nodes('master') : [redis]
}

/** A server that holds keys of ours, and a key that it holds. */
export interface Place {
  /** Empty where there is only one. */
  name: string
  probeKey: string
}

/** The name of the server that holds the keys with this hash tag. */
export function placeName(redis: RedisClient, tag: string): string {
  if (!(redis instanceof Cluster)) return ''
  return redis.slots[new Command('get', [tag]).getSlot()]?.[0] ?? ''
}

/** Every server that holds keys with one of these hash tags, once. */
export function placesOf(redis: RedisClient, tags: string[]): Place[] {
  if (!(redis instanceof Cluster)) return [{ name: '', probeKey: 'hookline:write-probe' }]
  const byName = new Map(tags.map((tag) => [placeName(redis, tag), `${tag}:write-probe`]))
  return [...byName].map(([name, probeKey]) => ({ name, probeKey }))
}
