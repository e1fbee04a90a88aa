/** What ends a run early. @internal */
export interface RunAbort {
  /** May be made when it is asked for. */
  readonly signal: AbortSignal
  /** Calls back at the abort, at once where there was one. Returns what ends that. */
  onAbort(listener: () => void): () => void
}

export function abortOf(signal: AbortSignal): RunAbort {
  return {
    signal,
    onAbort: (listener) => {
      if (signal.aborted) listener()
      signal.addEventListener('abort', listener, { once: true })
      return () => signal.removeEventListener('abort', listener)
    },
  }
}

/** Rejects as soon as the run is aborted: a handler that hangs counts as one that threw when its time is over. */
export function unlessAborted<T>(work: Promise<T>, abort: RunAbort): Promise<T> {
  return new Promise((resolve, reject) => {
    // A handler that has just come to its end wins: it is a few promises away from here.
    const stop = abort.onAbort(() => setImmediate(() => reject(abort.signal.reason as Error)))
    const settled = <R>(settle: (result: R) => void) => {
      return (result: R) => {
        stop()
        settle(result)
      }
    }
    work.then(settled(resolve), settled(reject))
  })
}
