import type { Event, Message, Target } from '#libs/contract'

/** What a handler says: a text, or a message object. */
export type Said = string | Message

/** What the runtime gives a handler, whatever the event. */
export interface Actions {
  /** The event itself; its fields are also on the context. */
  event: Event
  /**
   * Answers the event. The messages of one run leave together when the handler returns, so the promise
   * resolves once they are noted, not when they are delivered. A handler that runs again because the
   * process died starts from nothing: what it noted before is not sent twice.
   */
  reply(...messages: Said[]): Promise<void>
  /**
   * Sends at once, while the handler runs: for progress messages. To this conversation unless `to` names
   * another. Rejects when the platform does not take it: await it, else nobody learns of that but the log.
   * On LINE a push is billed.
   */
  push(message: Said | Said[], options?: { to?: Target }): Promise<void>
  /** The user's language (BCP 47) where the platform tells it: LINE, one-to-one. Never rejects. */
  language(): Promise<string | undefined>
  /** Aborted when the handler's time limit is over or the process must stop. Pass it to your own calls. */
  signal: AbortSignal
  /** 1 for the first run of this event; higher after failures. */
  attempt: number
  /** What a `hears` pattern matched. */
  match: RegExpMatchArray | undefined
}

/** An event plus what can be done about it. Narrow it by `type`. */
export type Context<E extends Event = Event> = E extends Event
  ? Omit<Actions, 'event'> & E & { event: E }
  : never

/** What the runtime does for a context; the worker and `testBot` each have one. */
export interface Runtime {
  reply(messages: Message[]): void
  /** Forgets the replies noted so far: the handler threw. */
  discardReplies(): void
  push(messages: Message[], to: Target | undefined): Promise<void>
  language(): Promise<string | undefined>
  signal: AbortSignal
  attempt: number
}

export function createContext(event: Event, runtime: Runtime): Context {
  return {
    ...event,
    event,
    reply: async (...messages: Said[]) => runtime.reply(messages.map(toMessage)),
    push: (message: Said | Said[], options: { to?: Target } = {}) =>
      runtime.push([message].flat().map(toMessage), options.to),
    language: () => runtime.language(),
    signal: runtime.signal,
    attempt: runtime.attempt,
    match: undefined,
  } as Context
}

function toMessage(said: Said): Message {
  return typeof said === 'string' ? { type: 'text', text: said } : said
}
