import { bucketBounds } from '#libs/observability'

/**
 * What was counted for one bot within a time. Fields:
 * - `events`, `duplicates`, `refused` (bad signatures), `journaled`, `limited` (answers 429)
 * - `item:OUTCOME`, `send:RESULT`, `held:REASON`: as the labels of the metrics
 * - `NAME:LE`: observations up to LE seconds and above the bucket below; `NAME:sum`: milliseconds. NAME: `ack`, `wait`
 *   (stored to first started), `handler`, `permit` (waiting for it), `send_time`
 */
export type Counts = Readonly<Record<string, number>>

export function addCounts(parts: readonly Counts[]): Counts {
  const sum: Record<string, number> = {}
  // Of fifty bots these are some hundred thousand numbers a second: no arrays in between.
  for (const part of parts) for (const field in part) sum[field] = (sum[field] ?? 0) + (part[field] ?? 0)
  return sum
}

export function countOf(counts: Counts, field: string): number {
  return counts[field] ?? 0
}

/** Sum of all fields that begin so. */
export function sumOf(counts: Counts, prefix: string): number {
  let sum = 0
  for (const field in counts) if (field.startsWith(prefix)) sum += counts[field] ?? 0
  return sum
}

/** What is observed as buckets. */
export type Observed = keyof typeof bucketBounds

/**
 * The value in milliseconds that this share of the observations does not exceed, as far as buckets tell: linear within
 * its bucket, and of what is above all buckets the last bound. Undefined where nothing was observed.
 */
export function quantileMs(counts: Counts, name: Observed, share: number): number | undefined {
  const bounds = bucketBounds[name]
  const buckets = [...bounds, Infinity].map((bound, i) => ({
    bound,
    lower: bounds[i - 1] ?? 0,
    n: countOf(counts, `${name}:${bound === Infinity ? '+Inf' : bound}`),
  }))
  const total = buckets.reduce((sum, { n }) => sum + n, 0)
  let below = 0
  for (const { bound, lower, n } of buckets) {
    if (n > 0 && below + n >= share * total) {
      if (bound === Infinity) return lower * 1000
      return (lower + ((bound - lower) * (share * total - below)) / n) * 1000
    }
    below += n
  }
  return undefined
}
