import type { Context } from './context'
import type { AsyncLook } from './filter'
import type { Findings } from './hears'
import { invalidBot } from './check-names'

/** Stands around what follows it: other middleware, then the handler. Without `next()` those do not run. */
export type AnyMiddleware = (context: Context, next: () => Promise<void>) => unknown
export type AnyHandler = (context: Context) => unknown
export type AnyCatch = (error: unknown, context: Context) => unknown

/** A bot, or a sub-bot: what was said to one builder. */
export interface Scope {
  middleware: AnyMiddleware[]
  /** In the order in which they were defined. */
  entries: Entry[]
  otherwise?: AnyHandler
  onError?: AnyCatch
}

/** A listener, or a whole sub-bot in its place. */
type Entry = { look: AsyncLook } & ({ handler: AnyHandler } | { scope: Scope })

/** The listener that takes an event, with the scopes that it stands in, outermost first. */
interface Found {
  handler: AnyHandler
  findings: Findings
  scopes: Scope[]
}

/** Where an error goes: the scopes of the handler that threw, outermost first. */
export type Trail = Scope[]

interface Dispatch {
  /** One per reading of the event. */
  contexts: readonly Context[]
  /** Offers the event to the dialogue that is under way; true when it was for that. */
  take: () => Promise<boolean>
  trail: Trail
}

/**
 * Offers an event to the listeners of a bot, one reading after the other, and runs the first that fits. True when
 * there is one. A dialogue under way comes before all listeners. The bot's own middleware stands around all of it, that of a
 * sub-bot around its listeners.
 */
export async function dispatch(root: Scope, { contexts, take, trail }: Dispatch): Promise<boolean> {
  trail.splice(0, Infinity, root)
  const asItCame = contexts.at(-1)
  if (!asItCame) return false
  let taken = false
  await through(root.middleware, asItCame, async () => {
    taken = await take()
    if (taken) return
    for (const context of contexts) {
      const found = await find(root, context, context === asItCame)
      if (!found) continue
      taken = true
      trail.splice(0, Infinity, ...found.scopes)
      const inner = found.scopes.slice(1).flatMap(({ middleware }) => middleware)
      Object.assign(context, found.findings)
      return through(inner, context, async () => {
        await found.handler(context)
      })
    }
  })
  return taken
}

async function find(scope: Scope, context: Context, isLast: boolean): Promise<Found | undefined> {
  for (const entry of scope.entries) {
    const findings = await entry.look(context)
    if (!findings) continue
    if ('handler' in entry) return { handler: entry.handler, findings, scopes: [scope] }
    const found = await find(entry.scope, context, isLast)
    if (found)
      return { ...found, findings: { ...findings, ...found.findings }, scopes: [scope, ...found.scopes] }
  }
  const { otherwise } = scope
  return otherwise && isLast ? { handler: otherwise, findings: {}, scopes: [scope] } : undefined
}

/** Runs `inner` within the middleware, the first of them outermost. */
function through(
  [first, ...rest]: readonly AnyMiddleware[],
  context: Context,
  inner: () => Promise<void>,
): Promise<void> {
  return first ? within(first, context, () => through(rest, context, inner)) : inner()
}

async function within(
  middleware: AnyMiddleware,
  context: Context,
  inner: () => Promise<void>,
): Promise<void> {
  const under: { way?: Promise<void>; isOver?: boolean } = {}
  await middleware(context, () => {
    if (under.way) throw invalidBot('A middleware called next() twice.')
    const ended = () => {
      under.isOver = true
    }
    under.way = inner()
    under.way.then(ended, ended)
    return under.way
  })
  // A middleware that does not wait for next() must not leave the handler running unseen.
  if (!under.isOver) await under.way
}
