import type { UnsendEvent } from '#libs/contract'
import type { Head, Item } from '#libs/mailbox'
import type { Logger } from '#libs/observability'
import { type Outcome, type RetryBudget, outcomeOf } from './outcome'
import type { LoopGuard } from './loop-guard'
import { type HandlerDeps, runHandler } from './run-handler'
import { sendCalls } from './send-calls'

export interface ItemDeps extends HandlerDeps {
  budget: RetryBudget
  /** User codes of the bot itself: what they post is not for the handler. */
  ownUsers: string[]
  /** For a platform that marks neither own posts nor bots. */
  loopGuard?: LoopGuard
  /** Erases the message that was taken back, wherever it is kept. */
  eraseUnsent: (event: UnsendEvent) => Promise<void>
  log: Logger
}

/** The lane belongs to another worker now: nothing that this one does to it counts any more. */
export class LaneLost extends Error {}

/** Redis did not take what happened to the item: no failure of the item. */
export class NotSaved extends Error {}

/** The user took the message back while it was worked on: nothing more is done for it. */
export class Erased extends Error {}

/** An item during which the process died this often is not started again. */
export const maxCrashes = 4

/**
 * Brings one item as far as it gets: handler, then each message. Throws only `LaneLost` and what says that Redis
 * did not answer.
 */
export async function workItem({ item, crashes }: Head, deps: ItemDeps): Promise<Outcome> {
  const startedAt = Date.now()
  const isFirstTry = !item.handled && item.failures === 0 && crashes === 0
  const outcome = await progress({ item, crashes }, deps)
  deps.metrics.items.inc({ bot: deps.bot, outcome: outcome.kind })
  if (isFirstTry) deps.metrics.itemWaitSeconds.observe({ bot: deps.bot }, (startedAt - item.postedAt) / 1000)
  const level = outcome.kind === 'done' || outcome.kind === 'postpone' ? 'info' : 'warn'
  deps.log[level](
    {
      bot: deps.bot,
      platform: item.event.platform,
      type: item.event.type,
      event: item.id,
      conversation: `${item.event.conversation.kind}:${item.event.conversation.id}`,
      wait_ms: startedAt - item.postedAt,
      work_ms: Date.now() - startedAt,
      messages: item.calls.reduce((sum, call) => sum + call.messages.length, 0),
      failures: item.failures,
      outcome: outcome.kind,
      ...('delayMs' in outcome ? { delay_ms: Math.round(outcome.delayMs) } : {}),
      ...('reason' in outcome ? { reason: outcome.reason } : {}),
      ...(outcome.kind === 'done' ? {} : { words: item.attempts.at(-1)?.words }),
    },
    'item',
  )
  return outcome
}

/** In standby another channel answers; a bot that heard itself would answer itself for ever. */
function whyIgnored({ erased, event }: Item, ownUsers: string[]): Ignored | undefined {
  if (erased) return 'unsent'
  if (event.standby) return 'standby'
  return event.userId !== undefined && ownUsers.includes(event.userId) ? 'own_message' : undefined
}

type Ignored = 'standby' | 'own_message' | 'unsent'

function ignore(reason: Ignored, { bot, metrics }: ItemDeps): Outcome {
  metrics.ignoredEvents.inc({ bot, reason })
  return { kind: 'done' }
}

async function progress({ item, crashes }: Head, deps: ItemDeps): Promise<Outcome> {
  const { event } = item
  if (crashes >= maxCrashes) {
    const explanation = `Started ${crashes} times without coming to an end: it seems to kill the worker.`
    return { kind: 'park', reason: 'crashed', explanation }
  }
  if (event.type === 'unknown' && event.conversation.kind === 'none') {
    return { kind: 'park', reason: 'not_understood', explanation: event.reason }
  }
  if (event.type === 'unsend' && !item.handled) await deps.eraseUnsent(event)
  const ignored = whyIgnored(item, deps.ownUsers)
  if (ignored !== undefined) return ignore(ignored, deps)
  const verdict = (await deps.loopGuard?.check(item)) ?? 'go'
  if (verdict === 'own_message') return ignore(verdict, deps)
  if (verdict !== 'go') return { kind: 'postpone', delayMs: verdict.holdMs }
  try {
    if (!item.handled) await runHandler(item, deps)
    await sendCalls(item, { name: 'reply', calls: item.calls }, deps)
    return { kind: 'done' }
  } catch (error) {
    if (error instanceof LaneLost || error instanceof NotSaved) throw error
    if (error instanceof Erased) return ignore('unsent', deps)
    return outcomeOf(error, item, deps.budget)
  }
}
