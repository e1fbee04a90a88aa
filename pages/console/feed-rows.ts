import type { FeedEntry } from '../../apps/console/api-types'

export interface FeedRow extends FeedEntry {
  /** Tells rows apart; grows. */
  n: number
}

/** Rows kept: what is older is gone, the page stays quick. */
export const mostRows = 500

/** The new ones on top of the known ones. */
export function withEntries(rows: FeedRow[], entries: FeedEntry[]): FeedRow[] {
  const begin = (rows[0]?.n ?? 0) + 1
  const added = entries.map((entry, index) => ({ ...entry, n: begin + index })).reverse()
  return [...added, ...rows].slice(0, mostRows)
}
