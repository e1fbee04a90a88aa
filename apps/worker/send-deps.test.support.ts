import type { Limiter } from '#libs/limiter'
import type { SendDeps } from './send-calls'

/** A limiter that lets every call go at once. */
export function freeLimiter(): Limiter {
  return {
    ask: async ({ id, limit }) => ({
      kind: 'granted',
      permit: { id, limit, priority: 0, grantedAt: 0 },
      waitedMs: 0,
    }),
    report: async () => ({ breaker: 'closed', heldForMs: 0, closedForMs: 0, blamed: false }),
    giveBack: async () => undefined,
  }
}

/** What sending needs besides sender and item, where limits and shutdown are not the subject. */
export function calmSendDeps(): Pick<SendDeps, 'limiter' | 'ambiguous' | 'stopping' | 'effort'> {
  return { limiter: freeLimiter(), ambiguous: 'resend', stopping: new AbortController().signal, effort: {} }
}
