import type { RedisClient } from '#libs/redis'
import { randomUUID } from 'node:crypto'

export interface DrainLock {
  /** Aborted when the lock could not be kept. */
  lost: AbortSignal
  release(): Promise<void>
}

const lockMs = 5000
const renewMs = 1000

/** KEYS lock; ARGV token. Only its holder may remove it. */
const releaseLua = `if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0`
/** KEYS lock; ARGV token, time to live in ms. Returns 1 while the lock is still the caller's. */
const renewLua = `if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('PEXPIRE', KEYS[1], ARGV[2]) end return 0`

/**
 * One process at a time drains a folder, else two would mix up the order. The lock is in Redis because
 * draining needs Redis anyway, and a killed holder's lock runs out by itself. Undefined: somebody else has it.
 */
export async function takeDrainLock(redis: RedisClient, folder: string): Promise<DrainLock | undefined> {
  const key = `hookline:journal:${folder}:drain`
  const token = randomUUID()
  if ((await redis.set(key, token, 'PX', lockMs, 'NX')) !== 'OK') return
  const lost = new AbortController()
  let heldUntil = Date.now() + lockMs
  const timer = setInterval(() => {
    if (Date.now() >= heldUntil) return lost.abort(new Error('The drain lock ran out.'))
    const askedAt = Date.now()
    redis.eval(renewLua, 1, key, token, lockMs).then(
      (kept) =>
        kept === 1 ? (heldUntil = askedAt + lockMs) : lost.abort(new Error('The drain lock is lost.')),
      () => undefined,
    )
  }, renewMs)
  return {
    lost: lost.signal,
    release: async () => {
      clearInterval(timer)
      await redis.eval(releaseLua, 1, key, token).catch(() => undefined)
    },
  }
}
