import { Gauge, type Registry } from 'prom-client'

/** What one bot has waiting. */
export interface Backlog {
  /** In all lanes, those being worked on included. */
  items: number
  /** Lanes that have items. */
  lanes: number
  /** Of the head that was stored first; 0 when nothing waits. */
  oldestAgeMs: number
  deadLetters: number
  /** Set by handlers and not due yet. */
  timers: number
  /** Its workers take nothing until somebody resumes it. */
  paused: boolean
}

/** Where the backlog is known: asked once per bot at every scrape. */
export interface BacklogSource {
  bots: () => readonly string[]
  read: (bot: string) => Promise<Backlog>
}

const gauges: Record<string, { help: string; value: (backlog: Backlog) => number }> = {
  hookline_lane_items: { help: 'Items in all lanes', value: ({ items }) => items },
  hookline_lanes_waiting: { help: 'Lanes that have items', value: ({ lanes }) => lanes },
  hookline_oldest_item_age_seconds: {
    help: 'Age of the oldest item at the head of a lane',
    value: ({ oldestAgeMs }) => oldestAgeMs / 1000,
  },
  hookline_timers_waiting: { help: 'Timers that are not due yet', value: ({ timers }) => timers },
  hookline_bot_paused: { help: 'Whether the bot is paused: 1 it is', value: ({ paused }) => Number(paused) },
  hookline_dead_letters: { help: 'Dead letters there are', value: ({ deadLetters }) => deadLetters },
}

/** A bot whose Redis does not answer is absent: no number is better than an old one. */
export function createBacklogGauges({ bots, read }: BacklogSource, registers: Registry[]): void {
  let asked: Promise<Answer[]> | undefined
  // All gauges of a scrape are collected in one tick, and share one question per bot.
  const ask = () => (asked ??= readAll(bots(), read).finally(() => (asked = undefined)))
  for (const [name, { help, value }] of Object.entries(gauges)) {
    new Gauge({
      name,
      help,
      labelNames: ['bot'],
      registers,
      async collect() {
        const answers = await ask()
        this.reset()
        for (const { bot, backlog } of answers) if (backlog) this.set({ bot }, value(backlog))
      },
    })
  }
}

interface Answer {
  bot: string
  backlog: Backlog | undefined
}

function readAll(bots: readonly string[], read: BacklogSource['read']): Promise<Answer[]> {
  return Promise.all(bots.map(async (bot) => ({ bot, backlog: await soon(read(bot)) })))
}

const scrapeWaitMs = 1000

/** Nothing rather than a scrape that waits for a Redis which does not answer. */
async function soon<T>(found: Promise<T>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, scrapeWaitMs, undefined)
  })
  try {
    return await Promise.race([found, late])
  } catch {
    return undefined
  } finally {
    clearTimeout(timer)
  }
}
