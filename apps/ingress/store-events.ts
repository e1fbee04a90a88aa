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
  const underWay = new Map<string, Waiting[] | undefined>()

  const storeInTurn = (conversation: string, records: JournalRecord[]): Promise<Stored> => {
    if (!underWay.has(conversation)) return storeFirst(conversation, records)
    const waiting = underWay.get(conversation) ?? []
    underWay.set(conversation, waiting)
    return new Promise((resolve, reject) => waiting.push({ records, resolve, reject }))
  }

  const storeFirst = (conversation: string, records: JournalRecord[]): Promise<Stored> => {
    underWay.set(conversation, undefined)
    const stored = storeNow(records, deps)
    const next = () => storeNext(conversation)
    // Before whoever waits for this one hears of it.
    stored.then(next, next)
    return stored
  }

  const storeNext = (conversation: string) => {
    const waiting = underWay.get(conversation)
    underWay.delete(conversation)
    if (!waiting) return
    const records = waiting.flatMap((each) => each.records)
    storeFirst(conversation, records).then(
      (stored) => waiting.forEach(({ resolve }) => resolve(stored)),
      (error: unknown) => waiting.forEach(({ reject }) => reject(error)),
    )
  }

  const storeGroup = (conversation: string, events: Entry[], rememberMs: number): Promise<Stored> =>
    inStoreSpans(events, (traceparents) =>
      storeInTurn(
        conversation,
        events.map((event, i) => recordOf(event, rememberMs, traceparents[i])),
      ),
    )

  const storeGroups = async (groups: Map<string, Entry[]>, rememberMs: number): Promise<Stored> => {
    const all = [...groups].map(([conversation, events]) => storeGroup(conversation, events, rememberMs))
    return (await Promise.all(all)).includes('journaled') ? 'journaled' : 'stored'
  }

  return {
    store: (events, dedupeWindowMs) => {
      const rememberMs = Math.max(dedupeWindowMs, rememberAtLeastMs)
      const [event] = events
      // Most webhooks have one event.
      if (event && events.length === 1) return storeGroup(conversationOf(event), events, rememberMs)
      return storeGroups(byConversation(events), rememberMs)
    },
  }
}

function recordOf(event: Entry, dedupeWindowMs: number, traceparent: string | undefined): JournalRecord {
  return traceparent === undefined ? { event, dedupeWindowMs } : { event, dedupeWindowMs, traceparent }
}

function conversationOf({ bot, conversation }: Entry): string {
  return `${bot} ${conversation.kind}:${conversation.id}`
}

function byConversation(events: Entry[]): Map<string, Entry[]> {
  const groups = new Map<string, Entry[]>()
  for (const event of events) {
    const key = conversationOf(event)
    const group = groups.get(key)
    if (group) group.push(event)
    else groups.set(key, [event])
  }
  return groups
}

async function storeNow(records: JournalRecord[], deps: EventStoreDeps): Promise<Stored> {
  if (deps.mode.current() === 'held') await deps.mode.decided()
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
export function postRecords(
  records: JournalRecord[],
  deps: Pick<EventStoreDeps, 'mailbox' | 'metrics'>,
): Promise<void> {
  const [record] = records
  return record && records.length === 1 ? postRecord(record, deps) : postAll(records, deps)
}

async function postAll(
  records: JournalRecord[],
  deps: Pick<EventStoreDeps, 'mailbox' | 'metrics'>,
): Promise<void> {
  const results = await Promise.allSettled(records.map((each) => postRecord(each, deps)))
  const failure = results.find((result) => result.status === 'rejected')
  if (failure) throw failure.reason as Error
}

async function postRecord(
  { event, dedupeWindowMs, traceparent }: JournalRecord,
  { mailbox, metrics }: Pick<EventStoreDeps, 'mailbox' | 'metrics'>,
): Promise<void> {
  const [isNew] = await mailbox.post([event], dedupeWindowMs, traceparent)
  const { bot, type } = event
  if (!isNew) return metrics.duplicates.inc({ bot })
  metrics.events.inc({ bot, type })
  if (type === 'unknown') metrics.unknownEvents.inc({ bot })
}
