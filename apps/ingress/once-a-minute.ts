import type { Logger } from '#libs/observability'

const minuteMs = 60_000

/** Logs a problem that may come with every request: each kind once a minute at most, with how many were left out. */
export function onceAMinute(
  log: Logger,
  level: 'warn' | 'error' = 'warn',
): (what: string, error: unknown) => void {
  const seen = new Map<string, { at: number; leftOut: number }>()
  return (what, error) => {
    const last = seen.get(what)
    const now = performance.now()
    if (last && now - last.at < minuteMs) {
      last.leftOut += 1
      return
    }
    seen.set(what, { at: now, leftOut: 0 })
    log[level]({ error: String(error), ...(last?.leftOut ? { left_out: last.leftOut } : {}) }, what)
  }
}
