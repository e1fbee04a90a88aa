import type { Alarms, Item, Timer, TimerChange } from '#libs/mailbox'

export interface TimerDeps {
  /** Name of the lane. */
  lane: string
  alarms: Alarms
  /** Makes these timers of the conversation those that count; gives the ids of those that counted before. */
  setTimers: (item: Item, changes: readonly TimerChange[]) => Promise<string[]>
  /** Whether the timer of that name that counts has this id. */
  isCurrentTimer: (name: string, id: string) => Promise<boolean>
}

/**
 * Sets the timers that the handler left on the item and takes those back that it replaced. Whatever dies in between,
 * the next try does all of it again, to the same end: the item keeps them until it is over.
 */
export async function applyTimers(
  item: Item,
  timers: readonly TimerChange[],
  { lane, alarms, setTimers }: TimerDeps,
): Promise<void> {
  const before = await setTimers(item, timers)
  const ids = new Set(timers.map(({ set }) => set?.id))
  await alarms.remove(before.filter((id) => id !== '' && !ids.has(id)))
  for (const change of timers) {
    const timer = timerOf(item, change, lane)
    if (timer) await alarms.set(timer)
  }
  delete item.timers
}

function timerOf({ event }: Item, { name, set }: TimerChange, lane: string): Timer | undefined {
  if (!set) return undefined
  const { platform, bot, conversation, userId } = event
  return {
    lane,
    event: {
      ...{ type: 'timer', name, key: set.id, platform, bot, conversation, occurredAt: set.at, raw: {} },
      ...(userId === undefined ? {} : { userId }),
      ...(set.data === undefined ? {} : { data: set.data }),
    },
  }
}
