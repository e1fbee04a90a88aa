import { Unsent } from '#libs/bot'
import type { Item } from '#libs/mailbox'
import type { LinkedAbort } from './linked-abort'

/** One small question to Redis a second, of handlers that run for that long at all. */
const lookEveryMs = 1000

/**
 * Aborts a handler that runs for long when the user took its message back. The unsend event itself waits behind it in the
 * lane, so nobody else does. Returns what ends the watch.
 */
export function watchUnsend(
  { event }: Item,
  isUnsent: (messageId: string) => Promise<boolean>,
  abort: Pick<LinkedAbort, 'abort'>,
): () => void {
  const messageId = event.type !== 'unsend' && 'messageId' in event ? event.messageId : undefined
  if (messageId === undefined) return () => undefined
  const look = async () => {
    // What Redis does not say now it says in a second; nothing is sent for such a message anyway.
    const unsent = await isUnsent(messageId).catch(() => false)
    if (unsent) abort.abort(new Unsent())
  }
  const timer = setInterval(() => void look(), lookEveryMs)
  return () => clearInterval(timer)
}
