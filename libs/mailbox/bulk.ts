import type { RedisClient } from '#libs/redis'
import { type LetterRef, discardEach } from './dead-letters'
import { type LateReplies, type Replayed, replayDeadLetter, wakeLanes } from './replay'

export type LetterName = Pick<LetterRef, 'bot' | 'id'>

/** A dead letter and the times that say in which order letters are replayed: Unix milliseconds. */
export interface BulkRef extends LetterRef {
  receivedAt: number
  occurredAt: number
}

/** Letters parked in the same millisecond stand in no order; events of one webhook were received in the same. */
function byReceipt(a: BulkRef, b: BulkRef): number {
  return a.receivedAt - b.receivedAt || a.parkedAt - b.parkedAt || a.occurredAt - b.occurredAt
}

/** Lanes are woken after so many letters, so that the first answers do not wait for the last letter. */
const atOnce = 100

export interface BulkReplay {
  late: LateReplies
  /** Told after each letter: where it ends with an error, what was done until then is known. */
  onResult: (letter: LetterName, result: Replayed) => void
}

/** Replays letters, the first received first, so that items of one conversation keep their order, and wakes their lanes. */
export async function replayDeadLetters(
  redis: RedisClient,
  refs: BulkRef[],
  options: BulkReplay,
): Promise<void> {
  const sorted = [...refs].sort(byReceipt)
  for (let i = 0; i < sorted.length; i += atOnce)
    await replayBatch(redis, sorted.slice(i, i + atOnce), options)
}

async function replayBatch(
  redis: RedisClient,
  refs: BulkRef[],
  { late, onResult }: BulkReplay,
): Promise<void> {
  const lanes = new Map<string, Set<string>>()
  try {
    for (const ref of refs) {
      const { result, lane } = await replayDeadLetter(redis, ref, late)
      onResult(ref, result)
      if (result !== 'replayed') continue
      const ofBot = lanes.get(ref.bot) ?? new Set<string>()
      lanes.set(ref.bot, ofBot.add(lane))
    }
  } finally {
    for (const [bot, names] of lanes) await wakeLanes(redis, bot, [...names])
  }
}

/** Discards letters of any bots. `onResult` is told after each batch: where it ends with an error, what was done is known. */
export async function discardDeadLettersOf(
  redis: RedisClient,
  letters: LetterName[],
  onResult: (letter: LetterName, result: 'discarded' | 'gone') => void,
): Promise<void> {
  for (const [bot, ids] of idsByBot(letters)) {
    for (let i = 0; i < ids.length; i += atOnce) {
      const batch = ids.slice(i, i + atOnce)
      const discarded = new Set(await discardEach(redis, bot, batch))
      for (const id of batch) onResult({ bot, id }, discarded.has(id) ? 'discarded' : 'gone')
    }
  }
}

function idsByBot(letters: LetterName[]): Map<string, string[]> {
  const byBot = new Map<string, string[]>()
  for (const { bot, id } of letters) {
    const ids = byBot.get(bot)
    if (ids) ids.push(id)
    else byBot.set(bot, [id])
  }
  return byBot
}
