import type { PlatformName } from '#libs/contract'

/** `works`, `paused` (nothing is taken from the lanes), `held` (by a person: sends wait), `failing` (the breaker holds), `opening`. */
export type BotState = 'works' | 'paused' | 'held' | 'failing' | 'opening'

export interface BotOverview {
  bot: string
  platform?: PlatformName
  state: BotState
  /** Of a pause or a hold: since when, why, by whom, and when it ends by itself. */
  stopped?: { since?: number; reason?: string; by?: string; until?: number }
  /** Mean of the last five whole minutes. */
  eventsPerMinute: number
  /** Of the last five minutes; absent where nothing came. `deadline`: what the platform allows, absent where it is not known. */
  ack?: { p50Ms: number; p99Ms: number; deadlineMs?: number }
  waiting: { lanes: number; items: number; oldestAgeMs: number }
  /** Over the last hour. */
  sends: { sent: number; failed: number; limited: number; maybe: number }
  /** Answers 429 over the last hour. */
  limited: number
  /** The limits that were used within the last minute, the fullest first. */
  budgets: Budget[]
  token?: { ageMs?: number; expiresInMs?: number; kind: 'minted' | 'static' }
  breaker: { state: 'closed' | 'opening' | 'held'; heldForMs: number }
  deadLetters: number
  timers: number
  workers?: number
  /** Events of this bot that went to the journal over the last hour. */
  journaled: number
  forecast?: Forecast
}

export interface Budget {
  operation: string
  /** Calls within the window. */
  used: number
  /** Allowed within the window. */
  limit: number
  windowMs: number
  /** The platform said 429 (`rate`) or that its monthly quota is used up: calls wait that long. */
  closed?: { reason: 'rate' | 'quota'; forMs: number }
}

/** When what waits will be done, if it goes on as in the last minutes. */
export interface Forecast {
  /** Absent: never, more comes than goes. */
  emptyAt?: number
  /** What keeps it from being faster. */
  bottleneck: 'limit' | 'platform' | 'handler' | 'workers' | 'paused' | 'held' | 'none'
  /** Items per minute that come and that are finished. */
  inPerMinute: number
  donePerMinute: number
}

export interface ProcessSummary {
  ingress: number
  worker: number
  console: number
  /** More than one version runs. */
  versions: string[]
}

export interface RedisSummary {
  ok: boolean
  /** Why not, or what is to be worried about. */
  words?: string
  usedBytes?: number
  maxBytes?: number
  latencyMs?: number
}

export interface JournalSummary {
  /** Events in the journals of all ingress processes that are not in Redis yet. */
  events: number
  bytes: number
  maxBytes: number
}

/** GET /api/bots/:bot/history?minutes=60 (of all bots together: /api/history): one value per minute, oldest first; null where nothing was measured. */
export interface History {
  /** Begin of the first minute. */
  from: number
  minutes: number
  events: number[]
  done: number[]
  retried: number[]
  parked: number[]
  sent: number[]
  sendFailures: number[]
  limited: number[]
  journaled: number[]
  ackP50Ms: (number | null)[]
  ackP99Ms: (number | null)[]
  /** From stored to first started. */
  waitP99Ms: (number | null)[]
}

export interface SettingView {
  name: string
  value?: string
  secret?: 'set' | 'unset'
}

export type ProcessKind = 'ingress' | 'worker' | 'console' | 'emulator'

export interface ProcessView {
  id: string
  kind: ProcessKind
  host: string
  pid: number
  version: string
  startedAt: number
  beatAt: number
  /** No heartbeat for longer than expected. */
  late: boolean
  bots: string[]
  memoryBytes?: number
  /** p99 of the last minute. */
  loopLagMs?: number
  journal?: JournalSummary
  url?: string
}
