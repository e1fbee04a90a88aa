import type { Event } from '#libs/contract'
import type { Runtime } from './context'

/** How a bot's sessions begin and end. */
export interface SessionOptions<S> {
  /** The session of a conversation that has none. */
  start: () => S
  /** Raise it when the shape changes. Default 1. */
  version?: number
  /** Makes a session of today out of one of an older version. Without it such a session starts anew. */
  upgrade?: (old: unknown, version: number) => S
}

/** What Redis keeps of a conversation. */
interface Memory {
  session?: { version: number; value: unknown }
}

/** A conversation's memory in the hands of one run of a handler. */
export interface OpenMemory {
  session: unknown
  /** Keeps what changed. */
  save(): Promise<void>
}

const ttlMs = 30 * 24 * 3_600_000

const nothing: OpenMemory = { session: undefined, save: async () => undefined }

/** Reads what the conversation remembers; a bot without sessions remembers nothing and asks for nothing. */
export async function openMemory<S>(
  options: SessionOptions<S> | undefined,
  event: Event,
  runtime: Runtime,
): Promise<OpenMemory> {
  if (!options || event.conversation.kind === 'none') return { ...nothing, session: options?.start() }
  const { version = 1 } = options
  const memory = (await runtime.recall()) as Memory | undefined
  const session = sessionOf(memory, { ...options, version })
  const before = JSON.stringify(session)
  return {
    session,
    save: async () => {
      if (JSON.stringify(session) === before) return
      await runtime.remember({ session: { version, value: session } } satisfies Memory, ttlMs)
    },
  }
}

function sessionOf<S>(memory: Memory | undefined, options: SessionOptions<S> & { version: number }): S {
  const kept = memory?.session
  if (!kept) return options.start()
  if (kept.version === options.version) return kept.value as S
  return options.upgrade?.(kept.value, kept.version) ?? options.start()
}
