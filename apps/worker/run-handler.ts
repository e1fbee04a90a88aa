import type { Bot, Runtime } from '#libs/bot'
import { type Event, HooklineError, type Message, type Sender, type Target } from '#libs/contract'
import type { Item } from '#libs/mailbox'
import { inSpan } from '#libs/observability'
import { spend } from './effort'
import { Postpone } from './outcome'
import { type SendDeps, isNoFailure, planned, sendCalls } from './send-calls'

export interface HandlerDeps extends SendDeps {
  handler: Bot
  handlerTimeoutMs: number
}

/** After the limit the handler is aborted; one that ignores that, its `catch` included, is left alone. */
export const graceMs = 5000

/** Runs the handler on the item's event and plans its replies onto the item, which is not saved yet. */
export async function runHandler(item: Item, deps: HandlerDeps): Promise<void> {
  const replies: Message[] = []
  const limit = timeLimit(deps.handlerTimeoutMs, item.event.type)
  const end = deps.metrics.handlerSeconds.startTimer({ bot: deps.bot })
  const pushes: Pushes = { started: [], ended: false }
  try {
    const runtime = createRuntime(
      item,
      { replies, pushes },
      {
        ...deps,
        signal: AbortSignal.any([deps.signal, limit.signal]),
      },
    )
    await spend(deps.effort, 'handlerMs', () =>
      inSpan('handler', { attributes: { 'hookline.event_type': item.event.type }, isNoFailure }, () =>
        Promise.race([deps.handler.handle(eventOf(item), runtime), limit.over]),
      ),
    )
  } catch (error) {
    await settle(pushes)
    throw pushes.postponed ?? error
  } finally {
    await settle(pushes)
    limit.clear()
    end()
  }
  // Whatever the handler made of it: what waits for its turn is not lost.
  if (pushes.postponed) throw pushes.postponed
  const calls =
    replies.length === 0 ? [] : deps.sender.plan({ kind: 'reply', event: eventOf(item), messages: replies })
  if (replies.length > 0 && calls.length === 0)
    deps.metrics.suppressedReplies.inc({ bot: deps.bot, type: item.event.type })
  item.calls = planned(calls)
  item.handled = true
}

/** A push comes to no handler. */
function eventOf({ event }: Item): Event {
  if (event.type === 'push') throw new TypeError('a push has no handler')
  return event
}

function createRuntime(item: Item, { replies, pushes }: Said, deps: HandlerDeps): Runtime {
  return {
    reply: (messages) => void replies.push(...messages),
    discard: () => void replies.splice(0),
    push: (messages, to) => {
      if (pushes.ended) return Promise.reject(pushTooLate(item))
      const index = pushes.started.length
      const pushed = pushInTurn(pushes, () => push(item, { index, messages, to }, deps))
      pushes.started.push(pushed)
      return pushed
    },
    language: async () => deps.sender.language?.(eventOf(item), deps.signal),
    signal: deps.signal,
    attempt: item.failures + 1,
    recall: notYet,
    remember: notYet,
    once: async (_key, effect) => effect(),
    setTimer: notYet,
    cancelTimer: notYet,
    call: notYet,
  }
}

/** What one run of a handler said so far. */
interface Said {
  replies: Message[]
  pushes: Pushes
}

interface Pushes {
  started: Promise<void>[]
  ended: boolean
  /** The last of those under way. */
  underWay?: Promise<void>
  /** The first push that may not go out yet. */
  postponed?: Postpone
}

/**
 * One push after the other, also for a handler that does not wait for them: what stands behind one that fails
 * or has to wait must not overtake it.
 */
function pushInTurn(pushes: Pushes, start: () => Promise<void>): Promise<void> {
  if (pushes.postponed) return Promise.reject(pushes.postponed)
  const pushed = pushes.underWay ? pushes.underWay.then(start) : start()
  pushes.underWay = pushed
  const settled = (error?: unknown) => {
    if (error instanceof Postpone) pushes.postponed ??= error
    if (pushes.underWay === pushed) delete pushes.underWay
  }
  pushed.then(() => settled(), settled)
  return pushed
}

/** Waits also for pushes that the handler did not wait for: two runs of one event must not overlap. */
async function settle(pushes: Pushes): Promise<void> {
  for (let seen = -1; seen < pushes.started.length;) {
    seen = pushes.started.length
    await Promise.allSettled(pushes.started)
  }
  pushes.ended = true
}

function pushTooLate(item: Item): HooklineError {
  return new HooklineError(
    'no_target',
    `The handler of the ${item.event.type} event has ended. Await ctx.push before it returns.`,
  )
}

interface Push {
  index: number
  messages: Message[]
  to: Target | undefined
}

/** The n-th push of an earlier run of this handler is the n-th push of this one: what was sent stays sent. */
async function push(item: Item, { index, messages, to }: Push, deps: HandlerDeps): Promise<void> {
  deps.signal.throwIfAborted()
  const calls = (item.pushes[index] ??= planned(planPush(deps.sender, item, { messages, to })))
  await sendCalls(item, { name: `push.${index}`, calls }, deps)
  // The handler goes on for who knows how long: should the process die, this push was sent.
  await deps.save(item)
}

function planPush(sender: Sender, item: Item, { messages, to }: Omit<Push, 'index'>) {
  if (to) return sender.plan({ kind: 'push', target: to, messages })
  const { kind, id } = item.event.conversation
  if (kind === 'none')
    throw new HooklineError(
      'no_target',
      `A ${item.event.type} event has no conversation to push to. Name one with { to }.`,
    )
  return sender.plan({ kind: 'push', target: { kind, id }, messages })
}

function timeLimit(ms: number, type: string) {
  const abort = new AbortController()
  const error = new HooklineError(
    'handler_timeout',
    `The handler of a ${type} event did not finish within ${ms} ms. Pass ctx.signal to slow calls, or raise HANDLER_TIMEOUT.`,
  )
  const timers: NodeJS.Timeout[] = [setTimeout(() => abort.abort(error), ms)]
  const over = new Promise<never>((_resolve, reject) =>
    timers.push(setTimeout(() => reject(error), ms + graceMs)),
  )
  return { signal: abort.signal, over, clear: () => timers.forEach((timer) => clearTimeout(timer)) }
}

function notYet(): never {
  throw new HooklineError('bot_file_invalid', 'The worker can not do this yet.')
}
