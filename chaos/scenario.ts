import type { Emulator, SettingsPatch } from '#libs/emulator'
import type { Fleet, Kind } from './fleet'
import type { Random } from './random'
import type { RedisServer } from './redis-server'
import type { Load } from './traffic'
import type { Wire } from './wire'

/** Everything that one scenario can hurt. */
export interface Stage<R = RedisServer> {
  redis: R
  emulator: Emulator
  fleet: Fleet
  wires: Wire[]
  random: Random
  /** Counts what was done: a scenario in which nothing was done proves nothing. */
  did(what: string, times?: number): void
}

export interface Scenario<R = RedisServer> {
  name: string
  /** What is done, in one sentence for the certificate. */
  what: string
  ingresses?: number
  workers?: number
  load: Load
  /** Settings of the emulator. */
  settings?: SettingsPatch
  /** Settings of ingresses and workers. */
  env?: Record<string, string>
  /** Bot file below chaos/bots; the echo bot without it. */
  bot?: string
  /** Compiled file below chaos/preload, loaded into every process of the kind. */
  preload?: Partial<Record<Kind, string>>
  /** Does the harm while the traffic goes on, and leaves nothing broken but what `mend` repairs. */
  harm(stage: Stage<R>): Promise<void>
  /** How long the rest may take once the harm is over: milliseconds. */
  settleMs?: number
}
