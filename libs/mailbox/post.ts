import type { Queue } from 'bullmq'
import { type Entry, type FeedEntry, HooklineError } from '#libs/contract'
import type { Logger } from '#libs/observability'
import {
  type Gathered,
  type RedisClient,
  type Replicas,
  createGathered,
  errorLog,
  postTimeoutMs,
  runScript,
  runScriptOnReplicas,
} from '#libs/redis'
import { type DrainData, openQueue, wake } from './drains'
import { openFeed, storedEntry } from './feed'
import { type Item, encodeItem, newItem } from './item'
import { botKeys, botPrefix, laneName } from './keys'
import { queuedRecord } from './push-record'
import { postScript } from './scripts'
import { erasureBy } from './unsend'

export interface Mailbox {
  /**
   * Stores events and pushes of one bot, in order per conversation. Resolves when they are in Redis: per event true, or false for one
   * that was stored before. Rejects with `store_unavailable` when Redis did not take them; then none, some
   * or all of them may be stored, and posting them again is safe. `traceparent` travels with the items.
   */
  post(events: Entry[], dedupeWindowMs: number, traceparent?: string): Promise<boolean[]>
  /** Waits for all posts and wake-ups under way, then lets go of the queues (not of the connection). */
  close(): Promise<void>
}

export interface MailboxOptions {
  /** Their queues are opened at once, so that the first webhook does not pay for it. */
  bots?: string[]
  /** Replicas that must have an event before its post resolves. */
  replicas?: Replicas
  /** New events of a bot were stored without the replicas that are asked for. */
  onUnconfirmed?: (bot: string, events: number) => void
}

/** One call of `post`, until each of its events has its answer. */
interface Post {
  stored: boolean[]
  missing: number
  resolve: (stored: boolean[]) => void
  reject: (error: unknown) => void
}

interface Posted {
  event: Entry
  lane: string
  dedupeWindowMs: number
  traceparent: string | undefined
  /** By `performance.now()`. */
  since: number
  post: Post
  /** Among the events of its post. */
  place: number
}

/** One Lua call takes at most this many events. With more of them Redis and this process would rest in turns. */
const batchSize = 24

/** So many calls of one bot may be under way. More would gain nothing. */
const mostCalls = 3

/**
 * Posts of the same tick travel together, in one Lua call per bot. What comes while a call of the
 * bot is under way waits for its end, or until there is enough for a full call: the busier it is, the less an event costs. What
 * has waited longer than a post may take is refused: a Redis that is slow must not delay one answer after another.
 */
export function createMailbox(redis: RedisClient, log: Logger, options: MailboxOptions = {}): Mailbox {
  const outboxes = new Map<string, Outbox>()
  const underWay = new Set<Promise<unknown>>()
  let dirty = new Set<Outbox>()

  const until = (work: Promise<unknown>) => {
    underWay.add(work)
    void work.finally(() => underWay.delete(work))
  }
  const outboxOf = (bot: string) => {
    const known = outboxes.get(bot)
    if (known) return known
    const opened = openOutbox(bot, { redis, log, until })
    outboxes.set(bot, opened)
    return opened
  }

  options.bots?.forEach(outboxOf)

  const send = (outbox: Outbox) => {
    const batch = nextBatch(outbox)
    if (batch.length === 0) return
    const lanes = new Set(batch.map(({ lane }) => lane))
    outbox.calls.add(lanes)
    const work = storeBatch(batch, { ...options, redis, outbox }, () => {
      outbox.calls.delete(lanes)
      refuseLate(outbox)
      send(outbox)
    })
    until(work)
    send(outbox)
  }

  const flush = () => {
    const all = dirty
    dirty = new Set()
    all.forEach(send)
  }

  const add = (posted: Posted) => {
    const outbox = outboxOf(posted.event.bot)
    outbox.pending.push(posted)
    if (outbox.calls.size > 0 && outbox.pending.length < batchSize) return
    if (dirty.size === 0) setImmediate(flush)
    dirty.add(outbox)
  }

  return {
    post: (events, dedupeWindowMs, traceparent) =>
      new Promise((resolve, reject) => {
        if (events.length === 0) return resolve([])
        const post = { stored: [], missing: events.length, resolve, reject }
        const since = performance.now()
        events.forEach((event, place) => {
          const lane = laneName(event.conversation)
          add({ event, lane, dedupeWindowMs, traceparent, since, post, place })
        })
      }),
    close: async () => {
      // Again for what is posted meanwhile.
      do {
        flush()
        while (underWay.size > 0) await Promise.all(underWay)
        for (const { wakes, feed } of outboxes.values()) {
          wakes.flush()
          feed.flush()
        }
      } while (underWay.size > 0 || dirty.size > 0)
      await Promise.allSettled([...outboxes.values()].map(({ queue }) => queue.close()))
    },
  }
}

