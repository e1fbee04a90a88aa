import type { Logger } from '#libs/observability'

const minuteMs = 60_000
const atMost = 100

/** Logs a problem that may come with every request: each kind and cause once a minute at most, with how many were left out. */
export function onceAMinute(
  log: Logger,
  level: 'warn' | 'error' = 'warn',
): (what: string, error: unknown) => void {
  const seen = new Map<string, { at: number; leftOut: number }>()
  return (what, error) => {
    const key = `${what}: ${String(error).slice(0, 200)}`
    const last = seen.get(key)
    const now = performance.now()
    if (last && now - last.at < minuteMs) {
      last.leftOut += 1
      return
    }
    // Texts may have something in them that never comes again.
    if (!last && seen.size >= atMost) seen.clear()
    seen.set(key, { at: now, leftOut: 0 })
    log[level]({ error: String(error), ...(last?.leftOut ? { left_out: last.leftOut } : {}) }, what)
  }
}
