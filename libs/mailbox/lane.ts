import type { Redis } from 'ioredis'
import type { DeadLetter } from './dead-letters'
import { type Item, decodeItem, encodeItem } from './item'
import { botKeys } from './keys'
import { amendScript, finishScript, runScript, startScript, takeScript } from './scripts'

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
  /**
   * Writes what happened to the head so far; `orderly` when this try of it is over. False: the lane was
   * taken over, stop at once.
   */
  amend(item: Item, how?: { orderly: boolean }): Promise<boolean>
  /** Removes the head, as a dead letter where one is given. `lost`: the lane was taken over. */
  finish(item: Item, deadLetter?: DeadLetter): Promise<Head | 'empty' | 'lost'>
}

export interface LaneOptions {
  bot: string
  lane: string
  /** Unique per run of the drain. */
  token: string
}

export function openLane(redis: Redis, { bot, lane, token }: LaneOptions): Lane {
  const keys = botKeys(bot)
  const own = [keys.lane(lane), keys.lanes, keys.owners, keys.starts]
  return {
    take: async () => {
      const reply = await runScript(redis, takeScript, own, [lane, token])
      return reply === null ? undefined : headOf(reply)
    },
    start: async (item) => (await runScript(redis, startScript, own, [lane, token, item.id])) === 1,
    amend: async (item, { orderly } = { orderly: false }) => {
      const args = [lane, token, item.id, encodeItem(item), orderly ? 1 : 0]
      return (await runScript(redis, amendScript, own, args)) === 1
    },
    finish: async (item, deadLetter) => {
      const letter = deadLetter
        ? [deadLetter.id, JSON.stringify(deadLetter), deadLetter.parkedAt]
        : ['', '', 0]
      const reply = await runScript(
        redis,
        finishScript,
        [...own, keys.deadLetters, keys.deadLetterTimes],
        [lane, token, item.id, ...letter],
      )
      if (reply === 0) return 'lost'
      return reply === 1 ? 'empty' : headOf(reply)
    },
  }
}

function headOf(reply: unknown): Head {
  const [text, crashes] = reply as [string, number]
  return { item: decodeItem(text), crashes }
}
