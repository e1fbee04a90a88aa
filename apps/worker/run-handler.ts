import { randomUUID } from 'node:crypto'
import { type Bot, type Runtime, Unsent, createOnce } from '#libs/bot'
import { type Call, type Event, HooklineError, type Message, type Sender, type Target } from '#libs/contract'
import type { Amendment, Item, PlannedCall, TimerChange } from '#libs/mailbox'
import { type Logger, inSpan } from '#libs/observability'
import { type OpenCalls, openCalls } from './api-calls'
import { type EffectNames, createEffectNames } from './effect-names'
import { type LinkedAbort, linkedAbort } from './linked-abort'
import { Postpone } from './outcome'
import { type PushViaDeps, pushVia } from './push-via'
import { type SendDeps, isNoFailure, planned, sendCalls } from './send-calls'
import { noteOpenly } from './steps'
import { watchUnsend } from './watch-unsend'

export interface HandlerDeps extends SendDeps, PushViaDeps {
  handler: Bot
  log: Pick<Logger, 'warn'>
  /** What the conversation remembers. */
  recall: () => Promise<unknown>
  /** Whether the user took this message back. */
  isUnsent: (messageId: string) => Promise<boolean>
  handlerTimeoutMs: number
}

/** After the limit the handler is aborted; one that ignores that, its `catch` included, is left alone. */
export const graceMs = 5000

/** Runs the handler on the item's event and plans its replies onto the item, which is not saved yet. */
export async function runHandler(item: Item, deps: HandlerDeps): Promise<void> {
  const abort = linkedAbort(deps.signal)
  const limit = timeLimit(deps.handlerTimeoutMs, item.event.type, abort)
  const startedAt = performance.now()
  const stopWatching = watchUnsend(item, deps.isUnsent, abort)
  const redis: RedisNote = {}
  // Most handlers only reply, and need none of this.
  let made: HandlerDeps | undefined
  const limited = () => (made ??= { ...deps, signal: abort.signal, ...watchRedis(redis, deps) })
  const names = createEffectNames()
  const calls = openCalls(item, { handlerTimeoutMs: deps.handlerTimeoutMs, names, deps: limited })
  const pushes: Pushes = { ended: false }
  const notes: Notes = { replies: [], underWay: new Set(), pushes, calls, names, timers: new Map(), redis }
  const { replies, underWay } = notes
  let failure: { error: unknown } | undefined
  try {
    const runtime = createRuntime(item, notes, { abort, deps: limited })
    await noteOpenly(
      deps.effort,
      { name: 'handler' },
      () =>
        inSpan('handler', { attributes: { 'hookline.event_type': item.event.type }, isNoFailure }, () =>
          limit.during(deps.handler.handle(eventOf(item), runtime)),
        ),
      'handlerMs',
    )
  } catch (error) {
    failure = { error }
  }
  // Also for what the handler did not wait for: two runs of one event must not overlap.
  while (underWay.size > 0) await Promise.allSettled(underWay)
  endAll(notes)
  stopWatching()
  limit.clear()
  abort.unlink()
  deps.metrics.handlerSeconds.observe({ bot: deps.bot }, (performance.now() - startedAt) / 1000)
  const unsent = failure && abort.reason instanceof Unsent ? abort.reason : undefined
  // Whatever the handler made of it: what waits for its turn is not lost, and no handler can stand in for Redis.
  const reason = redis.broken ?? unsent ?? pushes.postponed ?? calls.postponed
  if (reason) throw reason
  if (failure) throw failure.error
  const planning =
    replies.length === 0 ? [] : deps.sender.plan({ kind: 'reply', event: eventOf(item), messages: replies })
  if (replies.length > 0 && planning.length === 0)
    deps.metrics.suppressedReplies.inc({ bot: deps.bot, type: item.event.type })
  item.calls = planned(planning)
  item.handled = true
  await keepState(item, notes, deps)
}

/** A push comes to no handler. */
function eventOf({ event }: Item): Event {
  if (event.type === 'push') throw new TypeError('a push has no handler')
  return event
}

/** That the handler ran, what it remembers and which timers it set: one write, all of it or nothing, if there is any. */
function keepState(item: Item, { timers, memory }: Notes, deps: HandlerDeps): Promise<void> | undefined {
  const changes = [...firedTimer(item, timers), ...timers.values()]
  if (changes.length > 0) item.timers = changes
  if (memory) return deps.save(item, { memory })
  return changes.length > 0 ? deps.save(item) : undefined
}

/** The timer that the handler ran for counts no more, unless it was set anew. */
function firedTimer({ event }: Item, timers: Notes['timers']): TimerChange[] {
  const isOwn = event.type === 'timer' && event.conversation.kind !== 'none'
  return isOwn && !timers.has(event.name) ? [{ name: event.name }] : []
}

interface Run {
  abort: LinkedAbort
  deps: () => HandlerDeps
}

