import {
  type ApiRequest,
  type ApiResponse,
  type Event,
  HooklineError,
  type Message,
  type NativeMessage,
  type PlatformName,
  type PortableMessage,
  type Target,
} from '#libs/contract'
import { checkMessages } from '#libs/messages'
import { type PlatformCalls, platformCalls } from './portable-calls'
import { readDelay } from './delay'
import { toJson } from './json'
import type { OpenMemory } from './memory'
import type { PushVia } from './push-via'
import type { RunAbort } from './run-abort'

/** What a handler says: a text, or a message object; a native one only where the platform is known to be its own. */
export type Said<P extends PlatformName = PlatformName> = string | PortableMessage | NativeMessage<P>

/** What the runtime gives a handler, whatever the event. */
export interface Actions<P extends PlatformName = PlatformName, S = unknown> {
  /**
   * Answers the event. The messages of one run leave together when the handler returns, so the promise
   * resolves once they are noted, not when they are delivered. A handler that runs again because the
   * process died starts from nothing: what it noted before is not sent twice.
   * Rejects with `message_invalid` what the platform can't take, before anything is queued.
   */
  reply(...messages: Said<P>[]): Promise<void>
  /**
   * Sends at once, while the handler runs: for progress messages. To this conversation unless `to` names
   * another. Rejects when the platform does not take it: await it, else nobody learns of that but the log.
   * On LINE a push is billed.
   */
  push(message: Said<P> | Said<P>[], options?: { to?: Target }): Promise<void>
  /**
   * Has another bot of the configuration say something, also on another platform. Resolves when it is stored in that
   * bot's lane: then it is sent, in order, and once however often the handler runs for this event. Rejects with
   * `no_target` for a bot that is not configured and a target that its platform lacks, with `message_invalid` for what
   * that platform can't take.
   */
  pushVia(bot: string, message: Said | Said[], options: { to: Target }): Promise<void>
  /** The user's language (BCP 47) where the platform tells it: LINE, one-to-one. Never rejects. */
  language(): Promise<string | undefined>
  /**
   * Aborted when the handler's time limit is over, when the process must stop, and within about a second after the user
   * took the message back (LINE; then `signal.reason.code` is `unsent`). Pass it to your own calls.
   */
  signal: AbortSignal
  /** 1 for the first run of this event; higher after failures. */
  attempt: number
  /** What a pattern of `bot.hears`, or of the filter `data`, matched: there the type says that it is present. */
  match: RegExpMatchArray | undefined
  /**
   * What the conversation remembers. Change it in place or assign a new one; it is kept when the handler returns, and
   * stays as it was when the handler throws. JSON of at most 64 KiB: else the handler fails with `state_invalid`.
   */
  session: S
  /** Forgets the session: the conversation starts anew. */
  endSession(): void
  /** Starts the dialogue of that name: it asks its first question. One that is under way gives way. */
  start(dialogue: string, data?: unknown): Promise<void>
  /**
   * Runs the effect once for this event: when the handler runs again, what it resolved with the first time is given
   * back instead, as JSON. An effect that throws is not noted. A process that dies during the effect leaves it open
   * whether it was done. Replies, timers and changes of the session belong outside: a run that fails forgets them.
   */
  once<T>(key: string, effect: () => T | Promise<T>): Promise<T>
  /**
   * Sets a timer of this conversation: after the delay (`30s`, `10m`, `2h`, `3d`, milliseconds; at most 30 days) the
   * `timer:name` listener runs with `data` (JSON). It replaces a timer of the same name that is still waiting. Takes
   * effect when the handler returns, and not at all when it throws. Throws `state_invalid` for any other delay.
   */
  after(delay: string | number, name: string, data?: unknown): void
  /** Takes the timer of that name of this conversation back, also one whose time has come but that no handler has seen. */
  cancel(name: string): void
  /** Any call of the platform's API, inside its limits, with the bot's token. Rejects with `ApiError`. */
  api<Body = unknown>(request: ApiRequest): Promise<ApiResponse<Body>>
}

/** An event plus what can be done about it. Narrow it by `type` and by `platform`. */
export type Context<E extends Event = Event, P extends PlatformName = PlatformName, S = unknown> = P extends P
  ? E extends Event
    ? Omit<E, 'platform'> & { platform: P; event: E } & Actions<P, S> & PlatformCalls<P>
    : never
  : never

