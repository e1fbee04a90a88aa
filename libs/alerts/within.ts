import { setTimeout as sleep } from 'node:timers/promises'

export class TooLate extends Error {
  constructor(ms: number) {
    super(`There was no answer within ${ms} ms.`)
    this.name = 'TooLate'
  }
}

/** Rejects after a while: nobody waits for ever for what hangs. */
export async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  const over = new AbortController()
  const late = sleep(ms, undefined, { signal: over.signal, ref: false }).then(
    () => Promise.reject(new TooLate(ms)),
    // Aborted: the work was faster.
    () => new Promise<never>(() => undefined),
  )
  try {
    return await Promise.race([work, late])
  } finally {
    over.abort()
  }
}
