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

/** Adds how long the work takes, however it ends. */
export async function spend<T>(
  effort: Effort,
  on: 'handlerMs' | 'permitWaitMs' | 'sendMs',
  work: () => Promise<T>,
): Promise<T> {
  const startedAt = performance.now()
  try {
    return await work()
  } finally {
    effort[on] = (effort[on] ?? 0) + performance.now() - startedAt
  }
}
