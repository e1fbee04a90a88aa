import { type Drain, type DrainResult, type Head, type Item, type Lane, deadLetterOf } from '#libs/mailbox'
import type { Gate } from './gate'
import type { Outcome } from './outcome'
import { Erased, type ItemDeps, LaneLost, NotSaved, maxCrashes, workItem } from './work-item'

export interface DrainDeps extends Omit<ItemDeps, 'save' | 'signal' | 'eraseUnsent'> {
  /** Aborted when the process must stop: drains give their lane back after the item at hand. */
  stopping: AbortSignal
  /** Shared by all drains of the process. */
  gate: Gate
}

type HeadDeps = DrainDeps & ItemDeps

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
      const eraseUnsent: ItemDeps['eraseUnsent'] = (event) => lane.eraseUnsent(event)
      return await drainLane(lane, name, { ...deps, signal, save: saveTo(lane), eraseUnsent })
    } catch (error) {
      if (error instanceof LaneLost) return { kind: 'yield' }
      throw error
    } finally {
      deps.metrics.activeDrains.dec({ bot: deps.bot })
    }
  }
}

function saveTo(lane: Lane): ItemDeps['save'] {
  return async (item, how) => {
    const amended = await lane.amend(item, how).catch((cause: unknown) => {
      throw new NotSaved(`Redis did not take the state of an item: ${String(cause)}`, { cause })
    })
    if (amended === 'lost') throw new LaneLost()
    if (amended === 'erased') throw new Erased()
  }
}

async function drainLane(lane: Lane, name: string, deps: HeadDeps): Promise<DrainResult> {
  const until = Date.now() + turn.ms
  const isOver = (items: number) =>
    deps.stopping.aborted || deps.signal.aborted || items >= turn.items || Date.now() > until
  if (isOver(0)) return { kind: 'yield' }
  let head: Head | undefined = await lane.take()
  for (let items = 0; head; items++) {
    const run: Run = { head, counted: head.crashes === 0 }
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

/** Works on the head; the next head, or how the drain ends. */
async function stepLane(
  lane: Lane,
  run: Run,
  { name, deps }: { name: string; deps: HeadDeps },
): Promise<Head | DrainResult> {
  const { item } = run.head
  try {
    const outcome = await startHead(lane, run, deps)
    const isOver = outcome.kind === 'done' || outcome.kind === 'park'
    if (!isOver && (await isKept(item, deps))) return outcome
    const letter = outcome.kind === 'park' ? deadLetterOf(deps.bot, name, item, outcome) : undefined
    const next = await lane.finish(item, letter)
    if (next === 'lost') throw new LaneLost()
    return next === 'empty' ? { kind: 'done' } : next
  } catch (error) {
    forgive(lane, run, deps)
    throw error
  }
}

/** Writes an item that is to be tried again; false when the user took its message back. */
async function isKept(item: Item, deps: HeadDeps): Promise<boolean> {
  try {
    await deps.save(item, { orderly: true })
    return true
  } catch (error) {
    if (error instanceof Erased) return false
    throw error
  }
}

/** Starts the head when its turn in this process has come. */
async function startHead(lane: Lane, run: Run, deps: HeadDeps): Promise<Outcome> {
  const { head } = run
  if (head.crashes >= maxCrashes) return workItem(head, deps)
  const work = async () => {
    if (deps.stopping.aborted || deps.signal.aborted) throw new LaneLost()
    if (!run.counted && !(await lane.start(head.item))) throw new LaneLost()
    run.counted = true
    return workItem(head, deps)
  }
  return head.crashes < suspectFrom ? deps.gate.together(work) : deps.gate.alone(work)
}
