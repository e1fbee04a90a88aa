import { createHash } from 'node:crypto'
import type { Call, Entry, Step } from '#libs/contract'

/** One try that did not end well, for the dead letter's story. */
export interface Attempt {
  /** Unix milliseconds. */
  at: number
  step: 'handler' | 'send'
  code: string
  /** What failed, in words; of a platform its own. No secret. */
  words: string
  status?: number
  /** The platform's id of the request, for its support. */
  requestId?: string
}

/**
 * A call and how far it got. `sending` is written before the call is made: found after a crash it means
 * that the platform may have done it. `dropped`: a reply too late to be sent, which a replay gave up. `uncertain`: made at least once with an unknown outcome.
 */
export interface PlannedCall extends Call {
  state: 'waiting' | 'sending' | 'sent' | 'dropped'
  uncertain?: boolean
  /** A try of it got no answer at all, neither yes nor no. */
  unanswered?: boolean
}

/** A timer of the conversation that is set, or with no `set` taken back. */
export interface TimerChange {
  name: string
  set?: {
    id: string
    /** Unix milliseconds. */
    at: number
    data?: unknown
  }
}

/** One entry of a lane: an event to handle and, once handled, the messages to send; or a push, which only has those. */
export interface Item<E extends Entry = Entry> {
  /** The user took the message back: what was said is gone. Stands first, for the scripts to see. */
  erased?: true
  /** From the event's key; one word. */
  id: string
  /** Unix milliseconds. */
  postedAt: number
  event: E
  /** A try of it was made; what it waited is told. */
  begun?: true
  /** The handler returned, or the push was planned: that is not done again for this item. */
  handled: boolean
  /** What the handler pushed while it ran, one entry per push. */
  pushes: PlannedCall[][]
  /** By which the handler's next run knows each of its pushes again. */
  pushNames?: string[]
  /** The replies, or what the push sends, in order. */
  calls: PlannedCall[]
  /** What `ctx.once` must not do again. */
  once?: Record<string, { value?: unknown }>
  /** Timers that the handler set and took back, until they are. */
  timers?: TimerChange[]
  /** Of a push: how many of the platform's messages each of its messages became. */
  parts?: number[]
  /** Why the last try ended before its time and when the next one begins (Unix ms); gone while one is under way. */
  waits?: { reason: string; until: number }
  /** Failed tries; their number is what the retry budget counts. */
  attempts: Attempt[]
  /** Number of failed tries, including those no longer listed. */
  failures: number
  /** Set by a replay: what becomes of replies whose token has run out, whatever the bot's setting. */
  lateReplies?: 'push' | 'drop'
  /** How often this came back from the dead letters. */
  replays?: number
  /** When it came into its lane first, where a replay put it there again: Unix milliseconds. */
  storedAt?: number
  /** What took place since it was stored; absent where the bot keeps no timelines. */
  steps?: Step[]
  /** W3C trace context of what brought it; absent where traces are off. */
  traceparent?: string
}

const listedAttempts = 30
/** An item waits in Redis with its steps, so these are few: the first and the latest. */
const listedSteps = { first: 10, all: 60 }

/** The event's key, or a hash of one that is no single short word: the platform's ids are not ours to trust. */
function itemId({ key }: Entry): string {
  return /^[\x21-\x7e]{1,128}$/.test(key) ? key : createHash('sha256').update(key).digest('hex')
}

export function newItem(event: Entry, postedAt: number, traceparent?: string): Item {
  return {
    ...(traceparent === undefined ? {} : { traceparent }),
    id: itemId(event),
    postedAt,
    event,
    handled: false,
    pushes: [],
    calls: [],
    attempts: [],
    failures: 0,
  }
}

/** Everything that is said for the item, in the order in which it is sent. */
export function callsOf({ pushes, calls }: Item): PlannedCall[] {
  return pushes.length === 0 ? calls : [...pushes.flat(), ...calls]
}

/** Adds a failed try; only the first and the latest are listed, so that an item can't grow for ever. */
export function addAttempt(item: Item, attempt: Attempt): void {
  item.failures += 1
  item.attempts.push(attempt)
  if (item.attempts.length > listedAttempts) item.attempts.splice(1, 1)
}

/** Adds a step; one that is not over yet may be changed later. */
export function addStep(item: Item, step: Step): void {
  const steps = (item.steps ??= [])
  steps.push(step)
  if (steps.length > listedSteps.all) steps.splice(listedSteps.first, 1)
}

/**
 * `id postedAt json`: the scripts read id and time without decoding the rest. The event stands last and behind a line feed,
 * which is nowhere else in it: what is written again with each step is only what stands before that.
 */
export function encodeItem(item: Item): string {
  return `${encodeProgress(item)}\n,"event":${toJson(item.event)}}`
}

/** What happened to an item: the beginning of its text, up to the line feed. */
export function encodeProgress({ event: _event, ...progress }: Item): string {
  return `${progress.id} ${progress.postedAt} ${JSON.stringify(progress).slice(0, -1)}`
}

/** JSON can be parsed deeper than it can be written; such a `raw` is left out, not the event. */
function toJson(event: Entry): string {
  try {
    return JSON.stringify(event)
  } catch {
    return JSON.stringify({ ...event, raw: '[nested too deeply to be kept]' })
  }
}

export function decodeItem(text: string): Item {
  const json = text.indexOf(' ', text.indexOf(' ') + 1) + 1
  const item = JSON.parse(text.slice(json)) as Item
  return item.erased ? inPlace(item, text) : item
}

/** A tombstone is written by a script that knows only the id and the time of the item whose place it takes. */
function inPlace(item: Item, text: string): Item {
  const [id = '', postedAt] = text.split(' ', 2)
  return { ...item, id, postedAt: Number(postedAt), event: { ...item.event, key: id } }
}

/** What stays of an item whose message was taken back: when and where, not what. */
export function erasedItem(item: Item): Item {
  const { id, postedAt, event, attempts, failures, traceparent, steps } = item
  const { key, platform, bot, conversation, userId, occurredAt, receivedAt } = event
  const user = userId === undefined ? {} : { userId }
  return {
    erased: true,
    ...(traceparent === undefined ? {} : { traceparent }),
    id,
    postedAt,
    event: {
      ...{ key, platform, bot, conversation, ...user, occurredAt, receivedAt },
      ...{ type: 'text', text: '', raw: null },
    },
    handled: true,
    pushes: [],
    calls: [],
    // A handler's error may quote the user.
    attempts: attempts.map((attempt) => ({ ...attempt, words: '' })),
    failures,
    ...(steps ? { steps } : {}),
  }
}
