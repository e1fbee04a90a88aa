import type { Directory } from './directory'
import type { Faults } from './faults'
import type { Ledger } from './ledger'
import type { Outages } from './outages'
import type { EmulatorSettings } from './settings'
import type { Watch } from './watch'

/** What all parts of one emulator share. */
export interface EmulatorContext {
  clock(): number
  /** The settings as they are now. */
  settings(): EmulatorSettings
  ledger: Ledger
  faults: Faults
  outages: Outages
  directory: Directory
  /** Is told what happens, for the page. */
  watch: Watch
  log(line: string): void
  /** Port of LINE WORKS' storage of files, another host than its API. */
  storagePort(): number
  /** Aborted when the emulator closes. */
  closing: AbortSignal
}

/** Resolves after `ms`, at once when the emulator closes. */
export function pause(context: EmulatorContext, ms: number): Promise<void> {
  return new Promise((resolve) => {
    if (context.closing.aborted || ms <= 0) {
      resolve()
      return
    }
    const done = () => {
      clearTimeout(timer)
      context.closing.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    context.closing.addEventListener('abort', done)
  })
}
