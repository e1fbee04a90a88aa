import type { Samples } from './interleave'
import type { Plot } from './plot'
import { spreadOf, valuesOf } from './statistics'

/** One kind of measurement, as it comes out: for the terminal, for the page, and raw. */
export interface Section {
  name: string
  title: string
  /** What was done, and how to read it. */
  text: string
  tables: Table[]
  ratios: Ratio[]
  plots: Plot[]
  /** Every sample of every round. */
  raw: Samples
  /** The run that it was measured in, where that was another one than of the rest. */
  ownRun?: { date: string; rounds: number; seconds: number }
}

export interface Table {
  caption?: string
  head: string[]
  rows: string[][]
}

/** One subject against another, round by round. */
export interface Ratio {
  what: string
  values: number[]
  goal?: { atLeast: number } | { atMost: number }
}

export interface Column {
  name: string
  /** In the samples. */
  key: string
  digits?: number
}

/** One row per subject; each cell is the median of the rounds and, where they differ, the smallest and the largest. */
export function tableOf(samples: Samples, names: Record<string, string>, columns: Column[]): Table {
  const rows = Object.entries(names)
    .filter(([subject]) => subject in samples)
    .map(([subject, name]) => [
      name,
      ...columns.map(({ key, digits = 0 }) => cell(valuesOf(samples[subject] ?? [], key), digits)),
    ])
  return { head: ['', ...columns.map(({ name }) => name)], rows }
}

/** `1,234 [1,200–1,300]`. */
export function cell(all: number[], digits = 0): string {
  const values = all.filter(Number.isFinite)
  if (values.length === 0) return '–'
  const { median, least, most } = spreadOf(values)
  const [middle, low, high] = [median, least, most].map((value) => number(value, digits))
  return low === high ? `${middle}` : `${middle} [${low}–${high}]`
}

export function number(value: number, digits = 0): string {
  return value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits })
}

export function ratioTable(ratios: Ratio[]): Table {
  return {
    head: ['ratio', 'median [least–most]', 'goal', ''],
    rows: ratios.map((ratio) => [ratio.what, cell(ratio.values, 2), goalOf(ratio), verdictOf(ratio)]),
  }
}

function goalOf({ goal }: Ratio): string {
  if (!goal) return ''
  return 'atLeast' in goal ? `≥ ${goal.atLeast}` : `≤ ${goal.atMost}`
}

function verdictOf({ goal, values }: Ratio): string {
  if (!goal) return ''
  const { median } = spreadOf(values)
  const isMet = 'atLeast' in goal ? median >= goal.atLeast : median <= goal.atMost
  return isMet ? 'met' : '**missed**'
}
