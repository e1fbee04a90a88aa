import { type Event, HooklineError, type PlatformName, type QuickReply, type Target } from '#libs/contract'
import type { Actions, Context, Runtime, Said } from './context'
import { readDelay } from './delay'
import { toJson } from './json'

/** The platform where there is but one; a native message has no place in a dialogue that any platform may hold. */
type Only<P extends PlatformName, All = P> = P extends P ? ([All] extends [P] ? P : never) : never
/** What a dialogue says: native messages only where `defineBot` names the platform. */
export type SaidInTalk<P extends PlatformName = PlatformName> = Said<Only<P>>

/** What a question takes as its answer. */
export interface AskOptions<T, P extends PlatformName = PlatformName> {
  /** Choices above the keyboard (Tocaro: numbered lines), beside those that the question itself has. */
  quickReplies?: readonly QuickReply[]
  /**
   * Makes the answer out of what the user sent: JSON. Undefined: that is no answer. Without it a text (trimmed) or the
   * data of a tapped button is one.
   */
  accept?: (event: AnswerEvent<P>) => T | undefined | Promise<T | undefined>
  /** Said where the user sent something that is no answer. Default: the question once more. */
  otherwise?: SaidInTalk<P>
  /** With no answer for so long (`10m`, milliseconds) the question resolves with undefined. */
  timeout?: string | number
}

/** The types of events that can answer a question; all others go to the listeners as ever. */
const answerTypes = ['text', 'image', 'video', 'audio', 'file', 'location', 'sticker', 'postback'] as const
export type AnswerType = (typeof answerTypes)[number]
export type AnswerEvent<P extends PlatformName = PlatformName> = Extract<Event, { type: AnswerType }> & {
  platform: P
}

/** A dialogue in the hands of its function, which runs from its beginning at each event. */
export interface Talk<D = unknown, P extends PlatformName = PlatformName, S = unknown> {
  /** What `ctx.start` was given. */
  data: D
  /** Says something, once. Leaves when the run over this event ends. */
  say(...messages: SaidInTalk<P>[]): Promise<void>
  /** Asks, and resolves with the answer: of this run or of an earlier one. */
  ask<T = string>(
    question: SaidInTalk<P>,
    options: AskOptions<T, P> & { timeout: string | number },
  ): Promise<T | undefined>
  ask<T>(
    question: SaidInTalk<P>,
    options: AskOptions<T, P> & { accept: NonNullable<AskOptions<T, P>['accept']> },
  ): Promise<T>
  ask(
    question: SaidInTalk<P>,
    options?: Pick<AskOptions<string, P>, 'quickReplies' | 'otherwise'>,
  ): Promise<string>
  /** Runs the effect once in this dialogue; later runs get what it resolved with. Must be JSON. */
  once<T>(key: string, effect: () => T | Promise<T>): Promise<T>
  /** Sends at once. Only within `once`: it is sent again by each run. */
  push(message: SaidInTalk<P> | SaidInTalk<P>[], options?: { to?: Target }): Promise<void>
  /** The event at hand, with all that a handler can do. What it does outside `once`, each run does again. */
  ctx: Context<Event, P, S>
}

/** What the conversation remembers of a dialogue. */
export interface DialogueRecord {
  name: string
  version: number
  /** Which of all dialogues: the key of the event that started it. */
  id: string
  data?: unknown
  /** Whom it is with; nobody else's messages are answers. */
  userId?: string
  answers: Answer[]
  once: Record<string, { value?: unknown }>
  /** A timeout waits. */
  timer?: true
}

interface Answer {
  value?: unknown
  messageId?: string
}

export const timeoutTimer = 'hookline:dialogue'

/** What a timeout comes back with. */
export interface TimeoutData {
  id: string
  ask: number
}

export type DialogueFunction = (talk: Talk) => unknown

export interface DialogueRun {
  record: DialogueRecord
  play: DialogueFunction
  /** The event that may answer the open question; none where the dialogue starts. */
  offered: Event | undefined
  context: Context
  runtime: Runtime
  /** A question is asked. */
  onAsk: () => void
}

/**
 * Runs the function from its beginning: recorded answers resolve at once and what was said before is not said again.
 * At the first question without an answer it asks, and is left where it stands: it goes on in the next run.
 * Resolves true when the function returned.
 */
