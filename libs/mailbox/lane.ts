import type { UnsendEvent } from '#libs/contract'
import { metaKey } from './bots'
import type { DeadLetter } from './dead-letters'
import { type Item, type TimerChange, callsOf, decodeItem, encodeItem, encodeProgress } from './item'
import { botKeys } from './keys'
import { endRecord } from './push-record'
import { type RedisClient, runScript } from '#libs/redis'
import {
  amendScript,
  finishScript,
  forgiveScript,
  leaveScript,
  startScript,
  takeScript,
  timersScript,
} from './scripts'
import { type StoryAs, storyOf, storyPieces } from './story-of'
import { type Timeline, timelineMs } from './timeline'
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
  amend(item: Item, how?: Amendment): Promise<Amended>
  /** What the conversation remembers: JSON. */
  recall(): Promise<unknown>
  /** Makes the item's timer changes those that count; tells which timers counted before. `lost` as above. */
  setTimers(item: Item, changes: readonly TimerChange[]): Promise<string[] | 'lost'>
  /** Whether a timer with this id is the one of its name that counts. */
  isCurrentTimer(name: string, id: string): Promise<boolean>
  /**
   * Removes the head, as a dead letter where one is given, and reads the next, which counts as started.
   * `lost`: the lane was taken over. `paused`: there is a next one, but the bot is to rest. Where the bot keeps
   * timelines its story is written with it; `why` it was ignored is a part of that.
   */
  finish(item: Item, deadLetter?: DeadLetter, why?: string): Promise<Head | 'empty' | 'lost' | 'paused'>
  /** Whether the user took this message back. */
  isUnsent(messageId: string): Promise<boolean>
  /** Erases the message that the event names from this lane and from the bot's dead letters. */
  eraseUnsent(event: UnsendEvent): Promise<void>
  /**
   * Gives the lane away in the middle of a run: every later write is refused, and a start that was counted is taken
   * back. False, and nothing is done, while a call is under way: whoever had the lane next would make it again.
   */
  leave(): Promise<boolean>
}

export interface Amendment {
  orderly?: boolean
  /** What the conversation remembers from now on; `undefined` forgets. Written together with the item, or not at all. */
  memory?: { value: unknown; ttlMs: number }
}

/** `lost`: the lane was taken over, stop at once. `erased`: the user took the message back, do no more for it. */
export type Amended = 'written' | 'lost' | 'erased'
const amended: readonly Amended[] = ['lost', 'written', 'erased']
const needsWhole = 3

export interface LaneOptions {
  bot: string
  lane: string
  /** Unique per run of the drain. */
  token: string
  /** What is kept of items that have ended; left out: nothing. */
  timeline?: Timeline
}

/** Longer than any delay, and than any lane may be stuck. */
const timersTtlMs = 90 * 86_400_000

export function openLane(redis: RedisClient, { bot, lane, token, timeline }: LaneOptions): Lane {
  const keys = botKeys(bot)
  const own = [keys.lane(lane), keys.lanes, keys.owners, keys.starts]
  const ofStories = [keys.stories, keys.storyTimes, keys.conversations]
  const ofFinish = [...own, keys.items, metaKey(bot), ...ofStories]
  /** The start of the head is counted in Redis, as the only one; a call is under way; the lane was given away. */
  const run = { counted: false, startedOnce: false, sending: false, left: false }
  const began = (reply: unknown): Head => {
    const head = headOf(reply)
    run.counted = run.startedOnce = head.crashes === 0
    run.sending = false
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
    amend: async (item, { orderly = false, memory } = {}) => {
      run.sending = callsOf(item).some(({ state }) => state === 'sending')
      if (orderly) run.counted = false
      const rest: (string | number)[] = [orderly ? 1 : 0]
      if (memory) rest.push(memory.ttlMs, memory.value === undefined ? '' : JSON.stringify(memory.value))
      const write = (text: string) =>
        runScript(redis, amendScript, [...own, keys.memory(lane)], [lane, token, item.id, text, ...rest])
      let reply = await write(encodeProgress(item))
      if (reply === needsWhole) reply = await write(encodeItem(item))
      return amended[Number(reply)] ?? 'lost'
    },
    recall: async () => {
      const json = await redis.get(keys.memory(lane))
      return json === null ? undefined : (JSON.parse(json) as unknown)
    },
    setTimers: async (item, changes) => {
      const args = [lane, token, item.id, timersTtlMs]
      for (const { name, set } of changes) args.push(name, set?.id ?? '')
      const before = await runScript(redis, timersScript, [...own, keys.timers(lane)], args)
      return before === 0 ? 'lost' : (before as string[])
    },
    isCurrentTimer: async (name, id) => (await redis.hget(keys.timers(lane), name)) === id,
    finish: async (item, deadLetter, why) => {
      const rest = restOf(item, { keys, lane, deadLetter })
      const counted = run.counted && run.startedOnce ? 1 : 0
      const story = storyArgs(item, { keys, lane, timeline, deadLetter, why })
      const reply = await runScript(
        redis,
        finishScript,
        [...ofFinish, ...rest.keys],
        [lane, token, item.id, counted, ...story, ...rest.args],
      )
      if (reply === 0) return 'lost'
      if (reply === 1) return 'empty'
      return reply === 2 ? 'paused' : began(reply)
    },
    isUnsent: async (messageId) => (await redis.exists(keys.unsent(messageId))) === 1,
    eraseUnsent: (event) => eraseUnsent(redis, { bot, lane, event }),
    leave: async () => {
      if (run.sending) return false
      run.left = true
      await runScript(redis, leaveScript, [keys.owners, keys.starts], [lane, token, run.counted ? 1 : 0])
      return true
    },
  }
}

interface End {
  keys: ReturnType<typeof botKeys>
  lane: string
  timeline: Timeline | undefined
  deadLetter: DeadLetter | undefined
  why: string | undefined
}

/** What the script needs to keep the item's story: nothing where the bot keeps none. */
function storyArgs(item: Item, { keys, lane, timeline, deadLetter, why }: End): (string | number)[] {
  if (!timeline || timeline.keep === 'none') return ['', '', '', 0, 0, '', 0]
  const endedAt = deadLetter?.parkedAt ?? Date.now()
  const reason = deadLetter?.reason ?? why
  const as: StoryAs = { lane, keep: timeline.keep, state: deadLetter ? 'parked' : 'done', endedAt }
  if (reason !== undefined) as.reason = reason
  if (deadLetter) as.deadLetter = deadLetter.id
  const { bare, said, unsaid } = storyPieces(storyOf(item, as))
  return [bare, said, unsaid, endedAt, timeline.items, keys.storyOf(''), timelineMs(timeline)]
}

/** What the script needs for a dead letter, and for the record of a push: of most items nothing. */
function restOf(item: Item, { keys, lane, deadLetter }: Pick<End, 'keys' | 'lane' | 'deadLetter'>) {
  const record = endRecord(item, lane, deadLetter)
  if (!deadLetter && record === '') return { keys: [], args: [] }
  const letter = deadLetter ? [deadLetter.id, JSON.stringify(deadLetter), deadLetter.parkedAt] : ['', '', 0]
  return {
    keys: [keys.deadLetters, keys.deadLetterTimes, keys.seen(item.id)],
    args: [...letter, record],
  }
}

function headOf(reply: unknown): Head {
  const [text, crashes] = reply as [string, number]
  return { item: decodeItem(text), crashes }
}
