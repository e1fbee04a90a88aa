/** What one measurement gave, by the name of what was measured. */
export type Sample = Record<string, number>

/** The middle one; of an even number the mean of the two in the middle. Of nothing it is not a number. */
export function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const half = sorted.length / 2
  return Number.isInteger(half) ? (at(sorted, half - 1) + at(sorted, half)) / 2 : at(sorted, Math.floor(half))
}

/** The smallest value that at least this share (0…1) of all values does not exceed. */
export function percentile(values: number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return at(sorted, Math.max(0, Math.ceil(sorted.length * share) - 1))
}

/** `over` divided by `under`, round by round: only what was measured next to each other is compared. */
export function ratios(over: number[], under: number[]): number[] {
  return Array.from({ length: Math.min(over.length, under.length) }, (_, i) => at(over, i) / at(under, i))
}

/** The values of one name, round by round; of rounds that have it. */
export function valuesOf(samples: Sample[], name: string): number[] {
  return samples.flatMap((sample) => sample[name] ?? [])
}

export interface Spread {
  median: number
  least: number
  most: number
}

export function spreadOf(values: number[]): Spread {
  return { median: median(values), least: Math.min(...values), most: Math.max(...values) }
}

function at(values: number[], index: number): number {
  return values[index] ?? NaN
}
