import { randomUUID } from 'node:crypto'
import { HooklineError } from '#libs/contract'
import type { Grant, TokenRedis } from './token-settings'
import type { Vault } from './vault'

/** The fleet's token in Redis. Each call throws `store_unavailable` when Redis does not answer within 2 s. */
export interface SharedToken {
  read(): Promise<Grant | undefined>
  /** Takes the leave to mint: an owner's mark, or undefined if another worker has it. Ends by itself. */
  lock(): Promise<string | undefined>
  /** Stores the token and gives the lock back, unless the lock was lost: then a newer token may be there. */
  publish(owner: string, grant: Grant): Promise<void>
  unlock(owner: string): Promise<void>
  /** Removes the stored token if it is this one. */
  drop(token: string): Promise<void>
}

/** More than the HTTP client's 10 s, so that it only runs out under a worker that died. */
const lockMs = 15_000
const patienceMs = 2_000

/** KEYS: lock, token. ARGV: owner, sealed token, its life in ms. Returns 1 if stored, 0 if the lock was lost. */
const publishScript = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('DEL', KEYS[1])
redis.call('SET', KEYS[2], ARGV[2], 'PX', ARGV[3])
return 1`

/** KEYS: lock. ARGV: owner. Returns how many keys were deleted. */
const unlockScript = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])`

/** KEYS: token. ARGV: the failed token's fingerprint with its dot. Returns how many keys were deleted. */
const dropScript = `
local held = redis.call('GET', KEYS[1])
if not held or string.sub(held, 1, string.len(ARGV[1])) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])`

export interface SharedTokenOptions {
  redis: TokenRedis
  keyPrefix: string
  vault: Vault
  now: () => number
}

export function createSharedToken({ redis, keyPrefix, vault, now }: SharedTokenOptions): SharedToken {
  const tokenKey = `${keyPrefix}:token`
  const lockKey = `${keyPrefix}:token-lock`
  return {
    async read() {
      const value = await answered(redis.get(tokenKey))
      return value === null ? undefined : vault.open(value)
    },
    async lock() {
      const owner = randomUUID()
      const taken = await answered(redis.set(lockKey, owner, 'PX', lockMs, 'NX'))
      return taken === 'OK' ? owner : undefined
    },
    async publish(owner, grant) {
      const lifeMs = Math.max(1, Math.floor(grant.expiresAt - now()))
      await answered(redis.eval(publishScript, 2, lockKey, tokenKey, owner, vault.seal(grant), lifeMs))
    },
    async unlock(owner) {
      await answered(redis.eval(unlockScript, 1, lockKey, owner))
    },
    async drop(token) {
      await answered(redis.eval(dropScript, 1, tokenKey, `${vault.fingerprint(token)}.`))
    },
  }
}

/** A worker's connection waits for Redis without end; a send must not. */
function answered<T>(reply: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const fail = (why: string, cause?: unknown) =>
      reject(
        new HooklineError('store_unavailable', `Redis did not serve the shared token: ${why}.`, { cause }),
      )
    const timer = setTimeout(() => fail(`no answer within ${patienceMs} ms`), patienceMs)
    reply
      .then(resolve, (error: unknown) => fail(error instanceof Error ? error.message : 'failed', error))
      .finally(() => clearTimeout(timer))
  })
}
