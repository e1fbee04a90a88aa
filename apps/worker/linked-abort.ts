/** An abort of its own that follows another one. */
export interface LinkedAbort {
  signal: AbortSignal
  abort(reason?: unknown): void
  /** The other one is not listened to any more. */
  unlink(): void
}

/** What `AbortSignal.any` does, at a tenth of its cost: a worker makes some thousands of these a second. */
export function linkedAbort(parent: AbortSignal): LinkedAbort {
  const own = new AbortController()
  const follow = () => own.abort(parent.reason)
  if (parent.aborted) follow()
  parent.addEventListener('abort', follow, { once: true })
  return {
    signal: own.signal,
    abort: (reason) => own.abort(reason),
    unlink: () => parent.removeEventListener('abort', follow),
  }
}
