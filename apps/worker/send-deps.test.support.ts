import type { Caller } from '#libs/contract'
import type { Limiter } from '#libs/limiter'
import type { TimerDeps } from './apply-timers'
import type { HandlerDeps } from './run-handler'
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
    fetchAhead: () => undefined,
  }
}

/** An API that takes every call and has nothing to say. */
export function quietCaller(): Caller {
  return {
    operationOf: ({ method, path }) => `${method} ${path}`,
    limitOfRequest: ({ path }) => ({ scope: `test:calls:${path}`, amount: 1000, perMs: 1000 }),
    request: async () => ({ status: 200, headers: {}, body: undefined }),
  }
}

/** What sending needs besides sender and item, where limits and shutdown are not the subject. */
export function calmSendDeps(): Pick<SendDeps, 'limiter' | 'caller' | 'ambiguous' | 'stopping' | 'effort'> {
  return {
    limiter: freeLimiter(),
    caller: quietCaller(),
    ambiguous: 'resend',
    stopping: new AbortController().signal,
    effort: {},
  }
}

/** What handlers need where neither sessions nor timers are the subject. */
export function noState(): Pick<HandlerDeps, 'recall' | 'isUnsent' | 'bots' | 'post' | 'log'> & TimerDeps {
  return {
    log: { warn: () => undefined },
    recall: async () => undefined,
    isUnsent: async () => false,
    bots: new Map(),
    post: async () => undefined,
    lane: 'user:U1',
    alarms: { set: async () => undefined, remove: async () => undefined },
    setTimers: async (_item, changes) => changes.map(() => ''),
    isCurrentTimer: async () => true,
  }
}
