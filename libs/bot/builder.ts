import { type Event, type PlatformName, type TextEvent, eventTypes, suggestion } from '#libs/contract'
import { checkFunction, checkName, invalidBot } from './check-names'
import type { Context } from './context'
import { type DefineDialogue, type Dialogues, createDialogues } from './dialogues'
import type { EventName, EventOf } from './event-of'
import { type AsyncLook, type Filter, type Matched, createFilter } from './filter'
import { type Look, createCommand, createHears } from './hears'
import { type Schedule, type ScheduleOptions, createSchedule } from './schedule'
import type { AnyCatch, AnyHandler, AnyMiddleware, Scope } from './scope'

/** Handles an event; `Found` is what its listener adds to the context, such as `match`. */
export type Handler<
  E extends Event = Event,
  P extends PlatformName = PlatformName,
  S = unknown,
  Found = unknown,
> = (context: Context<E, P, S> & Found) => unknown

/** Stands around the handlers: what is before `await next()` runs before them, what is after it runs after them. */
export type Middleware<P extends PlatformName = PlatformName, S = unknown> = (
  context: Context<Event, P, S>,
  next: () => Promise<void>,
) => unknown

/** Part of a bot, in a function of its own: `bot.include(orders)`. */
export type SubBot<S = unknown, P extends PlatformName = PlatformName> = (bot: BotBuilder<S, P>) => void

/**
 * What a bot file gets to define its listeners. The first listener that fits an event handles it, in the order in
 * which they stand in the file. Whatever does not exist is refused when the file is loaded, with
 * `bot_file_invalid` and the nearest right name.
 */
export interface BotBuilder<S = unknown, P extends PlatformName = PlatformName> {
  /**
   * Handles events of one type, or of several; `timer:NAME` is the timer of that name. A tap that LINE WORKS sends
   * as a text with data is offered to `postback` listeners first.
   */
  on<T extends EventName>(type: T | readonly T[], handler: Handler<EventOf<T>, P, S>): void
  /** The same, for the events that the filter lets through: `{ platform: 'line', in: 'group', mentioned: true }`. */
  on<T extends EventName, F extends P = P, D extends string | RegExp | undefined = undefined>(
    type: T | readonly T[],
    filter: Filter<EventOf<T>, F, S, D>,
    handler: Handler<EventOf<T>, F, S, Matched<D>>,
  ): void
  /**
   * Handles a text that is equal to one of the strings, white space around it aside, or that matches one of the
   * patterns. A mention of the bot in front may be there or not. `ctx.match` is the match.
   */
  hears(
    pattern: string | RegExp | readonly (string | RegExp)[],
    handler: Handler<TextEvent, P, S, { match: RegExpMatchArray }>,
  ): void
  hears<F extends P = P>(
    pattern: string | RegExp | readonly (string | RegExp)[],
    filter: Filter<TextEvent, F, S>,
    handler: Handler<TextEvent, F, S, { match: RegExpMatchArray }>,
  ): void
  /**
   * Handles the text `/name`, alone or with words behind it: `ctx.args`. Case does not count, the slash may be a
   * full-width one, and a mention of the bot may stand in front.
   */
  command(name: string | readonly string[], handler: Handler<TextEvent, P, S, { args: string[] }>): void
  command<F extends P = P>(
    name: string | readonly string[],
    filter: Filter<TextEvent, F, S>,
    handler: Handler<TextEvent, F, S, { args: string[] }>,
  ): void
  /**
   * Runs at the times of a cron expression (five fields, or six with seconds first), in a time zone. Nobody is there
   * to be answered: send with `ctx.push(…, { to })`.
   */
  every(cron: string, options: ScheduleOptions, handler: Handler<EventOf<'timer'>, P, S>): void
  /** Defines a dialogue, which `ctx.start(name)` starts. While it waits for an answer, messages are for it. */
  dialogue: DefineDialogue<S, P>
  /** Handles every event that no other listener takes. In a sub-bot: every event that its filter lets through. */
  otherwise(handler: Handler<Event, P, S>): void
  /**
   * Stands around all handlers of this bot, also where no listener fits. In a sub-bot: around its own listeners.
   * Several run in the order in which they were given.
   */
  use: (middleware: Middleware<P, S>) => void
  /** Puts the listeners of a sub-bot here, each behind the filter where there is one. */
  include(sub: SubBot<S, P>): void
  include<F extends P = P>(sub: SubBot<S, NoInfer<F>>, filter: Filter<Event, F, S>): void
  /** What was written for all platforms is good for one of them; the compiler does not see that by itself. */
  include(sub: SubBot<S>, filter?: Filter<Event, P, S>): void
  /**
   * Called when a handler throws. Returning means that the event is dealt with, and its own replies are
   * sent instead; throwing (the same error, say) means: try the event again later. The `catch` of a sub-bot comes
   * first; what that throws goes to the bot around it.
   */
  catch(handler: (error: unknown, context: Context<Event, P, S>) => unknown): void
}