/** What the posts of one bot need, made once, and those that wait. */
interface Outbox {
  bot: string
  queue: Queue<DrainData>
  keys: string[]
  /** What the keys of seen events, lanes, marks and drains begin with. */
  prefixes: [seen: string, lanes: string, marks: string, drains: string]
  feed: Gathered<FeedEntry>
  /** Whether they were woken; never rejects. */
  wakeNow: (lanes: string[]) => Promise<boolean>
  /** Lanes to wake. */
  wakes: Gathered<string>
  pending: Posted[]
  /** The lanes of each Lua call under way. */
  calls: Set<ReadonlySet<string>>
  /** When the last Lua call began, by `performance.now()`. */
  sentAt: number
}

/** While much comes, lanes are woken together: each would cost more than to store its event. */
const gathering = { withinMs: 1, atMost: 200 }

interface Opening {
  redis: RedisClient
  log: Logger
  /** Of what the end of the mailbox waits for. */
  until: (work: Promise<unknown>) => void
}

function openOutbox(bot: string, { redis, log, until }: Opening): Outbox {
  const keys = botKeys(bot)
  const queue = openQueue(bot, redis)
  queue.on('error', errorLog(log, 'drain queue error'))
  // BullMQ's key of a deduplicated job is there for as long as the job is.
  const drain = `${queue.toKey('de')}:`
  const wakeNow = (lanes: string[]) => wakeLanes(lanes, { bot, queue, log })
  return {
    bot,
    queue,
    keys: [keys.lanes, keys.items],
    prefixes: [keys.seen(''), keys.lane(''), keys.unsent(''), drain],
    feed: openFeed(redis, bot),
    wakeNow,
    wakes: createGathered((lanes) => until(wakeNow(lanes)), gathering),
    pending: [],
    calls: new Set(),
    sentAt: -Infinity,
  }
}

/**
 * Beside a call under way only a full one is sent, so that few events take few calls; and nothing of a conversation that
 * has events in one of these: should that call fail, what comes later must not be stored before them.
 */
function nextBatch({ pending, calls }: Outbox): Posted[] {
  if (calls.size === 0) return pending.splice(0, batchSize)
  if (calls.size === mostCalls || pending.length < batchSize) return []
  const isUnderWay = ({ lane }: Posted) => [...calls].some((lanes) => lanes.has(lane))
  return pending.slice(0, batchSize).some(isUnderWay) ? [] : pending.splice(0, batchSize)
}

interface Store extends MailboxOptions {
  redis: RedisClient
  outbox: Outbox
}

/** Bits of what the script returns per event. */
const isNew = 1
const needsDrain = 2

async function storeBatch(batch: Posted[], store: Store, onEnd: () => void): Promise<void> {
  const { bot, feed, wakes } = store.outbox
  const calm = isCalm(batch, store.outbox)
  store.outbox.sentAt = performance.now()
  let mayBeEarly = calm && !mayOvertake(store)
  const storing = storeAll(batch, store, () => (mayBeEarly = false))
  const woken = mayBeEarly ? wakeEarly(batch, store.outbox) : undefined
  let results: number[]
  try {
    results = await storing
  } catch (cause) {
    refuse([...batch, ...store.outbox.pending.splice(0)], { bot, cause })
    return
  } finally {
    onEnd()
  }
  batch.forEach(({ post, place }, i) => answer(post, place, wasStored(results[i])))
  for (const entry of newEntries(batch, results)) feed.add(entry)
  if (mayBeEarly && (await woken)) return
  for (const { lane } of asleep(batch, results)) wakes.add(lane)
  if (calm) setImmediate(() => wakes.flush())
}

/** Those whose lane has to be woken. */
function asleep(batch: Posted[], results: number[]): Posted[] {
  return batch.filter((_posted, i) => ((results[i] ?? 0) & needsDrain) !== 0)
}

/** With so few events the way of each counts, with more what it costs. */
const calmEvents = 4
/** So long nothing was sent: milliseconds. */
export const calmMs = 5

/** Whether little comes. */
function isCalm(batch: Posted[], { pending, sentAt }: Outbox): boolean {
  return batch.length <= calmEvents && pending.length === 0 && performance.now() - sentAt >= calmMs
}

