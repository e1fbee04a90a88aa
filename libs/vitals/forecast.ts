import type { Budget, Forecast } from './types'

/** What is known of a bot's work, for saying when it will be done. */
export interface ForecastInput {
  /** Unix milliseconds. */
  now: number
  /** Items that wait or are being worked on. */
  items: number
  stopped: 'paused' | 'held' | undefined
  breaker: 'closed' | 'opening' | 'held'
  /** Lanes that all workers of the bot drain at once; 0: no worker. Undefined where it is not known. */
  slots: number | undefined
  /** Lanes being drained. */
  active: number
  /** Limits used of late, the fullest first. */
  budgets: Budget[]
  /** Of the last minutes. */
  rates: Rates
}

/** Per minute. */
export interface Rates {
  /** Items that came and that were finished. */
  in: number
  done: number
  /** Calls that were let through. */
  calls: number
  /** Calls that the limit, or a 429, kept waiting. */
  callsHeld: number
  /** Milliseconds that went by in handlers, in calls, and in waiting for permits. */
  handlerMs: number
  sendMs: number
  permitMs: number
}

const fullShare = 0.95
const busyShare = 0.9
const minuteMs = 60_000

/**
 * When what waits will be done, if it goes on as in the last minutes, and what keeps it from being faster. Undefined
 * when nothing waits. Where the limit is what keeps it, the end follows from the limit's rate, not from what was done of late.
 */
export function forecast(input: ForecastInput): Forecast | undefined {
  if (input.items <= 0) return undefined
  const { now, rates } = input
  const bottleneck = bottleneckOf(input)
  const emptyIn = emptyInMs(input, bottleneck)
  return {
    bottleneck,
    inPerMinute: round(rates.in),
    donePerMinute: round(rates.done),
    ...(emptyIn === undefined ? {} : { emptyAt: Math.round(now + emptyIn) }),
  }
}

function bottleneckOf(input: ForecastInput): Forecast['bottleneck'] {
  const { stopped, breaker, slots, active, rates } = input
  if (stopped) return stopped
  if (breaker !== 'closed') return 'platform'
  if (slots === 0) return 'workers'
  if (isLimited(input)) return 'limit'
  if (slots === undefined || active < busyShare * slots) return 'none'
  return rates.handlerMs > rates.sendMs ? 'handler' : 'workers'
}

function isLimited({ budgets, rates }: ForecastInput): boolean {
  if (budgets.some(({ used, limit, closed }) => closed !== undefined || used >= fullShare * limit))
    return true
  const waitsMost = rates.permitMs > rates.handlerMs + rates.sendMs
  return waitsMost && rates.callsHeld * 2 > rates.calls
}

/** Undefined: never, as it goes now. */
function emptyInMs(input: ForecastInput, bottleneck: Forecast['bottleneck']): number | undefined {
  const { items, rates, slots } = input
  if (bottleneck === 'paused' || bottleneck === 'held' || slots === 0) return undefined
  if (input.breaker === 'held') return undefined
  const limit = bottleneck === 'limit' ? narrowest(input.budgets) : undefined
  const rate = limit ? itemsPerMinute(limit, rates) : rates.done
  const net = rate - rates.in
  if (net <= 0) return undefined
  return (limit?.closed?.forMs ?? 0) + (items / net) * minuteMs
}

/** The limit that everything waits for: one that is closed, else the fullest. */
function narrowest(budgets: Budget[]): Budget | undefined {
  return budgets.find(({ closed }) => closed !== undefined) ?? budgets[0]
}

/** An item may need several calls, or none: as of late, and one where nothing was done. */
function itemsPerMinute({ limit, windowMs }: Budget, rates: Rates): number {
  const callsPerItem = rates.calls > 0 && rates.done > 0 ? rates.calls / rates.done : 1
  return ((limit / windowMs) * minuteMs) / callsPerItem
}

function round(n: number): number {
  return Math.round(n * 10) / 10
}
