import type { Ended } from './store'

/**
 * So long a report waits for others: milliseconds. Its permit counts that much longer, and another process's failures
 * in a row are ended that much later.
 */
const patienceMs = 20

/** At so many they are told at once. */
const most = 100

/** Calls that were accepted and of which Redis has not heard yet. */
export interface Gathered {
  add(call: Ended): void
  /** Tells Redis now; commands that are given later come after it. */
  flush(): void
}

export function createGathered(tell: (calls: Ended[]) => void): Gathered {
  let calls: Ended[] = []
  let timer: NodeJS.Timeout | undefined
  const flush = () => {
    clearTimeout(timer)
    timer = undefined
    if (calls.length > 0) tell(calls)
    calls = []
  }
  return {
    add: (call) => {
      calls.push(call)
      if (calls.length >= most) flush()
      else timer ??= setTimeout(flush, patienceMs).unref()
    },
    flush,
  }
}