/** Everything that `setup` said, gathered. Runs it at once. */
export function build(setup: unknown, who: string): WholeBot & { scope: Scope } {
  const whole: WholeBot = { schedules: [], dialogues: createDialogues() }
  return { ...whole, scope: buildScope(setup, who, whole) }
}

/** What a bot and its sub-bots have in common. */
interface WholeBot {
  schedules: Schedule[]
  dialogues: Dialogues
}

function buildScope(setup: unknown, who: string, whole: WholeBot): Scope {
  checkFunction(who, setup)
  const scope: Scope = { middleware: [], entries: [] }
  const result = (setup as (bot: object) => unknown)(strict(methodsOf(scope, whole)))
  if (typeof result === 'object' && result !== null && 'then' in result) {
    throw invalidBot(`The function of ${who} must not be async: load what it needs before defineBot.`)
  }
  return scope
}

type Given = readonly unknown[]

/** The builder's methods over arguments that no compiler may have seen. */
function methodsOf(
  scope: Scope,
  { schedules, dialogues }: WholeBot,
): Record<keyof BotBuilder, (...given: Given) => void> {
  const listen = (who: string, look: Look, given: Given) => {
    const [filter, handler] = given.length > 1 ? given : [undefined, given[0]]
    checkFunction(who, handler)
    scope.entries.push({ look: both(look, filter), handler: handler as AnyHandler })
  }
  return {
    on: (names, ...given) => {
      const filter = given.length > 1 ? given[0] : {}
      listen('bot.on', createOn(names, filter), given)
    },
    hears: (patterns, ...given) => listen('bot.hears', createHears(patterns), given),
    command: (names, ...given) => listen('bot.command', createCommand(names), given),
    every: (cron, options, handler) => {
      const schedule = createSchedule(cron, options)
      if (schedules.some(({ name }) => name === schedule.name)) {
        throw invalidBot(`There are two schedules "${schedule.name}". Give each bot.every a name of its own.`)
      }
      schedules.push(schedule)
      listen('bot.every', (context) => (isTimer(context, `every:${schedule.name}`) ? {} : undefined), [
        handler,
      ])
    },
    dialogue: (...given) => dialogues.define(...given),
    use: (middleware) => {
      checkFunction('bot.use', middleware)
      scope.middleware.push(middleware as AnyMiddleware)
    },
    include: (sub, ...given) => {
      const inner = buildScope(sub, 'bot.include', { schedules, dialogues })
      scope.entries.push({ look: both(() => ({}), given[0]), scope: inner })
    },
    otherwise: (handler) => {
      checkFunction('bot.otherwise', handler)
      if (scope.otherwise) throw invalidBot('bot.otherwise stands here twice; one would never run. Keep one.')
      scope.otherwise = handler as AnyHandler
    },
    catch: (handler) => {
      checkFunction('bot.catch', handler)
      scope.onError = handler as AnyCatch
    },
  }
}

/** First what the listener is for, then its filter. */
function both(look: Look, filter: unknown): AsyncLook {
  const filtered = filter === undefined ? undefined : createFilter(filter)
  return async (context) => {
    // What a listener before this one found is not this one's.
    delete (context as { args?: unknown }).args
    context.match = undefined
    const findings = look(context)
    if (!findings || !filtered) return findings
    const more = await filtered(Object.assign(context, findings))
    return more && { ...findings, ...more }
  }
}

function createOn(names: unknown, filter: unknown): Look {
  const list = Array.isArray(names) ? (names as unknown[]) : [names]
  for (const name of list) {
    if (typeof name === 'string' && /^timer:./s.test(name)) continue
    checkName('event type', name, [...eventTypes])
  }
  const wanted = new Set(list)
  checkFits(wanted, filter)
  return (context) => {
    const fits = wanted.has(context.type) || (context.type === 'timer' && wanted.has(`timer:${context.name}`))
    return fits ? {} : undefined
  }
}

/** A filter that can never be true is a mistake. */
function checkFits(types: ReadonlySet<unknown>, filter: unknown): void {
  if (typeof filter !== 'object' || filter === null) return
  if ('data' in filter && !types.has('postback'))
    throw invalidBot('The filter "data" is for postback events.')
  if ('mentioned' in filter && !types.has('text') && !types.has('messageEdited')) {
    throw invalidBot('The filter "mentioned" is for text events.')
  }
}

function isTimer(context: Context, name: string): boolean {
  return context.type === 'timer' && context.name === name
}

/** A builder on which a name that does not exist says so: `bot.hear(…)`. */
function strict(methods: Record<string, unknown>): object {
  return new Proxy(methods, {
    get: (target, name) => {
      if (typeof name === 'string' && !(name in target)) {
        throw invalidBot(`There is no bot.${name}. ${suggestion(name, Object.keys(methods))}`)
      }
      return Reflect.get(target, name) as unknown
    },
  })
}
