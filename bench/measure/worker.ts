import type { Bench } from '../bench'
import { type Samples, interleave } from '../interleave'
import { type Column, type Ratio, type Section, tableOf } from '../section'
import { type Sample, ratios, valuesOf } from '../statistics'
import { type WorkOptions, defaultConcurrency, measureWorkOff } from './work-off'

/** Events per second that a measurement is sized for, so that it takes about as long as it should. */
const sizes = { noop: 6000, silent: 5000, tutorial: 1500, echo: 1500 }
const conversations = 100
/** Of the rows with slow calls: the cores are far from busy then. */
const slow = { delayMs: 100, concurrency: 20, conversations: 1000 }

/** Two bots make no more calls at once than one, but each its own 2,000 per second: on a fast machine one would wait for its limit. */
const twoBots = { bots: 2, concurrency: defaultConcurrency / 2 }

/** One process on a core of its own. */
function alone(bench: Bench): Record<string, WorkOptions> {
  const of = (kind: keyof typeof sizes) => ({ kind, conversations, events: sizes[kind] * bench.seconds })
  const echo = { ...of('echo'), ...twoBots }
  return { noop: of('noop'), silent: of('silent'), tutorial: of('tutorial'), echo }
}

/** As many processes as the name says, wherever the system puts them. */
function together(bench: Bench): Record<string, WorkOptions> {
  const fast = { kind: 'echo', conversations, place: 'anywhere' } as const
  const counts = bench.quick ? [1, 2] : [1, 2, 4]
  const rows = counts.flatMap((processes): [string, WorkOptions][] => [
    [`fast${processes}`, { ...fast, processes, events: sizes.echo * bench.seconds }],
    [`slow${processes}`, { ...fast, ...slow, processes, events: 150 * processes * bench.seconds }],
  ])
  return Object.fromEntries(rows)
}

/** Measures rows of options as subjects, and tells each as it comes. */
export async function measureRows(bench: Bench, rows: Record<string, WorkOptions>): Promise<Samples> {
  return interleave(Object.keys(rows), bench.rounds, async (name): Promise<Sample> => {
    const options = rows[name]
    if (!options) throw new TypeError(`there is no row ${name}`)
    const sample = await measureWorkOff(bench, options)
    bench.print(`  ${name}: ${Math.round(sample['rate'] ?? 0)}/s, ${Math.round(sample['cpu'] ?? 0)} µs`)
    return sample
  })
}

const columns: Column[] = [
  { name: 'events/s', key: 'rate' },
  { name: 'CPU of the workers, µs/event', key: 'cpu' },
  { name: 'events per CPU second', key: 'perCpuSecond' },
  { name: 'CPU of Redis, µs/event', key: 'redisCpu' },
  { name: 'answers out of order', key: 'reordered' },
]

const aloneNames = {
  noop: 'BullMQ, jobs that do nothing',
  silent: 'Hookline, a handler that answers nothing',
  tutorial: 'tutorial: one job per event, answers with axios',
  echo: 'Hookline, echo bot',
}

const togetherNames = Object.fromEntries(
  [1, 2, 4].flatMap((n) => {
    const what = `${n} process${n > 1 ? 'es' : ''}`
    return [
      [`fast${n}`, `${what}, calls take no time`],
      [`slow${n}`, `${what}, calls take 100 ms`],
    ]
  }),
)

export async function measureWorker(bench: Bench): Promise<Section> {
  const single = await measureRows(bench, alone(bench))
  const several = await measureRows(bench, together(bench))
  const of = (samples: Samples, subject: string, key: string) => valuesOf(samples[subject] ?? [], key)
  const compare = (what: string, [over, under]: [string, string], key: string, samples = single): Ratio => ({
    what: `worker: ${what}`,
    values: ratios(of(samples, over, key), of(samples, under, key)),
  })
  return {
    name: 'worker',
    title: 'Worker: events worked off per second',
    text,
    tables: [
      {
        caption: 'One process on a core of its own.',
        ...tableOf(single, aloneNames, columns),
      },
      {
        caption: `Echo bot, several processes that share the cores with Redis and the sink. Rows with slow calls: concurrency ${slow.concurrency} per process, ${slow.conversations} conversations.`,
        ...tableOf(several, togetherNames, columns),
      },
    ],
    ratios: [
      {
        ...compare(
          'before the platform call, per core: Hookline / BullMQ no-op',
          ['silent', 'noop'],
          'perCpuSecond',
        ),
        goal: { atLeast: 0.8 },
      },
      compare('before the platform call, plain rate: Hookline / BullMQ no-op', ['silent', 'noop'], 'rate'),
      {
        ...compare('end to end: Hookline / tutorial', ['echo', 'tutorial'], 'rate'),
        goal: { atLeast: 1.2 },
      },
      {
        ...compare('2 processes / 1, calls take 100 ms', ['slow2', 'slow1'], 'rate', several),
        goal: { atLeast: 1.7 },
      },
      compare('4 processes / 1, calls take 100 ms', ['slow4', 'slow1'], 'rate', several),
      compare(
        '2 processes / 1, calls take no time (all share the cores)',
        ['fast2', 'fast1'],
        'rate',
        several,
      ),
      compare('CPU per event, 2 processes / 1', ['fast2', 'fast1'], 'cpu', several),
      compare('CPU per event, 4 processes / 1', ['fast4', 'fast1'], 'cpu', several),
    ],
    plots: [],
    raw: { ...single, ...several },
  }
}

const text = `A backlog of LINE text messages (${conversations} conversations, each with a burst) is complete before a worker gets any of it: the
workers run and are warm, and wait at the paused queue. Time and CPU count from its release until nothing waits. Hookline's backlog
is made of signed bytes through webhook parser and mailbox, as the ingress does it; BullMQ's jobs carry the same webhook. Concurrency
is ${defaultConcurrency} for all, the default of Hookline's worker. Hookline's worker is the real process with a bot of LINE and a static channel access
token; answers go through reply tokens to the sink, a lean HTTP server on the other core. Answers are counted there: where
one of Hookline's is missing, comes twice or out of order, the run fails; one job per event keeps no order, and its column says
how many came late. LINE's limit is 2,000 calls per second and bot, which the tutorial does not know and a fast machine reaches: so the echo
bots are two, with half the conversations and half the concurrency each.
Hookline's worker lowers its own priority, so that an ingress beside it comes first; where others want its core, its rates show that,
CPU per event does not.`
