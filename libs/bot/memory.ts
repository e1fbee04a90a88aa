import type { Event } from '#libs/contract'
import type { OfferedChoices } from './choices'
import type { Runtime } from './context'
import { readDelay } from './delay'
import type { DialogueRecord } from './dialogue-run'
import { toJson } from './json'

/** How a bot's sessions begin and end. */
export interface SessionOptions<S> {
  /**
   * The session of a conversation that has none. Must be JSON: no Date, no Map, no class. Called more than once per
   * event: a session that still is what it gives is not kept.
   */
  start: () => S
  /** Raise it when the shape changes. Default 1. */
  version?: number
  /** Makes a session of today out of one of another version. Without it such a session starts anew. */
  upgrade?: (old: unknown, version: number) => S
  /** Forgotten so long after the conversation's last event: `1h`, `7d`, milliseconds. Default and most: 30 days. */
  expires?: string | number
}

interface Kept {
  /** Unix milliseconds. */
  until: number
}

/** What Redis keeps of a conversation. */
interface Memory {
  session?: Kept & { version: number; value: unknown }
  dialogue?: Kept & DialogueRecord
  choices?: Kept & OfferedChoices
}

/** A conversation's memory in the hands of one run of a handler. */
export interface OpenMemory {
  session: unknown
  dialogue: DialogueRecord | undefined
  choices: OfferedChoices | undefined
  /** The conversation starts anew. */
  endSession(): void
  /** Keeps what changed. */
  save(): Promise<void>
}

const longest = '30d'
/** Of a dialogue and of offered choices. */
const dayMs = 86_400_000

/**
 * Reads what the conversation remembers. A bot that keeps nothing asks for nothing: `needed` says that it has more to
 * keep than a session.
 */
export async function openMemory(
  options: SessionOptions<unknown> | undefined,
  event: Event,
  runtime: Pick<Runtime, 'recall' | 'remember'>,
  needed = false,
): Promise<OpenMemory> {
  const reads = (options !== undefined || needed) && event.conversation.kind !== 'none'
  // A copy: a handler that fails changes nothing.
  const kept = reads ? structuredClone((await runtime.recall()) as Memory | undefined) : undefined
  const before = kept ? alive(kept, event.receivedAt) : {}
  const beforeJson = JSON.stringify(before)
  const memory: OpenMemory = {
    session: options && sessionOf(before, options),
    dialogue: before.dialogue,
    choices: before.choices,
    endSession: () => {
      memory.session = options?.start()
    },
    save: async () => {
      if (!reads) return
      const after = memoryOf(memory, options, JSON.parse(beforeJson) as Memory, event.receivedAt)
      if (JSON.stringify(after) === beforeJson) return
      const untils = Object.values(after).map(({ until }: Kept) => until)
      const ttlMs = Math.max(0, ...untils) - event.receivedAt
      await runtime.remember(untils.length > 0 ? after : undefined, ttlMs)
    },
  }
  return memory
}

/** What has not expired. The event's own time decides, so that every run of it sees the same. */
function alive(memory: Memory, now: number): Memory {
  const parts = Object.entries(memory) as [string, Kept][]
  return Object.fromEntries(parts.filter(([, { until }]) => until > now))
}

function sessionOf(memory: Memory, options: SessionOptions<unknown>): unknown {
  const { session } = memory
  if (!session) return options.start()
  if (session.version === (options.version ?? 1)) return session.value
  return options.upgrade ? options.upgrade(session.value, session.version) : options.start()
}

function memoryOf(
  memory: OpenMemory,
  options: SessionOptions<unknown> | undefined,
  before: Memory,
  now: number,
): Memory {
  const after: Memory = {}
  if (
    options &&
    toJson(memory.session, 'ctx.session') !== toJson(options.start(), 'The start of the session')
  ) {
    const lasts = readDelay(options.expires ?? longest, 'session.expires')
    const value = copyOf(memory.session, 'ctx.session')
    after.session = keep({ version: options.version ?? 1, value }, before.session, now, lasts)
  }
  if (memory.dialogue) {
    after.dialogue = keep(copyOf(memory.dialogue, 'The dialogue'), before.dialogue, now, dayMs)
  }
  if (memory.choices) after.choices = keep(copyOf(memory.choices, 'The choices'), before.choices, now, dayMs)
  return after
}

function copyOf<T>(value: T, what: string): T {
  return JSON.parse(toJson(value, what)) as T
}

/** With a new time to live; what did not change keeps its own until a tenth of that is over: that saves writes. */
function keep<T extends object>(
  value: T,
  before: (Kept & T) | undefined,
  now: number,
  lastsMs: number,
): Kept & T {
  if (before) {
    const same: Kept & T = { ...value, until: before.until }
    const sooner = before.until - now < 0.9 * lastsMs || before.until - now > lastsMs
    if (!sooner && JSON.stringify(sorted(same)) === JSON.stringify(sorted(before))) return before
  }
  return { ...value, until: now + lastsMs }
}

function sorted(value: object): [string, unknown][] {
  return Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
}
