/** Those who wait for the abort of a signal. */
const waiting = new WeakMap<AbortSignal, Set<() => void>>()

/**
 * Calls back when the signal aborts, at once where it has already. Returns what ends that. A signal that lives for long has
 * one listener for all: to add and remove one takes longer than the rest of what is done with it.
 */
export function onAbort(signal: AbortSignal, listener: () => void): () => void {
  if (signal.aborted) {
    listener()
    return () => undefined
  }
  const listeners = waiting.get(signal) ?? listenTo(signal)
  listeners.add(listener)
  return () => void listeners.delete(listener)
}

function listenTo(signal: AbortSignal): Set<() => void> {
  const listeners = new Set<() => void>()
  waiting.set(signal, listeners)
  signal.addEventListener('abort', () => listeners.forEach((listener) => listener()), { once: true })
  return listeners
}
