import { setTimeout as delay } from 'node:timers/promises'
import { ApiError, HooklineError } from '#libs/contract'
import type { SharedToken } from './shared-token'
import type { Grant, TokenLog } from './token-settings'

/** Whether a token that another worker shared will do. */
export type Accepts = (grant: Grant) => boolean

/** All workers of a bot as one: whoever needs a token first mints it, the others take that one. */
export interface Fleet {
  /** The shared token, or a new one; waits for a worker that is minting. */
  obtain(accepts: Accepts): Promise<Grant>
  /** As `obtain`, but undefined instead of waiting. */
  tryObtain(accepts: Accepts): Promise<Grant | undefined>
  /** Removes the shared token if it is still this one. Never throws. */
  drop(token: string): Promise<void>
}

export interface FleetOptions {
  bot: string
  shared: SharedToken
  mint: () => Promise<Grant>
  log?: TokenLog | undefined
}

/** 15 s in all: as long as a dead worker's lock lives. */
const polls = 150
const pollMs = 100

export function createFleet({ bot, shared, mint, log }: FleetOptions): Fleet {
  const redis = createRedisWatch(bot, log)

  /** Without Redis each worker is on its own: a token too many is better than no message. */
  async function tryObtain(accepts: Accepts): Promise<Grant | undefined> {
    try {
      return await share(accepts)
    } catch (error) {
      if (!redis.isAway(error)) throw error
      return mint()
    }
  }

  async function share(accepts: Accepts): Promise<Grant | undefined> {
    const found = await shared.read()
    redis.answered()
    if (found && accepts(found)) return found
    const owner = await shared.lock()
    return owner === undefined ? undefined : mintAs(owner, accepts)
  }

  /** Reads again: the last owner may have published between our read and our lock. */
  async function mintAs(owner: string, accepts: Accepts): Promise<Grant> {
    try {
      const found = await shared.read()
      if (found && accepts(found)) return found
      const grant = await mint()
      await redis.bear(shared.publish(owner, grant))
      return grant
    } finally {
      await redis.bear(shared.unlock(owner))
    }
  }

  async function obtain(accepts: Accepts): Promise<Grant> {
    for (let poll = 0; poll < polls; poll += 1) {
      const grant = await tryObtain(accepts)
      if (grant) return grant
      await delay(pollMs)
    }
    const waited = `Other workers of bot ${bot} have been fetching a token for ${(polls * pollMs) / 1000} s`
    throw new ApiError(
      'api_unavailable',
      `${waited} without success. Their logs say what the token endpoint answered.`,
      { neverSent: true },
    )
  }

  return { obtain, tryObtain, drop: (token) => redis.bear(shared.drop(token)) }
}

/** Tells Redis' failures from all others, and logs the first of a row. */
function createRedisWatch(bot: string, log: TokenLog | undefined) {
  let away = false
  function isAway(error: unknown): boolean {
    if (!(error instanceof HooklineError) || error.code !== 'store_unavailable') return false
    if (!away)
      log?.warn({ bot, error: error.message }, 'access token is not shared: this worker is on its own')
    away = true
    return true
  }
  function answered(): void {
    if (away) log?.info({ bot }, 'access token is shared again')
    away = false
  }
  async function bear(call: Promise<void>): Promise<void> {
    await call.catch((error: unknown) => {
      if (!isAway(error)) throw error
    })
  }
  return { isAway, answered, bear }
}
