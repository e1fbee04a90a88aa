export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

/** Resolves when the condition holds; rejects after `ms` with what was waited for. */
export async function until(
  holds: () => boolean | Promise<boolean>,
  { ms, what }: { ms: number; what: string },
): Promise<void> {
  const deadline = Date.now() + ms
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`Waited ${ms / 1000} s in vain until: ${what}.`)
    await sleep(50)
  }
}

/** The promise, or a rejection when it takes longer. */
export async function within<T>(ms: number, what: string, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`Waited ${ms / 1000} s in vain until: ${what}.`)), ms)
  })
  return Promise.race([promise, late]).finally(() => clearTimeout(timer))
}
