import type { Metrics } from '#libs/observability'

/** Bot → field → number. Fields: see `Counts`. */
export type BotCounts = Map<string, Map<string, number>>

type Labels = Partial<Record<string, string | number>>
interface Value {
  value: number
  labels: Labels
  metricName?: string
}
interface Source {
  get(): Promise<{ values: Value[] }>
}

const badSignatures = new Set([
  'signature_missing',
  'signature_mismatch',
  'token_mismatch',
  'bot_id_mismatch',
])
const refusedForRate = new Set(['api_rate_limited', 'api_quota_exhausted'])

type FieldOf = (labels: Labels) => string | undefined

function countersOf(metrics: Metrics): [Source, FieldOf][] {
  const limited: FieldOf = ({ result }) => (refusedForRate.has(String(result)) ? 'limited' : undefined)
  return [
    [metrics.events, () => 'events'],
    [metrics.duplicates, () => 'duplicates'],
    [metrics.webhooks, ({ result }) => (badSignatures.has(String(result)) ? 'refused' : undefined)],
    [metrics.journalEvents, () => 'journaled'],
    [metrics.items, ({ outcome }) => `item:${outcome}`],
    [metrics.sends, ({ result }) => `send:${result}`],
    [metrics.sends, limited],
    [metrics.apiCalls, limited],
    [metrics.callsHeld, ({ reason }) => `held:${reason}`],
  ]
}

function histogramsOf(metrics: Metrics): [Source, string][] {
  return [
    [metrics.ackSeconds, 'ack'],
    [metrics.itemWaitSeconds, 'wait'],
    [metrics.handlerSeconds, 'handler'],
    [metrics.permitWaitSeconds, 'permit'],
    [metrics.sendSeconds, 'send_time'],
  ]
}

/** What was counted since the start of the process. Reads what is counted anyway: no work is added to a request. */
export async function readTotals(metrics: Metrics): Promise<BotCounts> {
  const totals: BotCounts = new Map()
  const add = ({ bot }: Labels, field: string, value: number) => {
    if (value === 0) return
    const fields = totals.get(String(bot)) ?? new Map<string, number>()
    totals.set(String(bot), fields.set(field, (fields.get(field) ?? 0) + value))
  }
  for (const [source, fieldOf] of countersOf(metrics)) {
    for (const { labels, value } of (await source.get()).values) {
      const field = fieldOf(labels)
      if (field !== undefined) add(labels, field, value)
    }
  }
  for (const [source, name] of histogramsOf(metrics)) addBuckets((await source.get()).values, name, add)
  return totals
}

/** Buckets come with those below counted in, and the sum in seconds. Here each has its own, and the sum is in ms. */
function addBuckets(
  values: Value[],
  name: string,
  add: (labels: Labels, field: string, value: number) => void,
): void {
  let below = 0
  for (const { metricName = '', labels, value } of values) {
    if (metricName.endsWith('_bucket')) {
      add(labels, `${name}:${labels['le']}`, value - below)
      below = value
      continue
    }
    below = 0
    if (metricName.endsWith('_sum')) add(labels, `${name}:sum`, Math.round(value * 1000))
  }
}

/** One number of one bot that has grown by so much. */
export interface Change {
  bot: string
  field: string
  by: number
}

/** What has been counted and is not written yet. */
export interface Measure {
  changes(): Promise<Change[]>
  /** It is in Redis; what is not told so comes again with the next changes. */
  written(change: Change): void
}

export function createMeasure(metrics: Metrics): Measure {
  const known: BotCounts = new Map()
  return {
    changes: async () => {
      const totals = await readTotals(metrics)
      return [...totals].flatMap(([bot, fields]) =>
        [...fields]
          .map(([field, total]) => ({ bot, field, by: total - (known.get(bot)?.get(field) ?? 0) }))
          .filter(({ by }) => by > 0),
      )
    },
    written: ({ bot, field, by }) => {
      const fields = known.get(bot) ?? new Map<string, number>()
      known.set(bot, fields.set(field, (fields.get(field) ?? 0) + by))
    },
  }
}
