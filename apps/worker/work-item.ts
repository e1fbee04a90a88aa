import { Unsent } from '#libs/bot'
import type { UnsendEvent } from '#libs/contract'
import { type FeedEntry, type Head, type Item, addStep, isPush } from '#libs/mailbox'
import {
  type Logger,
  type Span,
  SpanKind,
  type SpanOptions,
  failSpan,
  inSpan,
  spansAreOn,
  traceIdOf,
  traceparentOf,
} from '#libs/observability'
import { type TimerDeps, applyTimers } from './apply-timers'
import type { Effort } from './effort'
import { feedEntry, itemLine } from './item-line'
import { type Outcome, type RetryBudget, outcomeOf } from './outcome'
import type { LoopGuard } from './loop-guard'
import { planPush } from './plan-push'
import { type HandlerDeps, runHandler } from './run-handler'
import { sendCalls } from './send-calls'
import { noteOpenly } from './steps'

export interface ItemDeps extends HandlerDeps, TimerDeps {
  budget: RetryBudget
  /** User codes of the bot itself: what they post is not for the handler. */
  ownUsers: string[]
  /** For a platform that marks neither own posts nor bots. */
  loopGuard?: LoopGuard
  /** Erases the message that was taken back, wherever it is kept. */
  eraseUnsent: (event: UnsendEvent) => Promise<void>
  log: Logger
  /** For the one line of each item; by default `log`. */
  lines?: Pick<Logger, 'info' | 'warn'>
  /** Tells whoever follows what happens; nothing waits for it. */
  tell?: (entry: FeedEntry) => void
  /** Items record their steps: the bot keeps timelines. */
  keepsSteps?: boolean
  /** The item came to its turn right behind another one of its lane. */
  wasBehind?: boolean
}

/** The lane belongs to another worker now: nothing that this one does to it counts any more. */
export class LaneLost extends Error {}

/** Redis did not take what happened to the item: no failure of the item. */
export class NotSaved extends Error {}

/** An item during which the process died this often is not started again. */
export const maxCrashes = 4

/** Writes how a try ended; tells what was written, which is another end where the message was taken back meanwhile. */
export type WriteEnd<T> = (outcome: Outcome) => Promise<{ outcome: Outcome; next: T }>

/**
 * Brings one item as far as it gets: handler (or the plan of a push), then each message; then writes how it ended, and only then counts and
 * logs it. Throws only `LaneLost` and what says that Redis did not answer.
 */
export function workItem<T>(head: Head, deps: Omit<ItemDeps, 'effort'>, end: WriteEnd<T>): Promise<T> {
  const options = spansAreOn() ? processOptions(head, deps.bot) : {}
  return inSpan(`process ${deps.bot}`, options, async (span) => {
    const traceparent = head.item.traceparent ?? traceparentOf(span)
    if (traceparent !== undefined) head.item.traceparent = traceparent
    const startedAt = Date.now()
    const failuresBefore = head.item.failures
    const { bot, metrics } = deps
    if (deps.keepsSteps) noteWait(head.item, startedAt, deps.wasBehind === true)
    tellWait(head, startedAt, deps)
    const effort: Effort = deps.keepsSteps ? { note: (step) => addStep(head.item, step) } : {}
    // A drain works on one item at a time: what belongs to the item is put on its parts, not on a copy of them.
    const { outcome, next } = await end(await progress(head, Object.assign(deps, { effort })))
    metrics.items.inc({ bot, outcome: outcome.kind })
    endSpan(span, outcome, head.item)
    const level = outcome.kind === 'done' || outcome.kind === 'postpone' ? 'info' : 'warn'
    const line = { bot, head, outcome, effort, failuresBefore, startedAt, traceId: traceIdOf(span) }
    const fields = itemLine(line)
    const lines = deps.lines ?? deps.log
    lines[level](fields, 'item')
    deps.tell?.(feedEntry(fields))
    return next
  })
}

/** What it waited for until now: the clocks of two machines may differ. */
function noteWait(item: Item, now: number, wasBehind: boolean): void {
  const { steps = [], postedAt } = item
  const last = steps.at(-1)
  if (last?.name === 'waited' && last.ms === undefined) {
    last.ms = Math.max(0, now - last.at)
  } else if (!last || last.name === 'replayed') {
    const code = wasBehind ? 'behind_others' : 'worker'
    addStep(item, { name: 'waited', at: postedAt, ms: Math.max(0, now - postedAt), code })
  } else {
    // The worker before died, or gave the lane away in the middle.
    const at = last.at + (last.ms ?? 0)
    addStep(item, { name: 'waited', at, ms: Math.max(0, now - at), code: 'taken_over' })
  }
}

