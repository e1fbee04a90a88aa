/** Rejects as soon as the signal is aborted: a handler that hangs counts as one that threw when its time is over. */
export async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise: aborted, stop } = whenAborted(signal)
  try {
    return await Promise.race([work, aborted])
  } finally {
    stop()
  }
}

function whenAborted(signal: AbortSignal): { promise: Promise<never>; stop: () => void } {
  let stop: () => void = () => undefined
  const promise = new Promise<never>((_resolve, reject) => {
    // A handler that has just come to its end wins: it is a few promises away from here.
    const onAbort = () => setImmediate(() => reject(signal.reason as Error))
    if (signal.aborted) onAbort()
    signal.addEventListener('abort', onAbort, { once: true })
    stop = () => signal.removeEventListener('abort', onAbort)
  })
  return { promise, stop }
}
