import type { Spare } from './store'

/**
 * So long permits are kept in stock: milliseconds. About as long as a call takes: nobody who was just told to wait is
 * overtaken for longer, and so long at most a process does not see that a person holds the bot or that another process
 * met a 429.
 */
const lifeMs = 100

/** Permits that Redis granted before somebody came for them. */
export interface Stock {
  take(): Spare | undefined
  isEmpty(): boolean
  /** For when there are none. `askedAt`, milliseconds on the process's own clock: they were granted later. */
  fill(spares: Spare[], askedAt: number): void
  /** Gives back what is left. */
  drop(): void
}

export function createStock(giveBack: (spares: Spare[]) => void): Stock {
  let spares: Spare[] = []
  let goodUntil = 0
  let timer: NodeJS.Timeout | undefined
  const drop = () => {
    clearTimeout(timer)
    if (spares.length > 0) giveBack(spares)
    spares = []
  }
  /** A timer may be late. */
  const dropLate = () => {
    if (performance.now() >= goodUntil) drop()
  }
  return {
    take: () => {
      dropLate()
      return spares.pop()
    },
    isEmpty: () => {
      dropLate()
      return spares.length === 0
    },
    fill: (fresh, askedAt) => {
      drop()
      if (fresh.length === 0) return
      spares = fresh
      goodUntil = askedAt + lifeMs
      timer = setTimeout(drop, lifeMs).unref()
    },
    drop,
  }
}
