import { Unsent } from '#libs/bot'
import {
  type Amended,
  type Drain,
  type DrainResult,
  type Head,
  type Item,
  type Lane,
  addStep,
  deadLetterOf,
} from '#libs/mailbox'
import type { Gate } from './gate'
import type { Outcome } from './outcome'
import { type ItemDeps, LaneLost, NotSaved, ignore, maxCrashes, workItem } from './work-item'

type OfLane =
  'save' | 'signal' | 'eraseUnsent' | 'isUnsent' | 'recall' | 'lane' | 'setTimers' | 'isCurrentTimer'

export interface DrainDeps extends Omit<ItemDeps, OfLane | 'effort' | 'wasBehind'> {
  /** Shared by all drains of the process. */
  gate: Gate
}

type HeadDeps = DrainDeps & Omit<ItemDeps, 'effort'>

/**
 * An item during which the process died twice is a suspect. A suspect runs alone in its process: should the
 * process die once more, it was the suspect, and whoever was merely at work beside the culprit gets through.
 */
const suspectFrom = 2

/** A busy lane gives way to others after this many items or milliseconds. */
const turn = { items: 100, ms: 5000 }

/** Empties a lane, item by item, until it is empty, its head can't go on, or its turn is over. */
export function createDrain(deps: DrainDeps): Drain {
  return async (lane, { lane: name, signal }) => {
    deps.metrics.activeDrains.inc({ bot: deps.bot })
    try {
      return await drainLane(lane, name, { ...deps, signal, ...partsOf(lane, name, deps) })
    } catch (error) {
      if (error instanceof LaneLost) return { kind: 'yield' }
      throw error
    } finally {
      deps.metrics.activeDrains.dec({ bot: deps.bot })
    }
  }
}

/** What an item needs of its lane. */
function partsOf(
  lane: Lane,
  name: string,
  { alarms }: DrainDeps,
): Pick<ItemDeps, Exclude<OfLane, 'signal'> | 'alarms'> {
  return {
    lane: name,
    save: saveTo(lane),
    eraseUnsent: (event) => lane.eraseUnsent(event),
    isUnsent: (messageId) => lane.isUnsent(messageId),
    recall: () => lane.recall().catch(notSaved),
    setTimers: async (item, changes) => {
      const before = await lane.setTimers(item, changes).catch(notSaved)
      if (before === 'lost') throw new LaneLost()
      return before
    },
    isCurrentTimer: (timer, id) => lane.isCurrentTimer(timer, id).catch(notSaved),
    alarms: { ...alarms, set: (timer) => alarms.set(timer).catch(notSaved) },
  }
}

/** No failure of the item. */
function notSaved(cause: unknown): never {
  throw new NotSaved(`Redis did not take the state of an item: ${String(cause)}`, { cause })
}

function saveTo(lane: Lane): ItemDeps['save'] {
  return async (item, how) => {
    let amended: Amended
    try {
      amended = await lane.amend(item, how)
    } catch (error) {
      notSaved(error)
    }
    if (amended === 'lost') throw new LaneLost()
    if (amended === 'erased') throw new Unsent()
  }
}

async function drainLane(lane: Lane, name: string, deps: HeadDeps): Promise<DrainResult> {
  const until = Date.now() + turn.ms
  const isOver = (items: number) =>
    deps.stopping.aborted || deps.signal.aborted || items >= turn.items || Date.now() > until
  if (isOver(0)) return { kind: 'yield' }
  const taking = lane.take()
  deps.limiter.fetchAhead()
  let head = await taking
  for (let items = 0; head; items++) {
    const run: Run = { head, counted: head.crashes === 0, wasBehind: items > 0 }
    if (isOver(items)) return giveBack(lane, run, deps)
    const step = await stepLane(lane, run, { name, deps })
    if ('kind' in step) return step
    head = step
  }
  return { kind: 'done' }
}

/** One run of a head; `counted` when Redis has counted its start. */
interface Run {
  head: Head
  counted: boolean
  /** Another one of the lane came before it. */
  wasBehind: boolean
}

/** Another drain has the lane next, and this head was not worked on. */
function giveBack(lane: Lane, run: Run, deps: HeadDeps): DrainResult {
  forgive(lane, run, deps)
  return { kind: 'yield' }
}

/**
 * A run that ends with an error in a living process is no crash, so its start does not count. Nobody waits for
 * this: Redis may be what failed, and the connection brings it there when it is back.
 */
function forgive(lane: Lane, { head, counted }: Run, { log }: HeadDeps): void {
  if (!counted) return
  lane.forgive(head.item).catch((error: unknown) => {
    log.warn({ event: head.item.id, error: String(error) }, 'the start of an item was not taken back')
  })
}

interface Step {
  name: string
  deps: HeadDeps
}

/** Works on the head when its turn in this process has come; the next head, or how the drain ends. */
async function stepLane(lane: Lane, run: Run, step: Step): Promise<Head | DrainResult> {
  const { gate } = step.deps
  const { crashes } = run.head
  // Its end is written inside the gate too: else whoever runs next could end the process before it is.
  const work = () => runHead(lane, run, step)
  try {
    if (crashes >= maxCrashes) return await endHead(lane, run, step)
    return await (crashes < suspectFrom ? gate.together(work) : gate.alone(work))
  } catch (error) {
    forgive(lane, run, step.deps)
    throw error
  }
}

async function runHead(lane: Lane, run: Run, step: Step): Promise<Head | DrainResult> {
  if (step.deps.stopping.aborted || step.deps.signal.aborted) throw new LaneLost()
  if (!run.counted && !(await lane.start(run.head.item))) throw new LaneLost()
  run.counted = true
  return endHead(lane, run, step)
}

/** A paused bot's lane is put back at once; BullMQ hands it out again when the bot is resumed. */
const ends = { empty: { kind: 'done' }, paused: { kind: 'yield' } } as const

/** Brings the head as far as it gets and writes how that ended. */
function endHead(lane: Lane, { head, wasBehind }: Run, { name, deps }: Step): Promise<Head | DrainResult> {
  // A drain works on one item at a time: its parts are not copied for each.
  deps.wasBehind = wasBehind
  return workItem<Head | DrainResult>(head, deps, async (outcome) => {
    const isOver = outcome.kind === 'done' || outcome.kind === 'park'
    noteWait(head.item, outcome, deps)
    if (!isOver && (await isKept(head.item, deps))) return { outcome, next: outcome }
    const letter = outcome.kind === 'park' ? deadLetterOf(deps.bot, name, head.item, outcome) : undefined
    const written = isOver ? outcome : ignore('unsent', deps)
    const next = await lane.finish(head.item, letter, written.kind === 'done' ? written.reason : undefined)
    if (next === 'lost') throw new LaneLost()
    return { outcome: written, next: typeof next === 'string' ? ends[next] : next }
  })
}

/** For whoever asks what became of it. */
function noteWait(item: Item, outcome: Outcome, { keepsSteps }: HeadDeps): void {
  if (outcome.kind !== 'retry' && outcome.kind !== 'postpone') return
  const reason = outcome.kind === 'postpone' ? outcome.reason : (item.attempts.at(-1)?.code ?? outcome.kind)
  const now = Date.now()
  item.waits = { reason, until: Math.round(now + outcome.delayMs) }
  if (keepsSteps) addStep(item, { name: 'waited', at: now, code: reason })
}

/** Writes an item that is to be tried again; false when the user took its message back. */
async function isKept(item: Item, deps: HeadDeps): Promise<boolean> {
  try {
    await deps.save(item, { orderly: true })
    return true
  } catch (error) {
    if (error instanceof Unsent) return false
    throw error
  }
}
