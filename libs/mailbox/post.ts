import type { Queue } from 'bullmq'
import { type Entry as LaneEntry, type FeedEntry, HooklineError } from '#libs/contract'
import type { Logger } from '#libs/observability'
import { type DrainData, openQueue, wake } from './drains'
import { storedEntry, tellFeed } from './feed'
import { encodeItem, newItem } from './item'
import { botKeys, botPrefix, laneName } from './keys'
import { type RedisClient, type Replicas, errorLog, runScript, runScriptOnReplicas } from '#libs/redis'
import { seenValue } from './push-record'
import { postScript } from './scripts'
import { erasureBy } from './unsend'

export interface Mailbox {
  /**
   * Stores events and pushes of one bot, in order. Resolves when they are in Redis: per event true, or false for one
   * that was stored before. Rejects with `store_unavailable` when Redis did not take them; then none, some
   * or all of them may be stored, and posting them again is safe. `traceparent` travels with the items.
   */
  post(events: LaneEntry[], dedupeWindowMs: number, traceparent?: string): Promise<boolean[]>
  /** Waits for all posts and wake-ups under way, then lets go of the queues (not of the connection). */
  close(): Promise<void>
}

interface Entry {
  event: LaneEntry
  dedupeWindowMs: number
  traceparent: string | undefined
  resolve: (stored: boolean) => void
  reject: (error: unknown) => void
}

/** One Lua call takes at most this many events: Redis is busy for about a millisecond with it. */
const batchSize = 200

export interface MailboxOptions {
  /** Their queues are opened at once, so that the first webhook does not pay for it. */
  bots?: string[]
  /** Replicas that must have an event before its post resolves. */
  replicas?: Replicas
  /** New events of a bot were stored without the replicas that are asked for. */
  onUnconfirmed?: (bot: string, events: number) => void
}

/** Posts of the same tick travel together: one Lua call and one bulk of wake-ups per bot. */
export function createMailbox(redis: RedisClient, log: Logger, options: MailboxOptions = {}): Mailbox {
  const queues = new Map<string, Queue<DrainData>>()
  const underWay = new Set<Promise<void>>()
  let pending: Entry[] = []

  const queueOf = (bot: string) => {
    const known = queues.get(bot)
    if (known) return known
    const queue = openQueue(bot, redis)
    queue.on('error', errorLog(log, 'drain queue error'))
    queues.set(bot, queue)
    return queue
  }

  options.bots?.forEach(queueOf)

  const track = (work: Promise<void>) => {
    underWay.add(work)
    void work.finally(() => underWay.delete(work))
  }

  const flush = () => {
    const entries = pending
    pending = []
    for (const [bot, batch] of batches(entries))
      track(storeBatch(queueOf(bot), batch, { ...options, redis, bot, log }))
  }

  const post: Mailbox['post'] = (events, dedupeWindowMs, traceparent) => {
    if (pending.length === 0 && events.length > 0) setImmediate(flush)
    return Promise.all(
      events.map(
        (event) =>
          new Promise<boolean>((resolve, reject) =>
            pending.push({ event, dedupeWindowMs, traceparent, resolve, reject }),
          ),
      ),
    )
  }

  const close = async () => {
    if (pending.length > 0) flush()
    while (underWay.size > 0) await Promise.all(underWay)
    await Promise.allSettled([...queues.values()].map((queue) => queue.close()))
  }
  return { post, close }
}

function* batches(entries: Entry[]): Generator<[string, Entry[]]> {
  const byBot = new Map<string, Entry[]>()
  for (const entry of entries) {
    const batch = byBot.get(entry.event.bot)
    if (batch) batch.push(entry)
    else byBot.set(entry.event.bot, [entry])
  }
  for (const [bot, all] of byBot) {
    for (let i = 0; i < all.length; i += batchSize) yield [bot, all.slice(i, i + batchSize)]
  }
}

interface Store extends MailboxOptions {
  redis: RedisClient
  bot: string
  log: Logger
}

async function storeBatch(queue: Queue<DrainData>, batch: Entry[], store: Store): Promise<void> {
  const { bot, log } = store
  let stored: number[]
  try {
    stored = await storeAll(batch, store)
    batch.forEach((entry, i) => entry.resolve(stored[i] === 1))
  } catch (cause) {
    const error = new HooklineError(
      'store_unavailable',
      `Redis did not take ${batch.length} event(s) of bot ${bot}.`,
      { cause },
    )
    for (const entry of batch) entry.reject(error)
    return
  }
  // First the answers to the senders, whose events are stored now; waking costs more than storing.
  await new Promise((answered) => setImmediate(answered))
  tellFeed(store.redis, bot, newEntries(batch, stored))
  // Also for duplicates: a redelivery heals a crash between storing and waking. The events are safe
  // whatever happens here; the sweep wakes their lanes if this does not.
  await wake(
    queue,
    batch.map((entry) => laneName(entry.event.conversation)),
  ).catch((error: unknown) =>
    log.warn({ bot, error: String(error) }, 'lanes were not woken; the sweep will do it'),
  )
}

/** Duplicates change nothing. */
function newEntries(batch: Entry[], stored: number[]): FeedEntry[] {
  const at = Date.now()
  return batch.flatMap(({ event }, i) => (stored[i] === 1 ? [storedEntry(event, at)] : []))
}

async function storeAll(batch: Entry[], { redis, bot, replicas, onUnconfirmed }: Store): Promise<number[]> {
  const { keys, args } = callOf(bot, batch)
  const tag = botPrefix(bot)
  const wanted = replicas?.wanted(tag) ?? 0
  if (!replicas || wanted === 0) {
    const stored = (await runScript(redis, postScript, keys, args)) as number[]
    if (replicas && replicas.asked > 0) onUnconfirmed?.(bot, stored.filter(Boolean).length)
    return stored
  }
  const waiting = { replicas: wanted, probeKey: `${tag}:write-probe` }
  const { reply, replicas: have } = await runScriptOnReplicas(redis, postScript, { keys, args, waiting })
  const stored = reply as number[]
  if (!replicas.heard(tag, have)) throw new Error(`only ${have} of ${wanted} replica(s) confirmed it in time`)
  if (have < wanted) onUnconfirmed?.(bot, stored.filter(Boolean).length)
  return stored
}

function callOf(bot: string, batch: Entry[]): { keys: string[]; args: (string | number)[] } {
  const keys = botKeys(bot)
  const now = Date.now()
  const rows = batch.map(({ event, dedupeWindowMs, traceparent }) => {
    const mark = keys.unsent('messageId' in event ? (event.messageId ?? '') : '')
    return {
      item: newItem(event, now, traceparent),
      lane: laneName(event.conversation),
      mark,
      dedupeWindowMs,
    }
  })
  return {
    keys: [
      ...[keys.lanes, keys.items],
      ...rows.flatMap(({ item, lane, mark }) => [keys.seen(item.id), keys.lane(lane), mark]),
    ],
    args: rows.flatMap(({ item, lane, dedupeWindowMs }) => [
      ...[dedupeWindowMs, lane, now, encodeItem(item)],
      ...[...erasureBy(item.event), seenValue(item, lane)],
    ]),
  }
}