/** Whether a wake-up could get somewhere before the events that it is about: a drain would find an empty lane then. */
function mayOvertake({ redis, replicas }: Store): boolean {
  return redis.isCluster || (replicas?.asked ?? 0) > 0
}

/**
 * Wakes the lanes while Redis stores their events; also those that have a drain, which costs little here. It begins when the
 * events have left, in the same turn of the event loop: a turn later was after their answer, and 0.5 ms of the way of each.
 */
async function wakeEarly(batch: Posted[], { wakeNow }: Outbox): Promise<boolean> {
  await new Promise<void>((left) => process.nextTick(left))
  return wakeNow(batch.map(({ lane }) => lane))
}

interface Waking {
  bot: string
  queue: Queue<DrainData>
  log: Logger
}

/**
 * The events are safe whatever happens here; the sweep wakes their lanes if this does not. Whether they were woken; never
 * rejects.
 */
async function wakeLanes(lanes: string[], { bot, queue, log }: Waking): Promise<boolean> {
  try {
    await wake(queue, lanes)
    return true
  } catch (error) {
    log.warn({ bot, error: String(error) }, 'lanes were not woken; the sweep will do it')
    return false
  }
}

/** All that wait, where the first did so for too long: of a conversation nothing may overtake another. */
function refuseLate({ bot, pending }: Outbox): void {
  const [first] = pending
  const ms = first ? performance.now() - first.since : 0
  if (ms <= postTimeoutMs) return
  refuse(pending.splice(0), { bot, cause: new Error(`they waited for ${Math.round(ms)} ms for their turn`) })
}

/** Also those that waited: a Redis that does not answer must not hold up one webhook after another. */
function refuse(posted: Posted[], { bot, cause }: { bot: string; cause: unknown }): void {
  const words = `Redis did not take ${posted.length} event(s) of bot ${bot}.`
  const error = new HooklineError('store_unavailable', words, { cause })
  for (const { post } of posted) post.reject(error)
}

function wasStored(result = 0): boolean {
  return (result & isNew) !== 0
}

function answer(post: Post, place: number, stored: boolean): void {
  post.stored[place] = stored
  post.missing -= 1
  if (post.missing === 0) post.resolve(post.stored)
}

/** Duplicates change nothing. */
function newEntries(batch: Posted[], results: number[]): FeedEntry[] {
  const at = Date.now()
  return batch.flatMap(({ event }, i) => (wasStored(results[i]) ? [storedEntry(event, at)] : []))
}

async function storeAll(batch: Posted[], store: Store, onUnknown: () => void): Promise<number[]> {
  const { redis, replicas, onUnconfirmed, outbox } = store
  const { bot } = outbox
  const { keys, args } = parametersOf(batch, store)
  const tag = botPrefix(bot)
  const unconfirmed = (results: number[]) => onUnconfirmed?.(bot, results.filter(wasStored).length)
  const wanted = replicas?.wanted(tag) ?? 0
  if (!replicas || wanted === 0) {
    const results = (await runScript(redis, postScript, keys, args, onUnknown)) as number[]
    if (replicas && replicas.asked > 0) unconfirmed(results)
    return results
  }
  const waiting = { replicas: wanted, probeKey: `${tag}:write-probe` }
  const { reply, replicas: have } = await runScriptOnReplicas(redis, postScript, { keys, args, waiting })
  if (!replicas.heard(tag, have)) throw new Error(`only ${have} of ${wanted} replica(s) confirmed it in time`)
  if (have < wanted) unconfirmed(reply as number[])
  return reply as number[]
}

function parametersOf(batch: Posted[], { redis, outbox }: Store) {
  const [seen, lanes, marks, drains] = outbox.prefixes
  const now = Date.now()
  const keys = [...outbox.keys]
  const args: (string | number)[] = [...outbox.prefixes, now]
  for (const { event, lane, dedupeWindowMs, traceparent } of batch) {
    const item = newItem(event, now, traceparent)
    const message = 'messageId' in event ? (event.messageId ?? '') : ''
    args.push(lane, encodeItem(item), dedupeWindowMs, message, more(item, lane))
    if (redis.isCluster) keys.push(seen + item.id, lanes + lane, marks + message, drains + lane)
  }
  return { keys, args }
}

/** What the script is told of an unsend event and of a push, beyond what it is told of all. */
function more(item: Item, lane: string): string {
  const { event } = item
  return event.type === 'unsend' ? erasureBy(event).join('\n') : queuedRecord(item, lane)
}
