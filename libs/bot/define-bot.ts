import { type Event, type EventType, HooklineError, type TextEvent, eventTypes } from '#libs/contract'
import { type Context, type Runtime, createContext } from './context'

type EventOf<T extends EventType> = Extract<Event, { type: T }>
export type Handler<E extends Event = Event> = (context: Context<E>) => unknown

/** What a bot file gets to define its listeners. The first listener that fits an event handles it. */
export interface BotBuilder {
  /** Handles events of one type, or of several. */
  on<T extends EventType>(type: T | T[], handler: Handler<EventOf<T>>): void
  /** Handles a text: one that is equal (white space around it aside), or that matches the pattern. */
  hears(pattern: string | RegExp, handler: Handler<TextEvent>): void
  /** Handles every event that no other listener takes. */
  otherwise(handler: Handler): void
  /**
   * Called when a handler throws. Returning means that the event is dealt with, and its own replies are
   * sent instead; throwing (the same error, say) means: try the event again later.
   */
  catch(handler: (error: unknown, context: Context) => unknown): void
}

/** A bot, ready to be run by a worker or by `testBot`. */
export interface Bot {
  /** Handles one event; true when a listener took it. Throws what the handler throws. */
  handle(event: Event, runtime: Runtime): Promise<boolean>
}

interface Listener {
  /** The context for the handler, or undefined when the event is not for this listener. */
  accept: (context: Context) => Context | undefined
  handler: Handler
}

/** Defines a bot. The bot file exports it as its default. */
export function defineBot(setup: (bot: BotBuilder) => void): Bot {
  const listeners: Listener[] = []
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
    otherwise: (handler) => {
      otherwise = handler
    },
    catch: (handler) => {
      onError = handler
    },
  })

  const dispatch = async (context: Context): Promise<boolean> => {
    for (const { accept, handler } of listeners) {
      const accepted = accept(context)
      if (!accepted) continue
      await unlessAborted(handler(accepted), context.signal)
      return true
    }
    if (otherwise) await unlessAborted(otherwise(context), context.signal)
    return otherwise !== undefined
  }

  return {
    handle: async (event, runtime) => {
      try {
        return await dispatch(createContext(event, runtime))
      } catch (error) {
        if (!onError) throw error
        runtime.discardReplies()
        await onError(error, createContext(event, runtime))
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
  return match ? { ...context, match } : undefined
}

/** A handler that hangs counts as one that threw, from the moment its time limit is over. */
async function unlessAborted(work: unknown, signal: AbortSignal): Promise<void> {
  if (!isThenable(work)) return
  const { promise: aborted, stop } = whenAborted(signal)
  try {
    await Promise.race([work, aborted])
  } finally {
    stop()
  }
}

/** Not every promise is a native one: query builders of database libraries, for instance. */
function isThenable(work: unknown): work is PromiseLike<unknown> {
  return typeof work === 'object' && work !== null && 'then' in work && typeof work.then === 'function'
}

function whenAborted(signal: AbortSignal): { promise: Promise<never>; stop: () => void } {
  let stop: () => void = () => undefined
  const promise = new Promise<never>((_resolve, reject) => {
    const onAbort = () => reject(signal.reason as Error)
    signal.addEventListener('abort', onAbort, { once: true })
    stop = () => signal.removeEventListener('abort', onAbort)
  })
  return { promise, stop }
}
