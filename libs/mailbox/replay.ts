import type { Queue } from 'bullmq'
import { type DeadLetter, type LetterRef, decodeLetter } from './dead-letters'
import { type DrainData, openQueue, wake } from './drains'
import { type Item, type PlannedCall, addStep, encodeItem } from './item'
import { botKeys } from './keys'
import { isPush, queuedRecord } from './push-record'
import { type RedisClient, runScript } from '#libs/redis'
import { replayScript } from './scripts'

/** What a replay does with LINE replies whose token has run out: a push is billed. */
export type LateReplies = 'push' | 'drop'

/**
 * What a replay would do with one call that is planned on the item.
 * - `sent`, `dropped`: nothing, it was sent, or given up by an earlier replay.
 * - `send`: makes it.
 * - `push`: sends it as a push, since no reply token carries it any more.
 * - `withhold`: nothing, since no reply token carries it any more and a push was not allowed.
 */
export interface CallPlan {
  call: PlannedCall
  fate: 'sent' | 'dropped' | 'send' | 'push' | 'withhold'
  /** An earlier try had no clear end, and the platform can't tell a repeat: the user may see it twice. */
  maybeTwice: boolean
}

/** What a replay of one dead letter would do. Nothing that exists is withheld for good: then it is not replayed. */
export interface ReplayPlan {
  /** Why this one stays a dead letter. */
  skip?: 'not_understood' | 'late_reply'
  late: LateReplies
  /** The handler had not returned: it runs again on the event. */
  runsHandler: boolean
  /** Its event came with a LINE reply token. `dead`: that no longer takes a reply. */
  replyToken?: 'alive' | 'dead'
  /** Messages that were planned before the letter was parked. */
  calls: CallPlan[]
}

/** Parked for a reply token that the platform refuses, perhaps before the time that we know of. */
const tokenRefused = ['reply_token_expired', 'maybe_sent']

export function planReplay(
  { item, reason }: Pick<DeadLetter, 'item' | 'reason'>,
  late: LateReplies,
  now = Date.now(),
): ReplayPlan {
  const { event, handled } = item
  const tokensDieAt = tokenRefused.includes(reason) ? Infinity : now
  const pushes = item.pushes.flat().filter(({ state }) => state === 'sent' || !handled)
  const calls = [...pushes, ...item.calls].map((call) => planCall(call, item, { late, now, tokensDieAt }))
  const plan: ReplayPlan = { late, runsHandler: !handled && event.type !== 'push', calls }
  if (event.replyToken) plan.replyToken = event.replyToken.expiresAt < tokensDieAt ? 'dead' : 'alive'
  if (event.type === 'unknown' && event.conversation.kind === 'none') plan.skip = 'not_understood'
  else if (calls.some(({ fate }) => fate === 'withhold')) plan.skip = 'late_reply'
  return plan
}

interface Circumstances {
  late: LateReplies
  now: number
  /** A reply token that expires before this is dead: Unix milliseconds. */
  tokensDieAt: number
}

function planCall(call: PlannedCall, item: Item, { late, now, tokensDieAt }: Circumstances): CallPlan {
  if (call.state === 'sent' || call.state === 'dropped') return { call, fate: call.state, maybeTwice: false }
  const isUnclear = call.state === 'sending' || call.uncertain === true
  if (hasNoToken(call, tokensDieAt)) {
    return { call, fate: late === 'push' ? 'push' : 'withhold', maybeTwice: isUnclear && late === 'push' }
  }
  return { call, fate: 'send', maybeTwice: isUnclear && !knowsRepeats(call, item, now) }
}

/** A reply whose token is dead, or one more than the five that a token takes. */
function hasNoToken({ operation, replyToken }: PlannedCall, tokensDieAt: number): boolean {
  return operation === 'parked' || (replyToken !== undefined && replyToken.expiresAt < tokensDieAt)
}

/** A retry key lives for 24 h from its first use [doc D/retrying-api-request]. */
const retryKeyMs = 24 * 3_600_000

/** LINE shows a push once per retry key, and a reply once per token. */
function knowsRepeats({ operation, replyToken }: PlannedCall, { event }: Item, now: number): boolean {
  if (replyToken) return true
  return event.platform === 'line' && operation === 'push' && now < event.receivedAt + retryKeyMs
}

/** What became of a wish to replay: `gone` when somebody else was faster. */
export type Replayed = 'replayed' | 'skipped' | 'gone'

/**
 * Puts a dead letter's item back at the tail of its lane, where it starts anew with all its attempts, and keeps
 * what it went through. The caller wakes the lane (`wakeLanes`). A letter whose plan says `skip` stays.
 */
export async function replayDeadLetter(
  redis: RedisClient,
  { bot, id }: Pick<LetterRef, 'bot' | 'id'>,
  late: LateReplies,
): Promise<{ result: Replayed; lane: string }> {
  const keys = botKeys(bot)
  for (;;) {
    const text = await redis.hget(keys.deadLetters, id)
    if (text === null) return { result: 'gone', lane: '' }
    const letter = decodeLetter(text)
    const { lane } = letter
    if (planReplay(letter, late).skip) return { result: 'skipped', lane }
    const now = Date.now()
    const item = itemAgain(letter, late, now)
    const done = await runScript(
      redis,
      replayScript,
      [keys.deadLetters, keys.deadLetterTimes, keys.lane(lane), keys.lanes, keys.items, keys.seen(item.id)],
      [id, text, encodeItem(item), lane, now, queuedRecord(item, lane)],
    )
    if (done === 1) return { result: 'replayed', lane }
    // Changed or taken since it was read: look again.
  }
}

/** The item as it starts anew: with fresh budgets, and with everything that is known of its messages. */
function itemAgain({ item, parkedAt, reason }: DeadLetter, late: LateReplies, now: number): Item {
  const again: Item = {
    ...item,
    postedAt: now,
    storedAt: item.storedAt ?? item.postedAt,
    failures: 0,
    replays: (item.replays ?? 0) + 1,
    calls: item.calls.map(waitingAgain),
    pushes: item.pushes.map((calls) => calls.map(waitingAgain)),
  }
  if (again.steps) {
    again.steps = [...again.steps]
    addStep(again, { name: 'parked', at: parkedAt, code: reason })
    addStep(again, { name: 'replayed', at: now })
  }
  // Whoever asks about a push learns that it waits for its turn again.
  if (isPush(item)) delete again.begun
  // Replies that exist already are never dropped: should their token die just now, the bot's setting decides.
  if (late === 'push' || !item.handled) again.lateReplies = late
  else delete again.lateReplies
  return again
}

/** The operator has decided: a call whose outcome is unclear is made again, and counted as such. */
function waitingAgain(call: PlannedCall): PlannedCall {
  const again: PlannedCall =
    call.state === 'sending' ? { ...call, state: 'waiting', uncertain: true } : { ...call }
  delete again.unanswered
  return again
}

/** Wakes lanes of one bot after their letters were replayed. */
export async function wakeLanes(redis: RedisClient, bot: string, lanes: string[]): Promise<void> {
  const queue: Queue<DrainData> = openQueue(bot, redis)
  try {
    for (let i = 0; i < lanes.length; i += 500) await wake(queue, lanes.slice(i, i + 500))
  } finally {
    await queue.close()
  }
}