/** What the runtime does for a context; the worker and `testBot` each have one. @internal */
export interface Runtime {
  reply(messages: Message[]): void
  /** A reply or a push was refused. The handler hears of it too, if it waits for the promise. */
  refused(error: unknown): void
  /** Forgets the replies and timers noted so far: the handler threw. */
  discard(): void
  push(messages: Message[], to: Target | undefined): Promise<void>
  pushVia(push: PushVia): Promise<void>
  language(): Promise<string | undefined>
  abort: RunAbort
  attempt: number
  /** What the conversation remembered when this event came: the same on every run of it. JSON. */
  recall(): Promise<unknown>
  /** What it remembers from now on, for so long; `undefined` forgets. Written once, after the handler. */
  remember(memory: unknown, ttlMs: number): Promise<void>
  once(key: string, effect: () => unknown): Promise<unknown>
  setTimer(timer: TimerSetting): void
  cancelTimer(name: string): void
  call(request: ApiRequest): Promise<ApiResponse>
}

/** @internal */
export interface TimerSetting {
  name: string
  delayMs: number
  data?: unknown
}

/** What differs between two contexts of one event. */
export interface ContextParts {
  memory: OpenMemory
  start: (dialogue: string, data?: unknown) => Promise<void>
  match?: RegExpMatchArray
}

export function createContext(event: Event, runtime: Runtime, parts: ContextParts): Context {
  return new EventContext(event, runtime, parts) as unknown as Context
}

/**
 * What is asked for by name is on the prototype, because an object with accessors of its own takes ten times as long to
 * make. What is called is the object's own, so that it can be taken out of it: `({ reply }) => reply('…')`.
 */
class EventContext {
  readonly #abort: RunAbort
  readonly #parts: ContextParts
  readonly #calls: ReturnType<typeof platformCalls>
  match: RegExpMatchArray | undefined

  constructor(event: Event, runtime: Runtime, parts: ContextParts) {
    this.#abort = runtime.abort
    this.#parts = parts
    this.#calls = platformCalls(event, runtime)
    this.match = parts.match
    Object.assign(this, event, { event }, actionsOf(event, runtime, parts), this.#calls.portable)
  }
  get signal(): AbortSignal {
    return this.#abort.signal
  }
  get session(): unknown {
    return this.#parts.memory.session
  }
  set session(session: unknown) {
    this.#parts.memory.session = session
  }
  get line() {
    return this.#calls.native('line')
  }
  get lineworks() {
    return this.#calls.native('lineworks')
  }
  get tocaro() {
    return this.#calls.native('tocaro')
  }
}

function actionsOf(event: Event, runtime: Runtime, { memory, start }: ContextParts) {
  const { platform, conversation } = event
  return {
    reply: (...messages: Said[]) =>
      told(runtime, async () => {
        refuseNobody(event)
        const said = messages.map(toMessage)
        checkMessages(said, { platform, kind: conversation.kind })
        runtime.reply(said)
      }),
    push: (message: Said | Said[], options: { to?: Target } = {}) =>
      told(runtime, () => runtime.push([message].flat().map(toMessage), options.to)),
    pushVia: (bot: string, message: Said | Said[], { to }: { to: Target }) =>
      runtime.pushVia({ bot, messages: [message].flat().map(toMessage), to }),
    language: () => runtime.language(),
    attempt: runtime.attempt,
    endSession: () => memory.endSession(),
    start,
    once: (key: string, effect: () => unknown) => runtime.once(key, effect),
    after: (delay: string | number, name: string, data?: unknown) =>
      runtime.setTimer(timerOf(delay, name, data)),
    cancel: (name: string) => runtime.cancelTimer(name),
    api: (request: ApiRequest) => runtime.call(request),
  }
}

/** A handler that does not await what is refused must not end the process; then the runtime alone hears of it. */
function told(runtime: Runtime, work: () => Promise<void>): Promise<void> {
  const done = work()
  done.catch((error: unknown) => runtime.refused(error))
  return done
}

function timerOf(delay: string | number, name: string, data: unknown): TimerSetting {
  const delayMs = readDelay(delay, `The delay of the timer "${name}"`)
  if (data === undefined) return { name, delayMs }
  return { name, delayMs, data: JSON.parse(toJson(data, `The data of the timer "${name}"`)) as unknown }
}

/** A time of `bot.every` belongs to no conversation: said into the blue, an answer would be lost. */
function refuseNobody({ type, conversation }: Event): void {
  if (type !== 'timer' || conversation.kind !== 'none') return
  throw new HooklineError(
    'no_target',
    'A schedule has no conversation to reply to. Use ctx.push(message, { to: { kind, id } }).',
  )
}

function toMessage(said: Said): Message {
  return typeof said === 'string' ? { type: 'text', text: said } : said
}
