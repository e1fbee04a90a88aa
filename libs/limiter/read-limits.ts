import { type RedisClient, primaries } from '#libs/redis'
import type { BreakerState } from './breaker-watch'

/** A limit that keeps calls waiting now. */
export interface ClosedScope {
  platform: string
  /** Who shares the limit: a bot's name, a LINE WORKS domain. */
  account: string
  operation: string
  /** `rate`: the platform said 429. `quota`: its monthly quota is used up. */
  reason: 'rate' | 'quota'
  /** Milliseconds. */
  forMs: number
}

export interface BotBreaker {
  bot: string
  state: BreakerState
  /** Until the next call tries: milliseconds. */
  heldForMs: number
}

export interface LimitsView {
  closed: ClosedScope[]
  /** Of bots whose platform fails; those not named are `closed`, which means that all goes on. */
  breakers: BotBreaker[]
}

const prefix = '{hookline:limit:'

/** What holds calls back, of all bots. Walks over all keys: for a person, not for a timer. */
export async function readLimits(redis: RedisClient): Promise<LimitsView> {
  const view: LimitsView = { closed: [], breakers: [] }
  for (const server of primaries(redis)) {
    // Written by the clock of the server that holds them.
    const now = Number((await server.time())[0]) * 1000
    for await (const keys of server.scanStream({ match: `${prefix}*`, type: 'hash', count: 1000 })) {
      for (const key of keys as string[]) await addKey(view, key, { redis, now })
    }
  }
  return view
}

async function addKey(
  view: LimitsView,
  key: string,
  { redis, now }: { redis: RedisClient; now: number },
): Promise<void> {
  const [, platform = '', account = '', kind, name = ''] =
    /^\{hookline:limit:([^:}]+):([^}]*)\}:(scope|breaker):(.+)$/.exec(key) ?? []
  // The scopes' other hash says since when somebody waits.
  if (kind === undefined || (kind === 'scope' && name.endsWith(':since'))) return
  const fields = await redis.hgetall(key)
  const leftMs = (field: string) => Math.max(0, Number(fields[field] ?? 0) - now)
  if (kind === 'breaker') {
    if (fields['heldUntil'] === undefined) return
    const heldForMs = leftMs('heldUntil')
    view.breakers.push({ bot: name, state: heldForMs > 0 ? 'held' : 'opening', heldForMs })
    return
  }
  for (const [reason, field] of [
    ['rate', 'closedUntil'],
    ['quota', 'exhaustedUntil'],
  ] as const) {
    const forMs = leftMs(field)
    if (forMs > 0) view.closed.push({ platform, account, operation: name, reason, forMs })
  }
}
