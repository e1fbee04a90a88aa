import { type Event, HooklineError, type PlatformName, suggestion } from '#libs/contract'
import { checkFunction, checkKeys, invalidBot, shown } from './check-names'
import type { Actions, Context, Runtime, Said } from './context'
import {
  type DialogueFunction,
  type DialogueRecord,
  type Talk,
  type TimeoutData,
  mayAnswer,
  runDialogue,
  stopTimer,
  timeoutTimer,
} from './dialogue-run'
import type { OpenMemory } from './memory'

export interface DialogueOptions {
  /** Raise it when questions come, go or change places: dialogues under way then start anew. Default 1. */
  version?: number
  /** A text that ends the dialogue: `/^(やめる|cancel)$/i`. */
  cancel?: RegExp
  /** Said when it was ended so. */
  cancelled?: Said
}

export interface Dialogue {
  play: DialogueFunction
  options: DialogueOptions
}

/** A dialogue as a bot file defines it: with options, or without. */
export interface DefineDialogue<S, P extends PlatformName> {
  /**
   * Several questions in a row, as one async function. It runs from its beginning at each answer, with the earlier
   * answers at hand: what must not be done twice belongs into `talk.once`.
   */
  <D = unknown>(name: string, play: (talk: Talk<D, P, S>) => unknown): void
  <D = unknown>(name: string, options: DialogueOptions, play: (talk: Talk<D, P, S>) => unknown): void
}

/** One run of a handler, as far as its dialogue is concerned. */
export interface Scene {
  context: Context
  runtime: Runtime
  memory: OpenMemory
}

export interface Dialogues {
  /** Takes what an author wrote, which no compiler may have seen. */
  define(...given: readonly unknown[]): void
  /** `ctx.start`: asks the first question. A dialogue under way gives way. */
  start(scene: Scene, name: string, data?: unknown): Promise<void>
  /** True when the event was the dialogue's: then it is for no listener. */
  take(scene: Scene): Promise<boolean>
  isEmpty(): boolean
}

/** All dialogues of a bot. */
export function createDialogues(): Dialogues {
  const known = new Map<string, Dialogue>()

  const define = (name: unknown, ...given: readonly unknown[]): void => {
    const [options, play] = given.length === 1 ? [{}, given[0]] : given
    if (typeof name !== 'string' || name === '')
      throw invalidBot(`A dialogue's name is a text, got ${shown(name)}.`)
    checkKeys('option of bot.dialogue', options, ['version', 'cancel', 'cancelled'])
    checkFunction('bot.dialogue', play)
    if (known.has(name)) throw invalidBot(`There are two dialogues "${name}". Give each a name of its own.`)
    known.set(name, { play: play as DialogueFunction, options: options as DialogueOptions })
  }

  const start = async (scene: Scene, name: string, data?: unknown): Promise<void> => {
    const dialogue = known.get(name)
    if (!dialogue) {
      throw invalidBot(`There is no dialogue "${name}". ${suggestion(name, [...known.keys()])}`)
    }
    const { event } = scene.context
    if (event.conversation.kind === 'none') {
      throw new HooklineError(
        'no_target',
        `A ${event.type} event has no conversation for the dialogue "${name}".`,
      )
    }
    if (scene.memory.dialogue) stopTimer(scene.memory.dialogue, scene.runtime)
    const record = recordOf(name, dialogue, { event, data, userId: event.userId })
    await play(scene, { record, dialogue, offered: undefined })
  }

  const take = async (scene: Scene): Promise<boolean> => {
    const { memory, runtime } = scene
    const { event } = scene.context
    const record = memory.dialogue
    const isTimeout = event.type === 'timer' && event.name === timeoutTimer
    if (!record) return isTimeout
    if (takesBack(event, record)) endDialogue(scene, record)
    const dialogue = known.get(record.name)
    if (isTimeout) {
      const { id, ask } = event.data as TimeoutData
      if (!dialogue || id !== record.id || ask !== record.answers.length) return true
    } else if (memory.dialogue === undefined || !dialogue || !mayAnswer(event, record)) return false
    if (event.type === 'text' && isCancelled(event.text, dialogue.options)) {
      endDialogue(scene, record)
      await sayCancelled(scene.context, dialogue.options)
    } else if (record.version !== (dialogue.options.version ?? 1)) {
      stopTimer(record, runtime)
      const anew = recordOf(record.name, dialogue, { event, data: record.data, userId: record.userId })
      await play(scene, { record: anew, dialogue, offered: undefined })
    } else await play(scene, { record, dialogue, offered: event })
    return true
  }
  return { define, start, take, isEmpty: () => known.size === 0 }
}

interface Play {
  record: DialogueRecord
  dialogue: Dialogue
  offered: Event | undefined
}

async function play(scene: Scene, { record, dialogue, offered }: Play): Promise<void> {
  const { memory, context, runtime } = scene
  memory.dialogue = record
  // A question without choices takes the earlier ones back: a "2" now is an answer, no choice.
  const onAsk = () => (memory.choices = undefined)
  const hasEnded = await runDialogue({ record, play: dialogue.play, offered, context, runtime, onAsk })
  // A dialogue that starts another one has ended, too.
  if (hasEnded && memory.dialogue === record) endDialogue(scene, record)
}

function endDialogue({ memory, runtime }: Scene, record: DialogueRecord): void {
  stopTimer(record, runtime)
  memory.dialogue = undefined
}

function recordOf(
  name: string,
  { options }: Dialogue,
  { event, data, userId }: { event: Event; data: unknown; userId: string | undefined },
): DialogueRecord {
  return {
    ...{ name, version: options.version ?? 1, id: event.key, answers: [], once: {} },
    ...(data === undefined ? {} : { data }),
    ...(userId === undefined ? {} : { userId }),
  }
}

/** What a user takes back must not stay in an answer. */
function takesBack(event: Event, { answers }: DialogueRecord): boolean {
  return event.type === 'unsend' && answers.some(({ messageId }) => messageId === event.messageId)
}

async function sayCancelled(context: Actions, { cancelled }: DialogueOptions): Promise<void> {
  if (cancelled !== undefined) await context.reply(cancelled)
}

function isCancelled(text: string, { cancel }: DialogueOptions): boolean {
  return (
    cancel !== undefined && new RegExp(cancel.source, cancel.flags.replace(/[gy]/g, '')).test(text.trim())
  )
}
