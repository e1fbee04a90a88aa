import type { IncomingHttpHeaders } from 'node:http'
import type { PlatformName } from '#libs/contract'
import type { ApiAnswer } from './api-call'
import type { PostResult } from './http-post'
import type { LedgerEntry } from './ledger'
import type { Outgoing } from './webhook-sender'

/** One request from the platform to the bot, and what came of it. */
export interface WatchedAttempt {
  outgoing: Outgoing
  request: { headers: Record<string, string>; body: Buffer }
  result: PostResult
  /** `ok`, or why not. */
  outcome: string
  /** 0 for the first attempt. */
  attempt: number
  /** The faults that hit it, as words. */
  fault: string
  forged: boolean
  /** Of this machine, whatever the emulator's clock says: Unix milliseconds. */
  startedAt: number
}

/** One request from the bot to the platform, and its answer. */
export interface WatchedCall {
  platform: PlatformName
  operation: string
  method: string
  /** Path and query. */
  url: string
  params: Record<string, string>
  headers: IncomingHttpHeaders
  body: Buffer
  /** Absent: there was none. */
  answer?: ApiAnswer
  fault?: string
  ms: number
}

/** Somebody who is told what happens between the platforms and the bot. */
export interface Watcher {
  /** A user did something that the bot is to be told of. Told once, before anything is sent. */
  happened(outgoing: Outgoing): void
  /** The platform has nobody to send it to. */
  undelivered(outgoing: Outgoing, outcome: string): void
  attempted(attempt: WatchedAttempt): void
  /** The platform took a message of the bot. */
  said(entry: LedgerEntry): void
  called(call: WatchedCall): void
}

/** Passes on to the watcher that came later than the parts which tell it. */
export interface Watch extends Watcher {
  by(watcher: Watcher): void
}

export function createWatch(): Watch {
  let watcher: Watcher | undefined
  return {
    by: (given) => (watcher = given),
    happened: (outgoing) => watcher?.happened(outgoing),
    undelivered: (outgoing, outcome) => watcher?.undelivered(outgoing, outcome),
    attempted: (attempt) => watcher?.attempted(attempt),
    said: (entry) => watcher?.said(entry),
    called: (call) => watcher?.called(call),
  }
}
