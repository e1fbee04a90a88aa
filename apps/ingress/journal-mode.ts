import type { Holding } from '#libs/journal'

/**
 * Where new events go.
 * - `direct`: to Redis.
 * - `journal`: to the journal.
 * - `held`: nowhere for a moment. The journal is nearly drained and new events would fill it again for ever;
 *   they wait until it is empty and then go to Redis behind what it held.
 */
export type Mode = 'direct' | 'journal' | 'held'

export interface Observation {
  /** Why Redis should be given nothing now. */
  problem: string | undefined
  holding: Holding
  /** This process was appending while it looked, so that what it saw may be out of date. */
  appending: boolean
  /** Unix milliseconds. */
  now: number
}

export interface JournalMode {
  current(): Mode
  /** Resolves when the mode is not `held`. */
  decided(): Promise<void>
  /** A post failed: from this moment on events go to the journal. */
  failed(): void
  /** Decides anew; called every 100 ms. */
  observe(observation: Observation): void
  /** Lets go of those who wait, for the end of the process. */
  close(): void
}

/** Two looks so far apart must have seen an empty folder, so that another process that still writes is seen. */
const emptyForMs = 250
/** With so little left it takes Redis some 50 ms to take it. */
const nearlyEmptyBytes = 256 * 1024
/** A webhook must be answered within 2 s whatever happens next; then it was not nearly drained after all. */
const heldAtMostMs = 800
const holdAgainAfterMs = 3000

/** Decides between Redis and journal so that nothing overtakes what the journal holds. */
export function createJournalMode({ random = Math.random } = {}): JournalMode {
  let mode: Mode = 'journal'
  let emptySince: number | undefined
  let holdTimer: NodeJS.Timeout | undefined
  let mayHoldAt = 0
  let waiting: (() => void)[] = []

  const change = (next: Mode) => {
    mode = next
    clearTimeout(holdTimer)
    if (mode === 'held') return
    const released = waiting
    waiting = []
    for (const release of released) release()
  }

  const holdOrJournal = ({ holding, now }: Observation) => {
    if (mode === 'held' || now < mayHoldAt || holding.bytes > nearlyEmptyBytes) return
    change('held')
    // Not left to the next look, which may be waiting for a slow disk.
    const giveUp = () => {
      mayHoldAt = now + heldAtMostMs + holdAgainAfterMs * (1 + random())
      change('journal')
    }
    holdTimer = setTimeout(giveUp, heldAtMostMs).unref()
  }

  const observe = (seen: Observation) => {
    if (seen.holding.files > 0 || seen.appending) emptySince = undefined
    else emptySince ??= seen.now
    if (mode === 'direct') {
      if (seen.problem !== undefined || seen.holding.files > 0) change('journal')
    } else if (seen.problem !== undefined) change('journal')
    else if (emptySince !== undefined && seen.now - emptySince >= emptyForMs) change('direct')
    else holdOrJournal(seen)
  }

  return {
    current: () => mode,
    decided: async () => {
      while (mode === 'held') await new Promise<void>((resolve) => waiting.push(resolve))
    },
    failed: () => {
      emptySince = undefined
      change('journal')
    },
    observe,
    close: () => change('journal'),
  }
}
