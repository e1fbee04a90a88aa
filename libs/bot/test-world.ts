import { Readable } from 'node:stream'
import type {
  ApiRequest,
  ApiResponse,
  Conversation,
  Event,
  Message,
  PlanRequest,
  PlatformName,
  Sender,
  Target,
} from '#libs/contract'
import { ApiError, HooklineError } from '#libs/contract'
import type { Runtime, TimerSetting } from './context'
import type { Bot } from './define-bot'
import { openMemory } from './memory'
import { type BotPlatforms, checkPushVia } from './push-via'
import { abortOf } from './run-abort'
import { Unsent } from './unsent'
import type { Shown } from './offered'
import { dueAfter } from './schedule'

/** A message that left the bot. */
export interface Sent extends Shown {
  kind: 'reply' | 'push'
  /** Where the event was that the bot was handling. */
  from: Conversation
  /** Where it went; undefined for a push to the conversation of the event. */
  to: Target | undefined
  /** The other bot that says it: `ctx.pushVia`. */
  via?: string
}

/** A timer that a handler has set. */
export interface TestTimer {
  name: string
  data?: unknown
  conversation: Conversation
  /** Unix milliseconds, by the clock of the test. */
  dueAt: number
}

/** A call of the platform's API that a handler made. */
export type TestCall = ApiRequest

/** What `chat.answers` is given: the body of the answer, an error, or a function of the call that gives either. */
export type Answer = object | string | number | boolean | null | Error | ((call: ApiRequest) => unknown)

/** One event and all that must be the same when it is run again. */
interface Run {
  event: Event
  memory: unknown
  once: Map<string, unknown>
  pushed: number
  failures: number
  /** What the last run of it said. */
  sent: Sent[]
}

export interface WorldOptions {
  bot: Bot
  platform: PlatformName
  language: string | undefined
  now: number
  senderOf: (platform: PlatformName) => Pick<Sender, 'plan'>
  /** The other bots of the configuration. */
  bots: BotPlatforms
  /** Tells that messages left, or were taken back. */
  onChange: () => void
}

/** Everything around the bot that a test can see: what was said, remembered, set and called. */
export class TestWorld {
  readonly sent: Sent[] = []
  readonly calls: TestCall[] = []
  now: number
  private readonly memories = new Map<string, { memory: unknown; expiresAt: number }>()
  private readonly sessions = new Map<string, unknown>()
  private readonly waiting = new Map<string, TestTimer & { userId: string | undefined }>()
  private readonly answers = new Map<string, Answer>()
  private readonly firedAt = new Map<string, number>()
  private readonly underWay = new Map<string, { abort: AbortController; ended: Promise<void> }>()
  private last: Run | undefined

  constructor(private readonly options: WorldOptions) {
    this.now = options.now
  }

  get timers(): TestTimer[] {
    return [...this.waiting.values()]
      .map(({ userId: _userId, ...timer }) => timer)
      .sort((a, b) => a.dueAt - b.dueAt)
  }

  sessionOf(conversation: Conversation): unknown {
    const key = keyOf(conversation)
    return this.sessions.has(key) ? this.sessions.get(key) : this.options.bot.session?.start()
  }

  answer(route: string, answer: Answer): void {
    this.answers.set(route.trim().replace(/\s+/, ' '), answer)
  }

  /** Runs the bot over an event. Rejects with what the handler throws. */
  async handle(event: Event): Promise<void> {
    if (event.type === 'unsend') await this.takeBack(event.messageId)
    const memory = this.recall(event.conversation)
    this.last = { event, memory, once: new Map(), pushed: 0, failures: 0, sent: [] }
    await this.run(this.last)
  }

  /** The message's handler, if it still runs, is aborted and answers nothing; the unsend event comes after it. */
  private async takeBack(messageId: string): Promise<void> {
    const running = this.underWay.get(messageId)
    running?.abort.abort(new Unsent())
    await running?.ended
  }

  /** Runs the last event again, as after a crash: its replies had not left, its pushes had. */
  async repeat(): Promise<void> {
    const run = this.last
    if (!run) throw misuse('There is no event to repeat yet. Let something happen first: chat.says(…).')
    const replies = new Set(run.sent.filter(({ kind }) => kind === 'reply'))
    this.sent.splice(0, Infinity, ...this.sent.filter((sent) => !replies.has(sent)))
    this.options.onChange()
    await this.run(run)
  }

