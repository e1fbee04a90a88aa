import type { UnsendEvent } from '#libs/contract'
import type { DeadLetter } from './dead-letters'
import { type Item, decodeItem, encodeItem } from './item'
import { botKeys } from './keys'
import { endRecord } from './push-record'
import { type RedisClient, runScript } from '#libs/redis'
import { amendScript, finishScript, forgiveScript, leaveScript, startScript, takeScript } from './scripts'
import { eraseUnsent } from './unsend'

/** The head of a lane, and how often it was started before without coming to an orderly end. */
export interface Head {
  item: Item
  crashes: number
}

/** A lane in the hands of one drain. Every write is refused once another drain has taken the lane. */
export interface Lane {
  /** Takes the lane and reads its head, which counts as started unless it crashed before. */
  take(): Promise<Head | undefined>
  /** Counts the start of a head that crashed before. False: the lane was taken over. */
  start(item: Item): Promise<boolean>
  /** Takes back a start that was counted: this run of the head is over without a result, but nothing crashed. */
  forgive(item: Item): Promise<void>
  /** Writes what happened to the head so far; `orderly` when this try of it is over. */
  amend(item: Item, how?: { orderly: boolean }): Promise<Amended>
  /**
   * Removes the head, as a dead letter where one is given, and reads the next, which counts as started.
   * `lost`: the lane was taken over.
   */
  finish(item: Item, deadLetter?: DeadLetter): Promise<Head | 'empty' | 'lost'>
  /** Erases the message that the event names from this lane and from the bot's dead letters. */
  eraseUnsent(event: UnsendEvent): Promise<void>
  /**
   * Gives the lane away in the middle of a run: every later write is refused, and a start that was counted is taken
   * back. False, and nothing is done, while a call is under way: whoever had the lane next would make it again.
   */
  leave(): Promise<boolean>
}

/** `lost`: the lane was taken over, stop at once. `erased`: the user took the message back, do no more for it. */
export type Amended = 'written' | 'lost' | 'erased'
const amended: readonly Amended[] = ['lost', 'written', 'erased']

export interface LaneOptions {
  bot: string
  lane: string
  /** Unique per run of the drain. */
  token: string
}

export function openLane(redis: RedisClient, { bot, lane, token }: LaneOptions): Lane {
  const keys = botKeys(bot)
  const own = [keys.lane(lane), keys.lanes, keys.owners, keys.starts]
  /** The start of the head is counted in Redis; a call is under way; the lane was given away. */
  let run = { counted: false, sending: false, left: false }
  const began = (reply: unknown): Head => {
    const head = headOf(reply)
    run = { ...run, counted: head.crashes === 0, sending: false }
    return head
  }
  return {
    take: async () => {
      if (run.left) return undefined
      const reply = await runScript(redis, takeScript, own, [lane, token])
      return reply === null ? undefined : began(reply)
    },
    start: async (item) => {
      const started = (await runScript(redis, startScript, own, [lane, token, item.id])) === 1
      if (started) run.counted = true
      return started
    },
    forgive: async (item) => {
      if (run.left) return
      run.counted = false
      await runScript(redis, forgiveScript, [keys.lane(lane), keys.starts], [lane, item.id])
    },
    amend: async (item, { orderly } = { orderly: false }) => {
      run.sending = [item.calls, ...item.pushes].flat().some(({ state }) => state === 'sending')
      if (orderly) run.counted = false
      const args = [lane, token, item.id, encodeItem(item), orderly ? 1 : 0]
      return amended[Number(await runScript(redis, amendScript, own, args))] ?? 'lost'
    },
    finish: async (item, deadLetter) => {
      const letter = deadLetter
        ? [deadLetter.id, JSON.stringify(deadLetter), deadLetter.parkedAt]
        : ['', '', 0]
      const reply = await runScript(
        redis,
        finishScript,
        [...own, keys.deadLetters, keys.deadLetterTimes, keys.items, keys.seen(item.id)],
        [lane, token, item.id, ...letter, endRecord(item, lane, deadLetter)],
      )
      if (reply === 0) return 'lost'
      return reply === 1 ? 'empty' : began(reply)
    },
    eraseUnsent: (event) => eraseUnsent(redis, { bot, lane, event }),
    leave: async () => {
      if (run.sending) return false
      run.left = true
      await runScript(redis, leaveScript, [keys.owners, keys.starts], [lane, token, run.counted ? 1 : 0])
      return true
    },
  }
}

function headOf(reply: unknown): Head {
  const [text, crashes] = reply as [string, number]
  return { item: decodeItem(text), crashes }
}
