import { randomUUID } from 'node:crypto'
import type { PlatformName } from '#libs/contract'
import type { ActiveFault, BackstageFault } from './page-types'

/** What is out of order as a whole, other than by faults of single calls. */
export interface Outages {
  add(request: Omit<BackstageFault, 'id'>): BackstageFault
  /** Ends one, or all; returns those that it ended. */
  clear(id?: string): BackstageFault[]
  list(): ActiveFault[]
  /** Whether this is out of order; counts as a hit. */
  hits(kind: BackstageFault['kind'], platform: PlatformName): boolean
}

export function createOutages(clock: () => number): Outages {
  let active: (ActiveFault & { fault: BackstageFault })[] = []
  const current = () => (active = active.filter(({ endsAt }) => endsAt === undefined || endsAt > clock()))
  return {
    add: (request) => {
      const fault = { id: randomUUID(), ...request }
      const startedAt = clock()
      const { durationMs } = request
      const end = durationMs === undefined ? {} : { endsAt: startedAt + durationMs }
      active.push({ fault, startedAt, ...end, hits: 0 })
      return fault
    },
    clear: (id) => {
      const ended = active.filter(({ fault }) => id === undefined || fault.id === id)
      active = active.filter((each) => !ended.includes(each))
      return ended.map(({ fault }) => fault)
    },
    list: () => current().map((each) => ({ ...each })),
    hits: (kind, platform) => {
      const hit = current().filter(
        ({ fault }) => fault.kind === kind && (fault.platform ?? platform) === platform,
      )
      hit.forEach((each) => each.hits++)
      return hit.length > 0
    },
  }
}
