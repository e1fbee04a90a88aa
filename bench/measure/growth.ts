import type { Bench } from '../bench'
import type { Samples } from '../interleave'
import type { Plot } from '../plot'
import { type Column, type Section, tableOf } from '../section'
import { median, ratios, valuesOf } from '../statistics'
import type { WorkOptions } from './work-off'
import { measureRows } from './worker'

/** Events per second that a measurement is sized for. */
const usual = 800
const inOneConversation = 200
/** More rounds would take long, and what is looked for is a shape. */
const mostRounds = 3

const processes = [1, 2, 4]
const bots = [1, 10, 50]
const conversations = [1, 100, 10_000]

/** Of a smoke run the ends. */
function some(bench: Bench, counts: number[]): number[] {
  return bench.quick ? counts.filter((n) => n === 1 || n === counts.at(-1)) : counts
}

function rowsOf(bench: Bench): Record<string, WorkOptions> {
  const { seconds } = bench
  const common = { kind: 'echo', conversations: 100, events: usual * seconds, place: 'anywhere' } as const
  const slow = { delayMs: 100, concurrency: 20, conversations: 1000 }
  const rows: [string, WorkOptions][] = [
    ...some(bench, processes).map((n): [string, WorkOptions] => [
      `processes${n}`,
      { ...common, ...slow, processes: n, events: 150 * n * seconds },
    ]),
    ...some(bench, bots).map((n): [string, WorkOptions] => [`bots${n}`, { ...common, bots: n }]),
    ...some(bench, conversations).map((n): [string, WorkOptions] => [
      `conversations${n}`,
      { ...common, conversations: n, events: (n === 1 ? inOneConversation : usual) * seconds },
    ]),
    ...[1, 2].map((n): [string, WorkOptions] => [
      `primaries${n}`,
      { ...common, primaries: n, bots: 10, processes: 2 },
    ]),
  ]
  return Object.fromEntries(rows)
}

const count = (n: number, one: string, many: string) => `${n.toLocaleString('en-US')} ${n === 1 ? one : many}`

const names = Object.fromEntries([
  ...processes.map((n) => [`processes${n}`, `${count(n, 'process', 'processes')}, calls take 100 ms`]),
  ...bots.map((n) => [`bots${n}`, count(n, 'bot', 'bots')]),
  ...conversations.map((n) => [`conversations${n}`, count(n, 'conversation', 'conversations')]),
  ...[1, 2].map((n) => [`primaries${n}`, n === 1 ? 'one Redis server' : 'cluster of two primaries']),
]) as Record<string, string>

const columns: Column[] = [
  { name: 'events/s', key: 'rate' },
  { name: 'CPU of the workers, µs/event', key: 'cpu' },
  { name: 'CPU of Redis, all servers, µs/event', key: 'redisCpu' },
  { name: 'busiest Redis server, % of a core', key: 'redisShare' },
]

export async function measureGrowth(bench: Bench): Promise<Section> {
  const rounds = Math.min(bench.rounds, mostRounds)
  const samples = await measureRows({ ...bench, rounds }, rowsOf(bench))
  const of = (subject: string, key: string) => valuesOf(samples[subject] ?? [], key)
  return {
    name: 'growth',
    title: 'Growth: more processes, bots, conversations, Redis servers',
    text,
    tables: [{ caption: `Rounds: ${rounds}.`, ...tableOf(samples, names, columns) }],
    ratios: [
      { what: '50 bots / 1 bot', values: ratios(of('bots50', 'rate'), of('bots1', 'rate')) },
      {
        what: '10,000 conversations / 100',
        values: ratios(of('conversations10000', 'rate'), of('conversations100', 'rate')),
      },
      {
        what: 'cluster of two primaries / one server',
        values: ratios(of('primaries2', 'rate'), of('primaries1', 'rate')),
      },
    ],
    plots: [
      plotOf(samples, 'processes', 'Events per second by worker processes (calls take 100 ms)', processes),
      plotOf(samples, 'bots', 'Events per second by bots', bots),
      plotOf(samples, 'conversations', 'Events per second by conversations', conversations),
    ],
    raw: samples,
  }
}

function plotOf(samples: Samples, name: string, title: string, counts: number[]): Plot {
  return {
    ...{ name, title, unit: 'events/s', kind: 'bars' },
    labels: counts.map((n) => n.toLocaleString('en-US')),
    series: [
      {
        name: `by ${name}`,
        values: counts.map((n) => median(valuesOf(samples[`${name}${n}`] ?? [], 'rate'))),
      },
    ],
  }
}

const text = `As in the table of several processes above: echo bot, the backlog complete beforehand, answers counted and their order checked.
One process, one bot and 100 conversations where a row says nothing else; nothing is pinned. In one conversation every event waits
for the one before it, so its rate is that of a single chain of calls. The rows on Redis: 10 bots, 2 worker processes, the bots spread
over the primaries by the hash tags of their keys. With all of it on few cores, a second server does not make anything faster; what
it shows is how the share of the busiest server goes down. A single server is full at 100 % of a core: divide by its share to see the
events per second at which that would be.`
