import {
  type Event,
  type EventType,
  HooklineError,
  type PlatformName,
  type TextEvent,
  eventTypes,
} from '#libs/contract'
import { type Context, type Runtime, withFields } from './context'
import { type DefineDialogue, createDialogues } from './dialogues'
import type { SessionOptions } from './memory'
import { playScene } from './scene'

type EventOf<T extends EventType> = Extract<Event, { type: T }>
export type Handler<E extends Event = Event, P extends PlatformName = PlatformName, S = undefined> = (
  context: Context<E, P, S>,
) => unknown

export interface BotOptions<S = undefined, P extends PlatformName = PlatformName> {
  /** Says that the bot serves this platform only: its handlers then need not look at `ctx.platform`. */
  platform?: P
  /** What `ctx.session` is. Without it there is none. */
  session?: SessionOptions<S>
}

/** A time at which the bot does something of its own accord. */
export interface Schedule {
  name: string
  cron: string
  /** IANA name. */
  timeZone: string
}

/** What a bot file gets to define its listeners. The first listener that fits an event handles it. */
export interface BotBuilder<S = undefined, P extends PlatformName = PlatformName> {
  /** Handles events of one type, or of several. */
  on<T extends EventType>(type: T | T[], handler: Handler<EventOf<T>, P, S>): void
  /** Handles a text: one that is equal (white space around it aside), or that matches the pattern. */
  hears(pattern: string | RegExp, handler: Handler<TextEvent, P, S>): void
  /** Defines a dialogue, which `ctx.start(name)` starts. While it waits for an answer, messages are for it. */
  dialogue: DefineDialogue<S, P>
  /** Handles every event that no other listener takes. */
  otherwise(handler: Handler<Event, P, S>): void
  /**
   * Called when a handler throws. Returning means that the event is dealt with, and its own replies are
   * sent instead; throwing (the same error, say) means: try the event again later.
   */
  catch(handler: (error: unknown, context: Context<Event, P, S>) => unknown): void
}

/** A bot, ready to be run by a worker or by `testBot`. */
export interface Bot {
  /** Handles one event; true when a listener took it. Throws what the handler throws. */
  handle(event: Event, runtime: Runtime): Promise<boolean>
  /** What `every` asked for; the worker keeps the clock. */
  schedules: readonly Schedule[]
  /** The only platform that it serves; all of them where there is none. */
  platform?: PlatformName
}

interface Listener {
  /** The context for the handler, or undefined when the event is not for this listener. */
  accept: (context: Context) => Context | undefined
  handler: Handler
}

/** Defines a bot. The bot file exports it as its default. */
export function defineBot(setup: (bot: BotBuilder) => void): Bot
export function defineBot<S = undefined, P extends PlatformName = PlatformName>(
  options: BotOptions<S, P>,
  setup: (bot: BotBuilder<S, P>) => void,
): Bot
export function defineBot(...given: [unknown, unknown?]): Bot {
  const [options, setup] = (given.length === 1 ? [{}, given[0]] : given) as [
    BotOptions<unknown>,
    (bot: BotBuilder) => void,
  ]
  const listeners: Listener[] = []
  const dialogues = createDialogues()
  let otherwise: Handler | undefined
  let onError: ((error: unknown, context: Context) => unknown) | undefined

  const listen = (accept: Listener['accept'], handler: unknown) => {
    if (typeof handler !== 'function') {
      throw new HooklineError('bot_file_invalid', `A listener needs a function, got ${typeof handler}.`)
    }
    listeners.push({ accept, handler: handler as Handler })
  }

  setup({
    on: (type, handler) => {
      const types = new Set<EventType>([type].flat())
      for (const each of types) if (!eventTypes.includes(each)) throw unknownType(each)
      listen((context) => (types.has(context.type) ? context : undefined), handler)
    },
    hears: (pattern, handler) => listen((context) => hear(pattern, context), handler),
    dialogue: dialogues.define,
    otherwise: (handler) => {
      otherwise = handler
    },
    catch: (handler) => {
      onError = handler
    },
  })

  const dispatch = async (context: Context, take: () => Promise<boolean>): Promise<boolean> => {
    if (await unlessAborted(take(), context.signal)) return true
    for (const { accept, handler } of listeners) {
      const accepted = accept(context)
      if (!accepted) continue
      await unlessAborted(handler(accepted), context.signal)
      return true
    }
    if (otherwise) await unlessAborted(otherwise(context), context.signal)
    return otherwise !== undefined
  }

  const state = { ...options, dialogues }
  return {
    schedules: [],
    ...(options.platform === undefined ? {} : { platform: options.platform }),
    handle: async (event, runtime) => {
      try {
        return await playScene(state, { event, runtime }, dispatch)
      } catch (error) {
        const answer = onError
        if (!answer) throw error
        runtime.discard()
        await playScene(state, { event, runtime }, async (context) => answer(error, context))
        return true
      }
    },
  }
}

function unknownType(type: string): HooklineError {
  return new HooklineError(
    'bot_file_invalid',
    `There is no event type "${type}". There are: ${eventTypes.join(', ')}.`,
  )
}

function hear(pattern: string | RegExp, context: Context): Context | undefined {
  if (context.type !== 'text') return undefined
  if (typeof pattern === 'string') return context.text.trim() === pattern ? context : undefined
  const match = new RegExp(pattern.source, pattern.flags.replace(/[gy]/g, '')).exec(context.text)
  return match ? withFields(context, { match }) : undefined
}

/** A handler that hangs counts as one that threw, from the moment its time limit is over. */
async function unlessAborted<T>(work: T, signal: AbortSignal): Promise<Awaited<T> | undefined> {
  if (!isThenable(work)) return undefined
  const { promise: aborted, stop } = whenAborted(signal)
  try {
    return await Promise.race([work, aborted])
  } finally {
    stop()
  }
}

/** Not every promise is a native one: query builders of database libraries, for instance. */
function isThenable<T>(work: T): work is T & PromiseLike<Awaited<T>> {
  return typeof work === 'object' && work !== null && 'then' in work && typeof work.then === 'function'
}

function whenAborted(signal: AbortSignal): { promise: Promise<never>; stop: () => void } {
  let stop: () => void = () => undefined
  const promise = new Promise<never>((_resolve, reject) => {
    const onAbort = () => reject(signal.reason as Error)
    if (signal.aborted) onAbort()
    signal.addEventListener('abort', onAbort, { once: true })
    stop = () => signal.removeEventListener('abort', onAbort)
  })
  return { promise, stop }
}
