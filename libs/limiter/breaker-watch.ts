import type { LimiterRedis } from './prelude'

/** `opening`: calls are let through again, at first one at a time. */
export type BreakerState = 'closed' | 'opening' | 'held'

const everyMs = 5000

/**
 * Tells each change of the breaker's state. Calls bring the news; while it is not closed, a worker that has none of
 * its own looks now and then, so that it does not show for ever what another worker has ended.
 */
export function createBreakerWatch(
  redis: Pick<LimiterRedis, 'exists'>,
  tell: (state: BreakerState) => void = () => undefined,
): (state: BreakerState, key: string) => void {
  let last: BreakerState | undefined
  let timer: NodeJS.Timeout | undefined
  const see = (state: BreakerState, key: string) => {
    if (state !== last) tell(state)
    last = state
    clearTimeout(timer)
    if (state === 'closed') return
    timer = setTimeout(() => {
      redis.exists(key).then(
        (exists) => see(exists === 0 ? 'closed' : (last ?? state), key),
        () => see(last ?? state, key),
      )
    }, everyMs)
    timer.unref()
  }
  return see
}
