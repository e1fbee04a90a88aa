import type { Step } from '#libs/contract'

/** What one try of an item took, for its log line: milliseconds, absent where nothing of the kind was done. */
export interface Effort {
  handlerMs?: number
  permitWaitMs?: number
  /** API calls with their tokens. */
  sendMs?: number
  /** LINE: what was left of the reply token when it was used. */
  replySecondsLeft?: number
  /** Puts a step onto the item; left out where the bot keeps no timelines. */
  note?: (step: Step) => void
}

/** What the time of a step counts as. */
export type Spent = 'handlerMs' | 'permitWaitMs' | 'sendMs'
