import type { PlatformName } from '#libs/contract'
import type { ExchangeRow } from '../../../libs/emulator/page-types'

export type StatusClass = 'good' | 'bad' | 'none'

export interface Filter {
  platform?: PlatformName
  direction?: ExchangeRow['direction']
  status?: StatusClass
  operation?: string
}

const shownMost = 200

/** `none`: no answer came. */
export function statusClass(status: number): StatusClass {
  if (status === 0) return 'none'
  return status < 400 ? 'good' : 'bad'
}

/** Newest first. */
export function filtered(exchanges: readonly ExchangeRow[], filter: Filter): ExchangeRow[] {
  const wanted = exchanges.filter(
    (each) =>
      (filter.platform === undefined || each.platform === filter.platform) &&
      (filter.direction === undefined || each.direction === filter.direction) &&
      (filter.status === undefined || statusClass(each.status) === filter.status) &&
      (filter.operation === undefined || each.operation === filter.operation),
  )
  return wanted.slice(-shownMost).reverse()
}

/** To choose from, in the order of the alphabet. */
export function operationsOf(exchanges: readonly ExchangeRow[]): string[] {
  return [...new Set(exchanges.map(({ operation }) => operation))].sort((a, b) => a.localeCompare(b))
}