function createRuntime(item: Item, notes: Notes, { abort, deps }: Run): Runtime {
  const { replies, pushes, calls, names, timers } = notes
  const results = item.once ?? {}
  const once = createOnce(results, () => {
    item.once = results
    return deps().save(item)
  })
  return {
    reply: (messages) => void replies.push(...messages),
    refused: (error) => {
      if (isNoFailure(error)) return
      deps().log.warn({ event: item.id, error: String(error) }, 'a message of the handler was refused')
    },
    discard: () => {
      replies.splice(0)
      timers.clear()
      delete notes.memory
    },
    push: (messages, to) => {
      if (pushes.ended) return Promise.reject(pushTooLate(item))
      const name = names.next('push')
      return started(
        notes,
        pushInTurn(pushes, () => push(item, { name, messages, to }, deps())),
      )
    },
    pushVia: (push) => {
      if (pushes.ended) return Promise.reject(pushTooLate(item))
      const name = names.next('via')
      const stored = once(`hookline:${name}`, async () => {
        abort.signal.throwIfAborted()
        await pushVia(item, { ...push, name }, deps())
      })
      return started(notes, stored).then(() => undefined)
    },
    language: async () => deps().sender.language?.(eventOf(item), abort.signal),
    abort,
    attempt: item.failures + 1,
    recall: () => deps().recall(),
    remember: async (value, ttlMs) => {
      notes.memory = { value, ttlMs }
    },
    once: (key, effect) => once(key, () => names.within(key, effect)),
    setTimer: ({ name, delayMs, data }) => {
      timers.set(name, { name, set: { id: randomUUID(), at: Date.now() + delayMs, data } })
    },
    cancelTimer: (name) => void timers.set(name, { name }),
    call: (request) => started(notes, calls.call(request)),
  }
}

/** What one run of a handler said and asked for so far. */
interface Notes {
  replies: Message[]
  /** Pushes, what other bots are to say, and calls, until they end. */
  underWay: Set<Promise<unknown>>
  pushes: Pushes
  calls: OpenCalls
  names: EffectNames
  /** By name: the last word counts. */
  timers: Map<string, TimerChange>
  memory?: NonNullable<Amendment['memory']>
  redis: RedisNote
}

interface RedisNote {
  /** Redis did not answer, or the item is another's now, or erased. */
  broken?: Error
}

/** What asks Redis, with a note of what fails. */
function watchRedis(redis: RedisNote, deps: HandlerDeps): Pick<HandlerDeps, 'recall' | 'save'> {
  const note = (error: unknown) => {
    redis.broken ??= error as Error
    throw error
  }
  return {
    recall: () => deps.recall().catch(note),
    save: (item, how) => deps.save(item, how).catch(note),
  }
}

interface Pushes {
  ended: boolean
  /** The last one that is under way. */
  last?: Promise<void>
  /** The first push that may not go out yet. */
  postponed?: Postpone
}

/**
 * One push after the other, also for a handler that does not wait for them: what stands behind one that fails
 * or has to wait must not overtake it.
 */
function pushInTurn(pushes: Pushes, start: () => Promise<void>): Promise<void> {
  if (pushes.postponed) return Promise.reject(pushes.postponed)
  const pushed = pushes.last ? pushes.last.then(start) : start()
  pushes.last = pushed
  const settled = (error?: unknown) => {
    if (error instanceof Postpone) pushes.postponed ??= error
    if (pushes.last === pushed) delete pushes.last
  }
  pushed.then(() => settled(), settled)
  return pushed
}

/** Kept in view until it has ended, and no longer: an answer may be large. */
function started<T>({ underWay }: Notes, promise: Promise<T>): Promise<T> {
  underWay.add(promise)
  const ended = () => underWay.delete(promise)
  promise.then(ended, ended)
  return promise
}

/** From now on the handler can't start anything any more. */
function endAll({ pushes, calls }: Notes): void {
  pushes.ended = true
  calls.end()
}

function pushTooLate(item: Item): HooklineError {
  return new HooklineError(
    'no_target',
    `The handler of the ${item.event.type} event has ended. Await ctx.push before it returns.`,
  )
}

interface Push {
  name: string
  messages: Message[]
  to: Target | undefined
}

async function push(item: Item, { name, messages, to }: Push, deps: HandlerDeps): Promise<void> {
  deps.signal.throwIfAborted()
  const calls = knownPush(item, name) ?? addPush(item, name, planPush(deps.sender, item, { messages, to }))
  await sendCalls(item, { name, calls }, deps)
  // The handler goes on for who knows how long: should the process die, this push was sent.
  await deps.save(item)
}

/** Of an earlier run: what was sent stays sent. */
function knownPush({ pushes, pushNames = [] }: Item, name: string): PlannedCall[] | undefined {
  return pushes[pushNames.indexOf(name)]
}

function addPush(item: Item, name: string, calls: Call[]): PlannedCall[] {
  const added = planned(calls)
  item.pushes.push(added)
  item.pushNames = [...(item.pushNames ?? []), name]
  return added
}

function planPush(sender: Sender, item: Item, { messages, to }: Omit<Push, 'name'>) {
  if (to) return sender.plan({ kind: 'push', target: to, messages })
  const { kind, id } = item.event.conversation
  if (kind === 'none')
    throw new HooklineError(
      'no_target',
      `A ${item.event.type} event has no conversation to push to. Name one with { to }.`,
    )
  return sender.plan({ kind: 'push', target: { kind, id }, messages })
}

function timeLimit(ms: number, type: string, abort: LinkedAbort) {
  let giveUp: (error: Error) => void = () => undefined
  const onLimit = () => {
    const error = new HooklineError(
      'handler_timeout',
      `The handler of a ${type} event did not finish within ${ms} ms. Pass ctx.signal to slow calls, or raise HANDLER_TIMEOUT.`,
    )
    abort.abort(error)
    timer = setTimeout(() => giveUp(error), graceMs)
  }
  let timer = setTimeout(onLimit, ms)
  return {
    during: (work: Promise<unknown>) =>
      new Promise((resolve, reject) => {
        giveUp = reject
        work.then(resolve, reject)
      }),
    clear: () => clearTimeout(timer),
  }
}