/** Once per item. The clocks of two machines may differ. */
function tellWait({ item, crashes }: Head, now: number, { bot, metrics }: Pick<ItemDeps, 'bot' | 'metrics'>) {
  if (!item.begun && crashes === 0)
    metrics.itemWaitSeconds.observe({ bot }, Math.max(0, now - item.postedAt) / 1000)
  item.begun = true
  delete item.waits
}

function processOptions({ item, crashes }: Head, bot: string): SpanOptions {
  const { platform, type, conversation } = item.event
  return {
    kind: SpanKind.CONSUMER,
    parent: item.traceparent ?? '',
    // Another worker has the lane now: an orderly hand-over.
    isNoFailure: (error) => error instanceof LaneLost,
    attributes: {
      'messaging.system': 'hookline',
      'messaging.operation.name': 'process',
      'messaging.operation.type': 'process',
      'messaging.destination.name': bot,
      'messaging.message.id': item.id,
      'messaging.message.conversation_id': `${conversation.kind}:${conversation.id}`,
      'hookline.platform': platform,
      'hookline.event_type': type,
      'hookline.wait_ms': Date.now() - item.postedAt,
      'hookline.attempt': item.failures + 1,
      'hookline.starts': crashes + 1,
    },
  }
}

function endSpan(span: Span, outcome: Outcome, { attempts }: Item): void {
  const reason = outcome.kind === 'retry' ? attempts.at(-1)?.code : outcome.reason
  span.setAttribute('hookline.outcome', outcome.kind)
  if (reason !== undefined) span.setAttribute('hookline.reason', reason)
  if (outcome.kind === 'retry' || outcome.kind === 'park') failSpan(span, reason ?? outcome.kind)
}

/** In standby another channel answers; a bot that heard itself would answer itself for ever. */
function whyIgnored({ erased, event }: Item, ownUsers: string[]): Ignored | undefined {
  if (erased) return 'unsent'
  if (event.standby) return 'standby'
  return event.userId !== undefined && ownUsers.includes(event.userId) ? 'own_message' : undefined
}

type Ignored = 'standby' | 'own_message' | 'unsent' | 'timer_cancelled'

/** A timer that an earlier event of the conversation cancelled or set anew, while this one waited in the lane. */
async function isTakenBack(
  event: Extract<Item['event'], { type: 'timer' }>,
  { isCurrentTimer }: ItemDeps,
): Promise<boolean> {
  if (event.conversation.kind === 'none') return false
  return !(await isCurrentTimer(event.name, event.key))
}

/** What is not for the handler, or not any more. */
export function ignore(reason: Ignored, { bot, metrics }: Pick<ItemDeps, 'bot' | 'metrics'>): Outcome {
  metrics.ignoredEvents.inc({ bot, reason })
  return { kind: 'done', reason }
}

/** What is to be sent: what the handler replies, or what the push says. */
function prepare(item: Item, deps: ItemDeps): Promise<void> {
  if (!isPush(item)) return runHandler(item, deps)
  return noteOpenly(deps.effort, { name: 'handler' }, async () => planPush(item, deps))
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
  // Nobody is answered by a push.
  const verdict = isPush(item) || !deps.loopGuard ? 'go' : await deps.loopGuard.check(item)
  if (verdict === 'own_message') return ignore(verdict, deps)
  if (verdict !== 'go') return { kind: 'postpone', delayMs: verdict.holdMs, reason: 'muted' }
  try {
    if (!item.handled) {
      if (event.type === 'timer' && (await isTakenBack(event, deps))) return ignore('timer_cancelled', deps)
      await prepare(item, deps)
    }
    if (item.timers) await applyTimers(item, item.timers, deps)
    if (item.calls.length > 0) await sendCalls(item, { name: 'reply', calls: item.calls }, deps)
    return { kind: 'done' }
  } catch (error) {
    if (error instanceof LaneLost || error instanceof NotSaved) throw error
    if (error instanceof Unsent) return ignore('unsent', deps)
    return outcomeOf(error, item, deps.budget)
  }
}
