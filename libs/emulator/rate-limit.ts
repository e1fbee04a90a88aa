/** Says whether one more call fits, and takes its place if so. */
export interface TokenBuckets {
  take(key: string, limit: { amount: number; perMs: number }): boolean
}

interface Bucket {
  level: number
  at: number
}

/** One bucket per key that holds `amount` and fills up within `perMs`. LINE's model [R#rate-limits]. */
export function createTokenBuckets(clock: () => number): TokenBuckets {
  const buckets = new Map<string, Bucket>()
  return {
    take: (key, { amount, perMs }) => {
      const now = clock()
      const { level, at } = buckets.get(key) ?? { level: amount, at: now }
      // The emulator's clock can be set back.
      const filled = Math.min(amount, level + (Math.max(0, now - at) / perMs) * amount)
      const fits = filled >= 1
      buckets.set(key, { level: fits ? filled - 1 : filled, at: now })
      return fits
    },
  }
}

export interface WindowState {
  allowed: boolean
  used: number
  /** Milliseconds until at least one place is free again. */
  resetMs: number
}

export interface SlidingWindows {
  take(key: string, limit: { amount: number; perMs: number }): WindowState
}

/** Calls of the last `perMs` per key; a refused call is not counted. */
export function createSlidingWindows(clock: () => number): SlidingWindows {
  const windows = new Map<string, number[]>()
  return {
    take: (key, { amount, perMs }) => {
      const now = clock()
      const recent = (windows.get(key) ?? []).filter((at) => at > now - perMs)
      const allowed = recent.length < amount
      if (allowed) recent.push(now)
      windows.set(key, recent)
      return { allowed, used: recent.length, resetMs: (recent[0] ?? now) + perMs - now }
    },
  }
}
