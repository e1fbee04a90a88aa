import { Unsent } from '#libs/bot'
import type { Item } from '#libs/mailbox'

export interface UnsendWatch {
  /** Aborted when the user has taken the message back. */
  signal: AbortSignal
  stop: () => void
}

/** One small question to Redis a second, of handlers that run for that long at all. */
const lookEveryMs = 1000

/**
 * Tells a handler that runs for long that the user took its message back. The unsend event itself waits behind it in the
 * lane, so nobody else does.
 */
export function watchUnsend({ event }: Item, isUnsent: (messageId: string) => Promise<boolean>): UnsendWatch {
  const abort = new AbortController()
  const messageId = event.type !== 'unsend' && 'messageId' in event ? event.messageId : undefined
  if (messageId === undefined) return { signal: abort.signal, stop: () => undefined }
  const look = async () => {
    // What Redis does not say now it says in a second; nothing is sent for such a message anyway.
    const unsent = await isUnsent(messageId).catch(() => false)
    if (unsent) abort.abort(new Unsent())
  }
  const timer = setInterval(() => void look(), lookEveryMs)
  return { signal: abort.signal, stop: () => clearInterval(timer) }
}
