import type { PlatformName } from '#libs/contract'
import type { alertSettings } from './alert-settings'
import type { platforms } from './platforms'
import type { processSettings } from './process-settings'
import type { AnySide, IngressSide, ProcessSide, Role, WorkerSide } from './setting'

type Rows<P extends PlatformName> = (typeof platforms)[P]['settings']
type Named<P, T> = { platform: P; name: string } & T

/** What the ingress knows of a bot: enough to verify its webhooks, and no outgoing credential. */
export type IngressBot = { [P in PlatformName]: Named<P, IngressSide<Rows<P>>> }[PlatformName]

/** What the worker knows of a bot. */
export type WorkerBot = { [P in PlatformName]: Named<P, WorkerSide<Rows<P>>> }[PlatformName]

/** What the emulator knows of a bot: whatever is set. */
export type EmulatorBot = { [P in PlatformName]: Named<P, AnySide<Rows<P>>> }[PlatformName]

/** What a command of the operator knows of a bot: that it is there. */
export type OperatorBot = Named<PlatformName, object>

interface Loaded<R extends Role, Bot> {
  role: R
  bots: Bot[]
  /** Where the bots come from: `environment`, `example accounts`, or the absolute path of the config file. */
  source: string
  /** Not wrong, but probably not meant; one line each, to be logged at the start. */
  warnings: string[]
}

export type IngressConfig = Loaded<'ingress', IngressBot> & ProcessSide<typeof processSettings, 'ingress'>
export type WorkerConfig = Loaded<'worker', WorkerBot> & ProcessSide<typeof processSettings, 'worker'>
export type EmulatorConfig = Loaded<'emulator', EmulatorBot> & ProcessSide<typeof processSettings, 'emulator'>

export type OperatorConfig = Loaded<'operator', OperatorBot> & ProcessSide<typeof processSettings, 'operator'>

/** The console knows no bot: it goes by what is in Redis. */
export type ConsoleConfig = Loaded<'console', OperatorBot> & ProcessSide<typeof processSettings, 'console'>

/** Who is told of what. */
export type AlertConfig = ProcessSide<typeof alertSettings, 'console'>

export interface ConfigOf {
  ingress: IngressConfig
  worker: WorkerConfig
  console: ConsoleConfig
  emulator: EmulatorConfig
  operator: OperatorConfig
}
