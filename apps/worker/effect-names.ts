import { AsyncLocalStorage } from 'node:async_hooks'

/**
 * Names for what a handler does, the same in each run over its event: its n-th push is its n-th push. What `ctx.once`
 * does is counted by itself, since a later run leaves it out: else the next push would be taken for the one before.
 */
export interface EffectNames {
  /** `push.0`, then `push.1`; within `once('paid', …)` `push.once paid.0`. */
  next(kind: Kind): string
  /** Runs an effect of `ctx.once` under its own names. */
  within<T>(key: string, effect: () => T): T
}

/** A push, one through another bot, a call with a retry key. */
type Kind = 'push' | 'via' | 'keyed'

interface Counter {
  prefix: string
  counts: Record<Kind, number>
}

/**
 * One for all runs, each of which sees what was set within itself: Node looks through all that were ever used whenever a
 * promise is made, and lets go of none.
 */
const inside = new AsyncLocalStorage<Counter>()

const createCounter = (prefix: string): Counter => ({ prefix, counts: { push: 0, via: 0, keyed: 0 } })

export function createEffectNames(): EffectNames {
  const outside = createCounter('')
  return {
    next: (kind) => {
      const { prefix, counts } = inside.getStore() ?? outside
      return `${kind}.${prefix}${counts[kind]++}`
    },
    within: (key, effect) => inside.run(createCounter(`once ${key}.`), effect),
  }
}
