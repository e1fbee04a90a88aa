import type { Event, EventType, TimerEvent } from '#libs/contract'

/** What a listener can wait for: a type of event, or one timer by its name (`timer:remind`). */
export type EventName = EventType | `timer:${string}`

type OfType<E extends Event, T> = E extends Event ? (T extends E['type'] ? E & { type: T } : never) : never

/** The event that a name of `bot.on` stands for: `EventOf<'text'>` is a `TextEvent`. */
export type EventOf<T extends EventName> = T extends EventType
  ? OfType<Event, T>
  : T extends `timer:${string}`
    ? TimerEvent
    : never
