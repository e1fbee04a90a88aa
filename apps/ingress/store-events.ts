import { type Entry, HooklineError } from '#libs/contract'
import type { Journal, JournalRecord } from '#libs/journal'
import type { Mailbox } from '#libs/mailbox'
import type { RedisHealth } from '#libs/redis'
import type { Logger, Metrics } from '#libs/observability'
import type { JournalMode } from './journal-mode'
import { inStoreSpans } from './trace-webhooks'

/** Where an event is safe now. */
export type Stored = 'stored' | 'journaled'

export interface EventStore {
  /** Stores events or pushes of one bot, in order; rejects with `store_unavailable` when nothing took them. */
  store(events: Entry[], dedupeWindowMs: number): Promise<Stored>
}

export interface EventStoreDeps {
  mailbox: Pick<Mailbox, 'post'>
  journal: Pick<Journal, 'append'>
  mode: Pick<JournalMode, 'current' | 'decided' | 'failed'>
  health: Pick<RedisHealth, 'suspect'>
  metrics: Metrics
  log: Logger
}

/**
 * An event whose post got no answer is journaled and posted again, perhaps much later, and must still be
 * recognised as the one that Redis may have taken the first time.
 */
const rememberAtLeastMs = 24 * 60 * 60 * 1000

interface Waiting {
  records: JournalRecord[]
  resolve: (stored: Stored) => void
  reject: (error: unknown) => void
}

/**
 * Events to Redis, or to the journal when Redis does not take them. Of a conversation one post at a time is
 * under way, and what comes meanwhile waits and then goes together: so whatever a post ends with, a failed
 * one is in the journal before anything later of its conversation goes anywhere.
 */
export function createEventStore(deps: EventStoreDeps): EventStore {
  /** Conversations with something under way, and what waits behind it. */
  const underWay = new Map<string, Waiting[]>()

  const storeInTurn = (conversation: string, records: JournalRecord[]): Promise<Stored> => {
    const before = underWay.get(conversation)
    if (before) return new Promise((resolve, reject) => before.push({ records, resolve, reject }))
    underWay.set(conversation, [])
    return storeNow(records, deps).finally(() => storeNext(conversation))
  }

  const storeNext = (conversation: string) => {
    const waiting = underWay.get(conversation) ?? []
    if (waiting.length === 0) return underWay.delete(conversation)
    underWay.set(conversation, [])
    storeNow(
      waiting.flatMap(({ records }) => records),
      deps,
    )
      .then(
        (stored) => waiting.forEach(({ resolve }) => resolve(stored)),
        (error: unknown) => waiting.forEach(({ reject }) => reject(error)),
      )
      .finally(() => storeNext(conversation))
  }

  const store = async (events: Entry[], dedupeWindowMs: number): Promise<Stored> => {
    const rememberMs = Math.max(dedupeWindowMs, rememberAtLeastMs)
    const all = [...byConversation(events)].map(([conversation, ofOne]) =>
      inStoreSpans(ofOne, (traceparents) => {
        const records = ofOne.map((event, i) => recordOf(event, rememberMs, traceparents[i]))
        return storeInTurn(conversation, records)
      }),
    )
    return (await Promise.all(all)).includes('journaled') ? 'journaled' : 'stored'
  }
  return { store }
}

function recordOf(event: Entry, dedupeWindowMs: number, traceparent: string | undefined): JournalRecord {
  return { event, dedupeWindowMs, ...(traceparent === undefined ? {} : { traceparent }) }
}

function byConversation(events: Entry[]): Map<string, Entry[]> {
  const groups = new Map<string, Entry[]>()
  for (const event of events) {
    const key = `${event.bot} ${event.conversation.kind}:${event.conversation.id}`
    const group = groups.get(key)
    if (group) group.push(event)
    else groups.set(key, [event])
  }
  return groups
}

async function storeNow(records: JournalRecord[], deps: EventStoreDeps): Promise<Stored> {
  await deps.mode.decided()
  if (deps.mode.current() === 'direct') {
    try {
      await postRecords(records, deps)
      return 'stored'
    } catch (error) {
      if (!(error instanceof HooklineError && error.code === 'store_unavailable')) throw error
      deps.mode.failed()
      deps.health.suspect()
      deps.log.debug({ events: records.length, error: String(error.cause) }, 'redis did not take events')
    }
  }
  const journaledAt = Date.now()
  for (const { event } of records) event.journaledAt = journaledAt
  const stopTimer = deps.metrics.journalAppendSeconds.startTimer()
  await appendInTime(records, deps)
  stopTimer()
  for (const { event } of records) deps.metrics.journalEvents.inc({ bot: event.bot })
  return 'journaled'
}

/** A platform hangs up on a webhook soon after; an honest 503 makes it come again. */
const appendAtMostMs = 1400

/** Rejects when the disk does not answer. What it writes later comes twice, which is noticed. */
async function appendInTime(records: JournalRecord[], { journal }: EventStoreDeps): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    const words = `The journal did not take ${records.length} event(s) within ${appendAtMostMs} ms. Look at the disk of HOOKLINE_JOURNAL_DIR.`
    timer = setTimeout(() => reject(new HooklineError('store_unavailable', words)), appendAtMostMs)
  })
  try {
    await Promise.race([journal.append(records), late])
  } finally {
    clearTimeout(timer)
  }
}

/** Posts in one go and in this order, waits for every answer, and counts what was new. */
export async function postRecords(
  records: JournalRecord[],
  { mailbox, metrics }: Pick<EventStoreDeps, 'mailbox' | 'metrics'>,
): Promise<void> {
  const posts = records.map(({ event, dedupeWindowMs, traceparent }) =>
    mailbox.post([event], dedupeWindowMs, traceparent),
  )
  const results = await Promise.allSettled(posts)
  results.forEach((result, i) => {
    const event = records[i]?.event
    if (!event || result.status === 'rejected') return
    if (!result.value[0]) return metrics.duplicates.inc({ bot: event.bot })
    metrics.events.inc({ bot: event.bot, type: event.type })
    if (event.type === 'unknown') metrics.unknownEvents.inc({ bot: event.bot })
  })
  const failure = results.find((result) => result.status === 'rejected')
  if (failure) throw failure.reason as Error
}
