import type { OutgoingPush, Target } from '#libs/contract'
import type { DeadLetter } from './dead-letters'
import { type Item, decodeItem } from './item'
import { botKeys, recordMs } from './keys'
import { type RedisClient, runScript } from '#libs/redis'
import { lookScript } from './scripts'

/*
 * What became of a push. The key that says "seen" of an event holds this of a push, so it is written in the same
 * Lua call that stores, ends, replays or discards the item, and can't say anything else than the lane does. What
 * happens between is read from the head of the lane.
 */

export type PushState = 'queued' | 'sending' | 'waiting' | 'sent' | 'failed' | 'discarded'

/** One message of a push. `parts`: how many of the platform's messages it became, once that is known. */
export interface PushedMessage {
  status: PushState | 'maybe_sent'
  parts?: number
  partsSent?: number
}

/** What became of a push. Times are Unix milliseconds. */
export interface PushStatus {
  to: Target
  status: PushState
  acceptedAt: number
  /** Sent, failed or discarded then. */
  endedAt?: number
  /** Failed tries so far. */
  failures: number
  /** Why it waits or failed, as a stable word, and in words. */
  reason?: string
  explanation?: string
  /** When it is tried again. */
  until?: number
  /** Id of the dead letter that it became. */
  deadLetter?: string
  messages: PushedMessage[]
}

/** What is kept: also of what was asked for, and the lane. */
export interface PushRecord extends PushStatus {
  digest: string
  lane: string
}

type PushItem = Item<OutgoingPush>

export function isPush(item: Item): item is PushItem {
  return item.event.type === 'push'
}

/** The record of a push that waits for its turn; '' for anything else. */
export function queuedRecord(item: Item, lane: string): string {
  return isPush(item) ? JSON.stringify(recordOf(item, lane, 'queued')) : ''
}

/** The record of a push whose item leaves the lane, as a dead letter where one is given; '' for anything else. */
export function endRecord(item: Item, lane: string, letter: DeadLetter | undefined): string {
  if (!isPush(item)) return ''
  if (letter) return JSON.stringify(failedRecord(item, letter))
  return JSON.stringify({ ...recordOf(item, lane, 'sent'), endedAt: Date.now() })
}

/** The record of a push whose dead letter a person removes; '' for anything else. */
export function discardedRecord(letter: DeadLetter | undefined): string {
  if (!letter || !isPush(letter.item)) return ''
  const record = failedRecord(letter.item, letter)
  delete record.deadLetter
  const messages = record.messages.map((message) =>
    message.status === 'failed' ? { ...message, status: 'discarded' } : message,
  )
  return JSON.stringify({ ...record, status: 'discarded', endedAt: Date.now(), messages })
}

/** The record of a push that is erased before it was sent, and how long it is kept. */
export function discardedItemRecord(item: Item, lane: string): { record: string; ttlMs: number } {
  if (!isPush(item)) return { record: '', ttlMs: recordMs }
  const record = { ...recordOf(item, lane, 'discarded'), endedAt: Date.now() }
  return { record: JSON.stringify(record), ttlMs: recordMs }
}

function failedRecord(item: PushItem, { id, lane, parkedAt, reason, explanation }: DeadLetter): PushRecord {
  const record = recordOf(item, lane, 'failed')
  return { ...record, endedAt: parkedAt, reason, explanation, deadLetter: id }
}

function recordOf(item: PushItem, lane: string, status: PushState): PushRecord {
  const { digest, receivedAt } = item.event
  return { digest, lane, acceptedAt: receivedAt, ...statusOf(item, status) }
}

function statusOf(
  item: PushItem,
  status: PushState,
): Pick<PushStatus, 'to' | 'status' | 'failures' | 'messages'> {
  return { to: targetOf(item), status, failures: item.failures, messages: messagesOf(item, status) }
}

function targetOf({ event: { conversation } }: PushItem): Target {
  const { kind, id } = conversation
  if (kind === 'none') throw new TypeError('a push without a target')
  return { kind, id }
}

/** Each message by what became of its parts; `rest` is what those are that nothing more is known of. */
function messagesOf({ event, parts, calls }: PushItem, rest: PushState): PushedMessage[] {
  if (!parts) return event.messages.map(() => ({ status: rest }))
  const all = calls.flatMap((call) => call.messages.map(() => call))
  let at = 0
  return parts.map((count) => {
    const own = all.slice(at, (at += count))
    const partsSent = own.filter(({ state }) => state === 'sent').length
    const isUnclear = own.some(
      ({ state, uncertain }) => state === 'sending' || (uncertain && state !== 'sent'),
    )
    const unsent = rest === 'failed' && isUnclear ? 'maybe_sent' : rest
    return { status: partsSent === count ? 'sent' : unsent, parts: count, partsSent }
  })
}

/** What became of a push, and the digest of what was asked; undefined when no such push is known (any more). */
export async function readPush(redis: RedisClient, bot: string, id: string): Promise<PushRecord | undefined> {
  const keys = botKeys(bot)
  const first = decodeRecord(await redis.get(keys.seen(id)))
  if (first?.status !== 'queued') return first
  // It may have gone on between the two looks, so the second is at both.
  const look = await runScript(redis, lookScript, [keys.seen(id), keys.lane(first.lane)], [])
  const [text, head] = look as [string | null, string | null]
  const record = decodeRecord(text)
  if (record?.status !== 'queued' || !head?.startsWith(`${id} `)) return record
  const item = decodeItem(head)
  return isPush(item) ? { ...record, ...statusAtHead(item) } : record
}

/** An event's key holds no record. */
function decodeRecord(text: string | null): PushRecord | undefined {
  return text?.startsWith('{') ? (JSON.parse(text) as PushRecord) : undefined
}

/** Of the head of a lane: worked on, or waiting for its next try. */
function statusAtHead(item: PushItem): Partial<PushStatus> {
  const { begun, waits, attempts } = item
  if (!waits) return statusOf(item, begun ? 'sending' : 'queued')
  const last = attempts.at(-1)
  const explanation = last?.code === waits.reason ? { explanation: last.words } : {}
  return { ...statusOf(item, 'waiting'), reason: waits.reason, ...explanation, until: waits.until }
}
