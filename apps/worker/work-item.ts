import type { Event } from '#libs/contract'
import type { Head } from '#libs/mailbox'
import type { Logger } from '#libs/observability'
import { type Outcome, type RetryBudget, outcomeOf } from './outcome'
import { type HandlerDeps, runHandler } from './run-handler'
import { sendCalls } from './send-calls'

export interface ItemDeps extends HandlerDeps {
  budget: RetryBudget
  /** User codes of the bot itself: what they post is not for the handler. */
  ownUsers: string[]
  log: Logger
}

/** The lane belongs to another worker now: nothing that this one does to it counts any more. */
export class LaneLost extends Error {}

/** An item during which the process died this often is not started again. */
export const maxCrashes = 4

/** Brings one item as far as it gets: handler, then each message. Throws only `LaneLost`. */
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
function whyIgnored(event: Event, ownUsers: string[]): 'standby' | 'own_message' | undefined {
  if (event.standby) return 'standby'
  return event.userId !== undefined && ownUsers.includes(event.userId) ? 'own_message' : undefined
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
  const ignored = whyIgnored(event, deps.ownUsers)
  if (ignored !== undefined) {
    deps.metrics.ignoredEvents.inc({ bot: deps.bot, reason: ignored })
    return { kind: 'done' }
  }
  try {
    if (!item.handled) await runHandler(item, deps)
    await sendCalls(item, { name: 'reply', calls: item.calls }, deps)
    return { kind: 'done' }
  } catch (error) {
    if (error instanceof LaneLost) throw error
    return outcomeOf(error, item, deps.budget)
  }
}
