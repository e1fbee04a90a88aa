import type { Event, EventType, Message } from '#libs/contract'
import type { Runtime, TimerSetting } from './context'
import type { Bot } from './define-bot'
import { type OnceResults, createOnce } from './once'
import { abortOf } from './run-abort'

/** A conversation as a worker keeps it: what a run notes counts when it ended well, and only then. */
export function conversation(bot: Pick<Bot, 'handle'>, platform: Event['platform'] = 'line') {
  const kept = { memory: undefined as string | undefined, writes: 0 }
  const replies: unknown[] = []
  const timers = new Map<string, TimerSetting>()
  let now = 1_000_000
  let keys = 0
  const run = async (event: Event, once: OnceResults = {}) => {
    const said: Message[] = []
    const changes: (() => void)[] = []
    let remembered: (() => void) | undefined
    const runtime: Runtime = {
      reply: (messages) => void said.push(...messages),
      refused: () => undefined,
      discard: () => {
        said.splice(0)
        changes.splice(0)
      },
      push: async () => undefined,
      pushVia: async () => undefined,
      language: async () => undefined,
      abort: abortOf(new AbortController().signal),
      attempt: 1,
      recall: async () => (kept.memory === undefined ? undefined : (JSON.parse(kept.memory) as unknown)),
      remember: async (memory) => {
        remembered = () => {
          kept.writes += 1
          kept.memory = memory === undefined ? undefined : JSON.stringify(memory)
        }
      },
      once: createOnce(once, async () => undefined),
      setTimer: (timer) => void changes.push(() => timers.set(timer.name, timer)),
      cancelTimer: (name) => void changes.push(() => timers.delete(name)),
      call: () => Promise.reject(new Error('no calls here')),
    }
    await bot.handle(event, runtime)
    remembered?.()
    for (const change of changes) change()
    replies.push(
      ...said.map((message) => (message.type === 'text' && !message.quickReplies ? message.text : message)),
    )
  }
  const event = (type: EventType, fields: object = {}): Event => {
    keys += 1
    return {
      ...{ key: `e${keys}`, platform, bot: 'test', conversation: { kind: 'group', id: 'G1' }, userId: 'U1' },
      ...{ type, occurredAt: now, receivedAt: now, raw: {}, ...fields },
    } as unknown as Event
  }
  return {
    kept,
    replies,
    timers,
    event,
    run,
    says: (text: string, fields: object = {}) => run(event('text', { text, ...fields })),
    happens: (type: EventType, fields: object = {}) => run(event(type, fields)),
    /** The timer of that name comes. */
    fires: async (name: string) => {
      const timer = timers.get(name)
      if (!timer) throw new Error(`no timer ${name}`)
      timers.delete(name)
      await run(event('timer', { name, data: timer.data }))
    },
    pass: (ms: number) => {
      now += ms
    },
    /** What was said since the last look. */
    heard: () => replies.splice(0),
  }
}
