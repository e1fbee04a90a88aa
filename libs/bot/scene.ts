import { type Event, HooklineError, type Message } from '#libs/contract'
import { choose, offeredBy, remembersChoices } from './choices'
import { type Context, type Runtime, createContext } from './context'
import type { Dialogues } from './dialogues'
import { type OpenMemory, type SessionOptions, openMemory } from './memory'
import { readings } from './readings'

export interface StateOptions {
  session: SessionOptions<unknown> | undefined
  dialogues: Dialogues
}

/** One run over an event, for whoever works on it. */
export interface SceneParts {
  /** One per reading of the event, in the order in which they are offered. */
  contexts: Context[]
  /** The last of them. */
  asItCame: Context
  /** Offers the event to the dialogue that is under way; true when it was for that. */
  take: () => Promise<boolean>
}

/** Runs `work` over an event with what the conversation remembers: what it changes there is kept when it ends well. */
export async function playScene<T>(
  { session, dialogues }: StateOptions,
  { event, runtime }: { event: Event; runtime: Runtime },
  work: (parts: SceneParts) => Promise<T>,
): Promise<T> {
  const numbered = remembersChoices(event)
  const memory = await openMemory(session, event, runtime, numbered || !dialogues.isEmpty())
  const said: Message[] = []
  const scene = { isOver: false }
  const open = whileItLasts(runtime, event, scene)
  const watched = numbered ? watch(open, said) : open
  const contextOf = (reading: Event): Context => {
    const context: Context = createContext(reading, watched, {
      memory,
      start: (name, data) => dialogues.start({ context, runtime: watched, memory }, name, data),
    })
    return context
  }
  const contexts = readings(choose(event, memory.choices)).map(contextOf)
  const asItCame = contexts.at(-1) ?? contextOf(event)
  const take = () => dialogues.take({ context: contexts[0] ?? asItCame, runtime: watched, memory })
  try {
    const result = await work({ contexts, asItCame, take })
    noteChoices(memory, said)
    await memory.save()
    return result
  } finally {
    scene.isOver = true
  }
}

/** A handler that threw or whose time is over may still be at work: what it says now is no part of the answer. */
function whileItLasts(runtime: Runtime, { type }: Event, scene: { isOver: boolean }): Runtime {
  const check = (what: string) => {
    if (!scene.isOver) return
    const words = `The handler of the ${type} event has ended. Await what it does before ctx.${what}.`
    throw new HooklineError('no_target', words)
  }
  return {
    ...runtime,
    reply: (messages) => {
      check('reply')
      runtime.reply(messages)
    },
    setTimer: (timer) => {
      check('after')
      runtime.setTimer(timer)
    },
    cancelTimer: (name) => {
      check('cancel')
      runtime.cancelTimer(name)
    },
  }
}

/** Notes what goes to this conversation. */
function watch(runtime: Runtime, said: Message[]): Runtime {
  return {
    ...runtime,
    reply: (messages) => {
      said.push(...messages)
      runtime.reply(messages)
    },
    push: async (messages, to) => {
      await runtime.push(messages, to)
      if (to === undefined) said.push(...messages)
    },
  }
}

function noteChoices(memory: OpenMemory, said: Message[]): void {
  if (said.length > 0) memory.choices = offeredBy(said, memory.choices)
}
