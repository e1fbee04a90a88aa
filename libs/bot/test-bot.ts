import { randomUUID } from 'node:crypto'
import {
  type Event,
  type EventBase,
  HooklineError,
  type Message,
  type PlatformName,
  type Target,
} from '#libs/contract'
import type { Bot } from './define-bot'
import { createOnce } from './once'

export interface TestBotOptions {
  /** Default `line`. */
  platform?: PlatformName
  /** What `ctx.language()` answers. */
  language?: string
}

type Distribute<E> = E extends Event ? Pick<E, Exclude<keyof E, keyof EventBase>> & Partial<EventBase> : never
/** An event with only the fields that matter to the test. */
export type TestEvent = Distribute<Event>

/** A conversation with a bot, without server, Redis or platform. */
export interface TestChat {
  /** What the bot replied, oldest first: texts as strings, other messages as they are. */
  replies: (string | Message)[]
  /** What the bot pushed. */
  pushes: { message: string | Message; to: Target | undefined }[]
  /** The user sends a text. Rejects with what the handler throws. */
  says(text: string): Promise<void>
  /** Any event happens: `chat.receives({ type: 'follow' })`. */
  receives(event: TestEvent): Promise<void>
}

export function testBot(bot: Bot, { platform = 'line', language }: TestBotOptions = {}): TestChat {
  const replies: TestChat['replies'] = []
  const pushes: TestChat['pushes'] = []

  let memory: unknown
  const receives = async (event: TestEvent) => {
    const noted: Message[] = []
    await bot.handle(complete(event, platform), {
      reply: (messages) => noted.push(...messages),
      discard: () => noted.splice(0),
      push: async (messages, to) => {
        pushes.push(...messages.map((message) => ({ message: plain(message), to })))
      },
      language: async () => language,
      signal: new AbortController().signal,
      attempt: 1,
      recall: async () => memory,
      remember: async (kept) => {
        memory = kept
      },
      once: createOnce({}, async () => undefined),
      setTimer: () => undefined,
      cancelTimer: () => undefined,
      call: async ({ method, path }) => {
        throw new HooklineError('message_invalid', `testBot has no answer for ${method} ${path}.`)
      },
    })
    replies.push(...noted.map(plain))
  }
  return { replies, pushes, receives, says: (text) => receives({ type: 'text', text }) }
}

function complete(event: TestEvent, platform: PlatformName): Event {
  const now = Date.now()
  return {
    key: randomUUID(),
    platform,
    bot: 'test',
    conversation: { kind: 'user', id: 'test-user' },
    userId: 'test-user',
    occurredAt: now,
    receivedAt: now,
    raw: {},
    ...event,
  }
}

function plain(message: Message): string | Message {
  return message.type === 'text' && Object.keys(message).length === 2 ? message.text : message
}
