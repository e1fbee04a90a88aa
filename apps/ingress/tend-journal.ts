import { type Damage, type Holding, type Journal, type JournalRecord, takeDrainLock } from '#libs/journal'
import type { Mailbox } from '#libs/mailbox'
import type { RedisHealth } from '#libs/redis'
import type { Logger, Metrics } from '#libs/observability'
import type { JournalMode } from './journal-mode'
import { onceAMinute } from './once-a-minute'
import type { RedisClient } from '#libs/redis'
import { postRecords } from './store-events'

export interface TendJournalDeps {
  journal: Journal
  mode: JournalMode
  health: RedisHealth
  redis: RedisClient
  mailbox: Mailbox
  metrics: Metrics
  log: Logger
}

const lookEveryMs = 100
/** While webhooks are held, every moment counts. */
const lookEveryHeldMs = 20

/**
 * Looks after the journal: decides where new events go, and drains it, this process's part and that of any
 * other, while Redis takes events. Resolves after the first look.
 */
export async function tendJournal(deps: TendJournalDeps): Promise<{ close(): Promise<void> }> {
  const { journal, mode, health, metrics } = deps
  const stopping = new AbortController()
  const warn = onceAMinute(deps.log)
  const drainer = createDrainer(deps, stopping.signal)
  let timer: NodeJS.Timeout | undefined
  let looking: Promise<void> = Promise.resolve()

  /** Until it could be read there may be anything in it. */
  let last: Holding = { files: 1, bytes: Infinity }

  const look = async () => {
    const appends = journal.appends()
    const holding = await journal.look().catch((error: unknown) => {
      warn('the journal can not be read', error)
      return undefined
    })
    const appending = journal.isBusy() || journal.appends() !== appends
    const problem = health.problem()
    if (!holding) {
      // Nobody knows how much is left by now: nothing to hold webhooks for, and not empty for sure.
      const unknown = { ...last, bytes: Infinity }
      return mode.observe({ problem, holding: unknown, appending: true, now: Date.now() })
    }
    last = holding
    mode.observe({ problem, holding, appending, now: Date.now() })
    metrics.journalBytes.set(holding.bytes)
    metrics.journalPending.set(holding.files > 0 ? await journal.count().catch(() => 0) : 0)
    if (problem !== undefined || holding.files === 0) return
    await journal.release()
    drainer.start()
  }

  const again = () => {
    if (stopping.signal.aborted) return
    const next = () => {
      looking = look().finally(again)
    }
    timer = setTimeout(next, mode.current() === 'held' ? lookEveryHeldMs : lookEveryMs)
  }
  // Made now: on a disk that the journal has filled it could not be.
  await journal.folderId()
  await look()
  again()
  return {
    close: async () => {
      stopping.abort(new Error('The process ends.'))
      clearTimeout(timer)
      await looking
      await drainer.ended()
      mode.close()
      await journal.close()
    },
  }
}

const backoff = { firstMs: 250, mostMs: 5000 }
const betweenRoundsMs = 20

interface Drainer {
  /** Drains until nothing is left, unless it is at it or waits after a failure. */
  start(): void
  ended(): Promise<void>
}

function createDrainer(deps: TendJournalDeps, stopping: AbortSignal): Drainer {
  const warn = onceAMinute(deps.log)
  let running: Promise<void> | undefined
  let failures = 0
  let startAt = 0

  const run = async () => {
    try {
      const isMine = await drainUnderLock(deps, stopping)
      failures = 0
      startAt = isMine ? 0 : Date.now() + backoff.firstMs * (1 + Math.random())
    } catch (error) {
      if (stopping.aborted) return
      if (!isOfDisk(error)) deps.health.suspect()
      warn('the journal could not be drained; it will be tried again', error)
      const waitMs = Math.min(backoff.firstMs * 2 ** failures++, backoff.mostMs)
      startAt = Date.now() + waitMs * (0.5 + Math.random() / 2)
    }
  }

  return {
    start: () => {
      if (running || Date.now() < startAt) return
      running = run().finally(() => (running = undefined))
    },
    ended: async () => running,
  }
}

const diskCodes = new Set(
  'EACCES EDQUOT EIO EISDIR EMFILE ENFILE ENOENT ENOSPC ENOTDIR EPERM EROFS ESTALE'.split(' '),
)

/** Says nothing about Redis, which must not be given up for it. */
function isOfDisk(error: unknown): boolean {
  return diskCodes.has((error as NodeJS.ErrnoException).code ?? '')
}

/** False when another process drains this folder. */
async function drainUnderLock(deps: TendJournalDeps, stopping: AbortSignal): Promise<boolean> {
  const { journal, health, log } = deps
  let events = 0
  const lock = await takeDrainLock(deps.redis, await journal.folderId())
  if (!lock) return false
  const signal = AbortSignal.any([stopping, lock.lost])
  try {
    while (health.problem() === undefined && (await journal.look()).files > 0) {
      await journal.drain({
        post: async (records) => {
          await postDrained(records, deps)
          events += records.length
        },
        onDamage: (file, damages) => reportDamage(file, damages, deps),
        signal,
      })
      await new Promise((resolve) => setTimeout(resolve, betweenRoundsMs))
    }
  } finally {
    await lock.release()
    if (events > 0) log.info({ events }, 'events were posted from the journal')
  }
  return true
}

async function postDrained(records: JournalRecord[], deps: TendJournalDeps): Promise<void> {
  // Asked before each batch: the journal itself could fill Redis within a second.
  await deps.health.refresh()
  const problem = deps.health.problem()
  if (problem !== undefined) throw new Error(problem)
  await postRecords(records, deps)
  for (const { event } of records) deps.metrics.journalDrained.inc({ bot: event.bot })
}

function reportDamage(file: string, damages: Damage[], { metrics, log }: TendJournalDeps): void {
  metrics.journalDamaged.inc(damages.length)
  const places = damages.slice(0, 20)
  log.error(
    { file, damaged: damages.length, places },
    'parts of a journal file could not be read; it is kept',
  )
}