  /** Lets the time go by: timers and schedules that come due run, the earliest first. */
  async pass(ms: number): Promise<void> {
    const end = this.now + ms
    for (let due = this.nextDue(end); due; due = this.nextDue(end)) {
      this.now = due.at
      await this.handle(due.take())
    }
    this.now = end
  }

  private async run(run: Run): Promise<void> {
    const abort = new AbortController()
    const messageId = 'messageId' in run.event ? run.event.messageId : undefined
    const running = this.tryRun(run, abort.signal)
    if (messageId === undefined || run.event.type === 'unsend') return running
    this.underWay.set(messageId, { abort, ended: running.catch(() => undefined) })
    await running.finally(() => this.underWay.delete(messageId))
  }

  private async tryRun(run: Run, signal: AbortSignal): Promise<void> {
    const { event } = run
    const replies: Message[] = []
    const timers: (() => void)[] = []
    const unanswered: Error[] = []
    const runtime = this.runtimeFor(run, { replies, timers, unanswered, signal })
    run.sent = []
    try {
      await this.options.bot.handle(event, runtime)
    } catch (error) {
      if (signal.aborted) return
      run.failures += 1
      throw unanswered[0] ?? error
    }
    // Whatever the bot made of it: the test is not what it was meant to be.
    if (unanswered[0]) throw unanswered[0]
    if (signal.aborted) return
    for (const set of timers) set()
    const { session } = await openMemory(this.options.bot.session, event, {
      ...runtime,
      recall: async () => this.recall(event.conversation),
    })
    this.sessions.set(keyOf(event.conversation), session)
    for (const message of replies) this.note(run, { kind: 'reply', message, to: undefined })
  }

  private runtimeFor(
    run: Run,
    noted: {
      replies: Message[]
      timers: (() => void)[]
      /** Calls that the test gave no answer for. */
      unanswered: Error[]
      signal: AbortSignal
    },
  ): Runtime {
    const { event } = run
    let pushes = 0
    /** What an earlier run pushed was sent: the n-th push of this run is the n-th of that one. */
    const isNew = () => {
      pushes += 1
      if (pushes <= run.pushed) return false
      run.pushed = pushes
      return true
    }
    return {
      refused: () => undefined,
      reply: (messages) => {
        this.senderOf().plan({ kind: 'reply', event, messages })
        noted.replies.push(...messages)
      },
      discard: () => {
        noted.replies.splice(0)
        noted.timers.splice(0)
      },
      push: async (messages, to) => {
        noted.signal.throwIfAborted()
        this.senderOf().plan({ kind: 'push', target: to ?? targetOf(event), messages })
        if (!isNew()) return
        for (const message of messages) this.note(run, { kind: 'push', message, to })
      },
      pushVia: async ({ bot: via, messages, to }) => {
        noted.signal.throwIfAborted()
        checkPushVia({ bot: via, messages, to }, this.options.bots)
        if (!isNew()) return
        for (const message of messages) this.note(run, { kind: 'push', message, to, via })
      },
      language: async () => this.options.language,
      abort: abortOf(noted.signal),
      attempt: run.failures + 1,
      recall: async () => copy(run.memory),
      remember: async (memory, ttlMs) => this.remember(event.conversation, memory, ttlMs),
      once: async (key, effect) => {
        if (!run.once.has(key)) run.once.set(key, copy(await effect()))
        return copy(run.once.get(key))
      },
      setTimer: (timer) => void noted.timers.push(() => this.setTimer(event, timer)),
      cancelTimer: (name) => void noted.timers.push(() => void this.waiting.delete(timerKey(event, name))),
      call: async (request) => this.call(request, noted.unanswered),
    }
  }

  private note(run: Run, { kind, message, to, via }: Pick<Sent, 'kind' | 'message' | 'to' | 'via'>): void {
    const { event } = run
    const request: PlanRequest =
      kind === 'reply'
        ? { kind, event, messages: [message] }
        : { kind, target: to ?? targetOf(event), messages: [message] }
    const rendered = this.senderOf(via)
      .plan(request)
      .flatMap(({ messages }) => messages)
    const other = via === undefined ? {} : { via }
    const sent: Sent = { kind, message, to, ...other, from: event.conversation, rendered }
    run.sent.push(sent)
    this.sent.push(sent)
    this.options.onChange()
  }

  /** Of this bot, or of another one. */
  private senderOf(via?: string): Pick<Sender, 'plan'> {
    const { senderOf, bots, platform } = this.options
    return senderOf((via === undefined ? undefined : bots.get(via)) ?? platform)
  }

