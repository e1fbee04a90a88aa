import { type Drain, type DrainResult, type Head, type Lane, deadLetterOf } from '#libs/mailbox'
import type { OneAtATime } from './one-at-a-time'
import type { Outcome } from './outcome'
import { type ItemDeps, LaneLost, maxCrashes, workItem } from './work-item'

export interface DrainDeps extends Omit<ItemDeps, 'save' | 'signal'> {
  /** Shared by all drains of the process. */
  oneAtATime: OneAtATime
}

type HeadDeps = DrainDeps & ItemDeps

/**
 * An item during which the process died twice is a suspect. Suspects run one at a time: whoever was merely
 * at work beside the one that kills the process gets through, and only that one is counted again.
 */
const suspectFrom = 2

/** A busy lane gives way to others after this many items or milliseconds. */
const turn = { items: 100, ms: 5000 }

/** Empties a lane, item by item, until it is empty, its head can't go on, or its turn is over. */
export function createDrain(deps: DrainDeps): Drain {
  return async (lane, { lane: name, signal }) => {
    deps.metrics.activeDrains.inc({ bot: deps.bot })
    try {
      return await drainLane(lane, name, { ...deps, signal, save: saveTo(lane) })
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
    if (!(await lane.amend(item, how))) throw new LaneLost()
  }
}

async function drainLane(lane: Lane, name: string, deps: HeadDeps): Promise<DrainResult> {
  const until = Date.now() + turn.ms
  const isOver = (items: number) =>
    deps.stopping.aborted || deps.signal.aborted || items >= turn.items || Date.now() > until
  if (isOver(0)) return { kind: 'yield' }
  let head: Head | undefined = await lane.take()
  for (let items = 0; head; items++) {
    if (isOver(items)) return { kind: 'yield' }
    const step = await stepLane(lane, head, { name, deps })
    if ('kind' in step) return step
    head = step
  }
  return { kind: 'done' }
}

/** Works on the head; the next head, or how the drain ends. */
async function stepLane(
  lane: Lane,
  head: Head,
  { name, deps }: { name: string; deps: HeadDeps },
): Promise<Head | DrainResult> {
  const outcome = await startHead(lane, head, deps)
  if (outcome.kind === 'retry' || outcome.kind === 'postpone') {
    await deps.save(head.item, { orderly: true })
    return outcome
  }
  const letter = outcome.kind === 'park' ? deadLetterOf(deps.bot, name, head.item, outcome) : undefined
  const next = await lane.finish(head.item, letter)
  if (next === 'lost') throw new LaneLost()
  return next === 'empty' ? { kind: 'done' } : next
}

async function startHead(lane: Lane, head: Head, deps: HeadDeps): Promise<Outcome> {
  if (head.crashes === 0 || head.crashes >= maxCrashes) return workItem(head, deps)
  const work = async () => {
    if (deps.stopping.aborted || !(await lane.start(head.item))) throw new LaneLost()
    return workItem(head, deps)
  }
  return head.crashes < suspectFrom ? work() : deps.oneAtATime(work)
}