export async function runDialogue(run: DialogueRun): Promise<boolean> {
  let suspend: () => void = () => undefined
  const suspended = new Promise<boolean>((resolve) => (suspend = () => resolve(false)))
  const { play } = run
  const talk = createTalk(run, suspend)
  const ended = (async () => {
    await play(talk)
    return true
  })()
  // Where the function goes on beside a question (it should not), nobody is left to hear of its end.
  ended.catch(() => undefined)
  return Promise.race([ended, suspended])
}

function createTalk(run: DialogueRun, suspend: () => void): Talk {
  const { record, runtime } = run
  const context = run.context as Actions
  let asked = 0
  let { offered } = run
  /** Everything up to the answer at hand was said by an earlier run. */
  let isLive = offered === undefined
  const say = async (...messages: Said[]) => {
    if (isLive) await context.reply(...messages)
  }
  const leave = (): Promise<never> => {
    suspend()
    return new Promise(() => undefined)
  }
  const answer = (index: number, given: Answer): unknown => {
    stopTimer(record, runtime)
    record.answers[index] = given
    offered = undefined
    isLive = true
    return given.value
  }
  const ask = async (question: Said, options: AskOptions<unknown> = {}): Promise<unknown> => {
    const index = asked
    asked += 1
    const known = record.answers[index]
    if (known) return known.value
    const event = offered
    if (!event) {
      await context.reply(withQuickReplies(question, options))
      run.onAsk()
      startTimer(index, options, run)
      return leave()
    }
    if (event.type === 'timer') return answer(index, {})
    const value = await (options.accept ?? plainAnswer)(event as AnswerEvent)
    if (value === undefined) {
      await context.reply(options.otherwise ?? withQuickReplies(question, options))
      if (options.otherwise === undefined) run.onAsk()
      return leave()
    }
    const copy = JSON.parse(toJson(value, 'The answer')) as unknown
    return answer(index, { value: copy, ...messageOf(event) })
  }
  return {
    data: record.data,
    ctx: run.context,
    say,
    ask: ask as Talk['ask'],
    once: <T>(key: string, effect: () => T | Promise<T>) => once(run, key, effect) as Promise<T>,
    push: (message, options) => context.push(message, options),
  }
}

/** Kept on the event at once, and in the dialogue when the run ends well. */
async function once({ record, runtime }: DialogueRun, key: string, effect: () => unknown): Promise<unknown> {
  const kept = Object.hasOwn(record.once, key) ? record.once[key] : undefined
  if (kept) return kept.value
  const value = await runtime.once(`dialogue ${record.id} ${key}`, effect)
  record.once[key] = { value }
  return value
}

function startTimer(ask: number, { timeout }: AskOptions<unknown>, { record, runtime }: DialogueRun): void {
  if (timeout === undefined) return
  const data: TimeoutData = { id: record.id, ask }
  runtime.setTimer({ name: timeoutTimer, delayMs: readDelay(timeout, 'timeout'), data })
  record.timer = true
}

export function stopTimer(record: DialogueRecord, runtime: Runtime): void {
  if (!record.timer) return
  runtime.cancelTimer(timeoutTimer)
  delete record.timer
}

function plainAnswer(event: AnswerEvent): string | undefined {
  if (event.type === 'postback') return event.data
  if (event.type !== 'text') return undefined
  return event.postback ?? (event.text.trim() || undefined)
}

function withQuickReplies(question: Said, { quickReplies }: AskOptions<unknown>): Said {
  if (quickReplies === undefined) return question
  if (typeof question === 'string') return { type: 'text', text: question, quickReplies }
  if (question.type !== 'native') return { ...question, quickReplies }
  throw new HooklineError(
    'message_invalid',
    'A native question brings its own quick replies; leave the option quickReplies out.',
  )
}

function messageOf(event: Event): { messageId?: string } {
  const { messageId } = event as { messageId?: string }
  return messageId === undefined ? {} : { messageId }
}

/** True for what an open question may be answered with, from the one whom it was asked. */
export function mayAnswer(event: Event, { userId }: DialogueRecord): boolean {
  if (!(answerTypes as readonly string[]).includes(event.type)) return false
  return userId === undefined || event.userId === userId
}