  private recall(conversation: Conversation): unknown {
    const kept = this.memories.get(keyOf(conversation))
    return kept && kept.expiresAt > this.now ? copy(kept.memory) : undefined
  }

  private remember(conversation: Conversation, memory: unknown, ttlMs: number): void {
    if (memory === undefined) this.memories.delete(keyOf(conversation))
    else this.memories.set(keyOf(conversation), { memory: copy(memory), expiresAt: this.now + ttlMs })
  }

  private setTimer(event: Event, { name, delayMs, data }: TimerSetting): void {
    const { conversation, userId } = event
    this.waiting.set(timerKey(event, name), {
      ...{ name, conversation, userId, dueAt: this.now + delayMs },
      ...(data === undefined ? {} : { data: copy(data) }),
    })
  }

  private nextDue(end: number): { at: number; take: () => Event } | undefined {
    const timers = [...this.waiting].map(([key, timer]) => ({
      at: timer.dueAt,
      take: () => {
        this.waiting.delete(key)
        const { name, data, conversation, userId } = timer
        return this.timerEvent(conversation, { name, ...(data === undefined ? {} : { data }) }, userId)
      },
    }))
    const schedules = this.options.bot.schedules.map((schedule) => ({
      at: dueAfter(schedule, this.firedAt.get(schedule.name) ?? this.options.now),
      take: () => {
        this.firedAt.set(schedule.name, this.now)
        return this.timerEvent({ kind: 'none', id: 'none' }, { name: `every:${schedule.name}` })
      },
    }))
    return [...timers, ...schedules].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0]
  }

  private timerEvent(
    conversation: Conversation,
    timer: { name: string; data?: unknown },
    userId?: string,
  ): Event {
    return {
      ...{ type: 'timer', ...timer, key: `timer-${timer.name}-${this.now}`, bot: 'test', conversation },
      ...{ platform: this.options.platform, occurredAt: this.now, receivedAt: this.now, raw: {} },
      ...(userId === undefined ? {} : { userId }),
    }
  }

  private async call(request: ApiRequest, unanswered: Error[]): Promise<ApiResponse> {
    this.calls.push(request)
    const route = `${request.method} ${request.path}`
    const given = this.answers.get(route) ?? this.answers.get(filled(request)) ?? courtesies[route]
    if (given === undefined) {
      const missing = misuse(
        `testBot has no answer for ${route}. Give it one: chat.answers('${route}', { … }).`,
      )
      unanswered.push(missing)
      throw missing
    }
    const answer: unknown =
      typeof given === 'function' ? await (given as (call: ApiRequest) => unknown)(request) : given
    if (answer instanceof Error) throw answer
    return { status: 200, headers: {}, body: bodyAs(request, answer) }
  }
}

/** What nobody looks at the answer of. */
const courtesies: Record<string, Answer> = {
  'POST /v2/bot/chat/loading/start': {},
  'POST /v2/bot/chat/markAsRead': {},
}

function bodyAs({ as, maxBytes = Infinity, path }: ApiRequest, answer: unknown): unknown {
  if (as !== 'bytes' && as !== 'stream') return copy(answer)
  const bytes = answer instanceof Uint8Array || typeof answer === 'string' ? Buffer.from(answer) : undefined
  if (!bytes) throw misuse('This call asks for bytes: answer with a Buffer or a text.')
  if (bytes.length > maxBytes) {
    const words = `The answer to ${path} has more than ${maxBytes} bytes. Raise maxBytes if you want it.`
    throw new ApiError('api_rejected', words)
  }
  return as === 'bytes' ? bytes : Readable.from([bytes])
}

/** The route with its ids in the place of their names. */
function filled({ method, path, params = {} }: ApiRequest): string {
  return `${method} ${path.replace(/\{(\w+)\}/g, (name, key: string) => params[key] ?? name)}`
}

export function keyOf({ kind, id }: Conversation): string {
  return `${kind} ${id}`
}

function timerKey({ conversation }: Event, name: string): string {
  return `${keyOf(conversation)} ${name}`
}

function targetOf({ type, conversation: { kind, id } }: Event): Target {
  if (kind !== 'none') return { kind, id }
  throw new HooklineError(
    'no_target',
    `A ${type} event has no conversation to push to. Name one with { to }.`,
  )
}

/** What is kept is JSON, as in Redis: a Date would come back as a text. */
function copy<T>(value: T): T {
  return value === undefined ? value : (JSON.parse(JSON.stringify(value)) as T)
}

export function misuse(message: string): HooklineError {
  return new HooklineError('message_invalid', message)
}
