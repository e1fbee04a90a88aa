import type { RedisClient } from './open-redis'
import { placeName } from './primaries'
import { probeReplicas } from './script'

/** Whether replicas receive what is written, as far as a writer wants to know. */
export interface Replicas {
  /** REDIS_WAIT_REPLICAS. */
  asked: number
  /** So many replicas must have a write with this hash tag before it counts; 0: none are asked for now. */
  wanted(tag: string): number
  /** Asks the server that has this key whether its replicas follow; with others who ask at the same time. */
  probe(key: string): Promise<void>
  /** So many have it. True: enough, or they have been given up. */
  heard(tag: string, replicas: number): boolean
  /** Why nothing should be written now: they have just failed to confirm, and are waited for. */
  problem(): string | undefined
  /** Why what is written is less safe than asked for: they have been given up. */
  shortfall(): string | undefined
  /** Forgets the servers that are not among these any more. */
  keepOnly(places: string[]): void
}

/** After this time events go on without replicas: LINE's reply tokens do not live much longer. */
const patienceMs = 10_000

export interface ReplicasOptions {
  redis: RedisClient
  /** REDIS_WAIT_REPLICAS. */
  asked: number
  now?: () => number
}

/** Remembers for each primary since when replicas have not confirmed what it was given. */
export function createReplicas({ redis, asked, now = Date.now }: ReplicasOptions): Replicas {
  const missing = new Map<string, number>()
  const isGivenUp = (since: number) => now() - since >= patienceMs
  const some = (givenUp: boolean) => [...missing].find(([, since]) => isGivenUp(since) === givenUp)
  const probing = new Map<string, Promise<void>>()
  const heard = (tag: string, replicas: number): boolean => {
    const name = placeName(redis, tag)
    if (replicas >= asked) return missing.delete(name) || true
    const since = missing.get(name) ?? now()
    missing.set(name, since)
    return isGivenUp(since)
  }
  const probe = async (probeKey: string) => {
    const replicas = await probeReplicas(redis, { replicas: asked, probeKey })
    heard(probeKey, replicas)
  }
  const words = (name: string) => (name === '' ? '' : ` of ${name}`)
  return {
    asked,
    wanted: (tag) => {
      const since = missing.get(placeName(redis, tag))
      return since !== undefined && isGivenUp(since) ? 0 : asked
    },
    heard,
    // While one waits the connection does nothing else: several at once would keep posts waiting too long.
    probe: (key) => {
      const running = probing.get(key) ?? probe(key).finally(() => probing.delete(key))
      probing.set(key, running)
      return running
    },
    problem: () => {
      const [name] = some(false) ?? []
      return name === undefined
        ? undefined
        : `fewer than ${asked} replica(s)${words(name)} confirm what is written`
    },
    shortfall: () => {
      const [name] = some(true) ?? []
      if (name === undefined) return undefined
      return `Fewer than ${asked} replica(s)${words(name)} confirm what is written (REDIS_WAIT_REPLICAS). Events are acknowledged without them.`
    },
    keepOnly: (places) => {
      for (const name of missing.keys()) if (!places.includes(name)) missing.delete(name)
    },
  }
}
