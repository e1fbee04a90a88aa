import type { Event, Message, PlatformName } from '#libs/contract'
import { choose, offeredBy, remembersChoices } from './choices'
import { type Context, type Runtime, createContext } from './context'
import type { createDialogues } from './dialogues'
import { type OpenMemory, type SessionOptions, openMemory } from './memory'

export interface StateOptions {
  session?: SessionOptions<unknown> | undefined
  platform?: PlatformName | undefined
  dialogues: ReturnType<typeof createDialogues>
}

/**
 * One run over an event with what the conversation remembers: what the run changes is kept when it ends well.
 * `work` gets the context, and `take`, which tells whether a dialogue took the event.
 */
export async function playScene<T>(
  { session, dialogues }: StateOptions,
  { event, runtime }: { event: Event; runtime: Runtime },
  work: (context: Context, take: () => Promise<boolean>) => Promise<T>,
): Promise<T> {
  const numbered = remembersChoices(event)
  const needed = numbered || dialogues.names().length > 0
  const memory = await openMemory({ session, needed }, event, runtime)
  const said: Message[] = []
  const watched = numbered ? watch(runtime, said) : runtime
  const context: Context = createContext(choose(event, memory.choices), watched, {
    memory,
    start: (name, data) => dialogues.start({ context, runtime: watched, memory }, name, data),
  })
  const result = await work(context, () => dialogues.take({ context, runtime: watched, memory }))
  noteChoices(memory, said)
  await memory.save()
  return result
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
