import { join } from 'node:path'
import { createDevAccounts } from '#libs/emulator'
import { createJournal } from '#libs/journal'
import { readBacklog } from '#libs/mailbox'
import { freePort } from '../../libs/cli/dev-redis'
import type { Fsync } from '../../chaos/redis-server'
import { type Bench, type OwnRedis, type Program, inFolder, startOwnRedis, startProgram } from '../bench'
import { startMeter } from '../cpu'
import { interleave } from '../interleave'
import { type LoadResult, connections, findGenerator } from '../load'
import { type Pool, writePool } from '../pool'
import { type Column, type Section, tableOf } from '../section'
import { type Sample, median, ratios, valuesOf } from '../statistics'

/** What answers webhooks, by the letter of the comparison. */
export const ingressSubjects = {
  floor: 'bare `node:http`, reads the body',
  hmac: 'bare `node:http`, body and HMAC-SHA256',
  store: 'bare `node:http`, HMAC, one `RPUSH` of ioredis: the least that stores',
  express: 'bare Express 5, hello world',
  sdk: "LINE's documentation: `@line/bot-sdk`, answers the user first (100 ms)",
  queue: 'tutorial: Express, HMAC, `await queue.add`',
  hookline: 'Hookline ingress',
}
export type IngressSubject = keyof typeof ingressSubjects

const scripts: Record<IngressSubject, string> = {
  floor: 'bench/subjects/node-http.js',
  hmac: 'bench/subjects/node-http-hmac.js',
  store: 'bench/subjects/node-http-store.js',
  express: 'bench/subjects/express-hello.js',
  sdk: 'bench/subjects/line-sdk.js',
  queue: 'bench/subjects/express-queue.js',
  hookline: 'apps/ingress/main.js',
}

/** How safe an acknowledged event is, from one of Redis's two modes to the journal of an ingress without Redis. */
type Durability = Fsync | 'journal'

/** What all measurements of a run share: accounts, and the pool that was signed for them. */
export interface IngressLoad {
  pool: Pool
  /** Credentials of three bots. */
  env: Record<string, string>
}

/** More than any can take that stores. */
const mostPerSecond = 20_000

/** Enough for the compiler: what is measured is the rate that lasts. */
export function warmSeconds({ quick }: Bench): number {
  return quick ? 2 : 8
}

export function prepareLoad(bench: Bench): IngressLoad {
  const { accounts, env } = createDevAccounts({ ingressUrl: 'http://127.0.0.1:1' })
  const count = (bench.seconds + warmSeconds(bench)) * mostPerSecond
  const file = join(bench.dir, 'pool.bin')
  return { pool: writePool(file, { secret: accounts.line.channelSecret, count }), env }
}

/** A subject that runs, with what belongs to it. */
export interface RunningSubject {
  program: Program
  redis: OwnRedis
  dir: string
  /** How many events are stored; undefined for subjects that store nothing. */
  stored?: () => Promise<number>
  close(): Promise<void>
}

export interface SubjectOptions {
  subject: IngressSubject
  load: IngressLoad
  dir: string
  durability?: Durability
}

/** Each measurement has a fresh process, a fresh Redis and, where one is needed, a fresh sink. */
export async function startSubject(bench: Bench, options: SubjectOptions): Promise<RunningSubject> {
  const { subject, load, dir, durability = 'everysec' } = options
  const redis = await startOwnRedis(bench, dir, { fsync: durability === 'always' ? 'always' : 'everysec' })
  const sink =
    subject === 'sdk'
      ? await startProgram(bench, {
          ...{ name: 'sink', script: 'bench/sink.js', place: 'generator', dir },
          env: { SINK_DELAY_MS: '100' },
        })
      : undefined
  // Nobody listens there.
  const redisUrl = durability === 'journal' ? `redis://127.0.0.1:${await freePort()}` : redis.url
  const journal = join(dir, 'journal')
  const program = await startProgram(bench, {
    ...{ name: subject, script: scripts[subject], place: 'server', dir },
    env: {
      ...load.env,
      ...{ HOOKLINE_CONFIG: '', INGRESS_PORT: '0', HOOKLINE_JOURNAL_DIR: journal },
      ...{ HOOKLINE_JOURNAL_MAX_MB: '4096', REDIS_URL: redisUrl, SINK_URL: sink?.url ?? '' },
    },
  })
  const inLanes = async () => (await readBacklog(redis.client, 'line')).items
  const inJournal = () => createJournal({ dir: journal, maxBytes: Infinity }).count()
  return {
    ...{ program, redis, dir },
    ...(subject === 'hookline' ? { stored: durability === 'journal' ? inJournal : inLanes } : {}),
    close: async () => {
      await Promise.all([program.end(), sink?.end()])
      redis.close()
    },
  }
}

/** Warms up, measures at full load, and checks that what was acknowledged is stored. */
export async function measureThroughput(bench: Bench, options: Omit<SubjectOptions, 'dir'>): Promise<Sample> {
  return inFolder(bench, async (dir) => {
    const running = await startSubject(bench, { ...options, dir })
    const generator = findGenerator(bench)
    const { pool } = options.load
    const mayRepeat = running.stored === undefined
    const common = { url: `${running.program.url}/webhooks/line`, pool, mayRepeat, dir }
    const warm = await generator.run({ ...common, seconds: warmSeconds(bench), from: 0 })
    const ofServer = startMeter([running.program.pid])
    const ofRedis = startMeter([running.redis.pid])
    // wrk makes one request more than it sends.
    const result = await generator.run({ ...common, seconds: bench.seconds, from: warm.sent + 1 })
    const cpu = { server: ofServer(), redis: ofRedis() }
    await checkStored(running, [warm, result])
    await running.close()
    return {
      rate: result.answered / result.seconds,
      cpu: cpu.server / result.answered,
      redisCpu: cpu.redis / result.answered,
      p50: result.p50Ms,
      p99: result.p99Ms,
    }
  })
}

/** All that was acknowledged is stored; what is stored beyond that was sent, and its answer was not waited for. */
async function checkStored({ stored }: RunningSubject, results: LoadResult[]): Promise<void> {
  const sum = (of: (result: LoadResult) => number) => results.reduce((all, result) => all + of(result), 0)
  if (!stored) return
  const [acked, found, sent] = [sum((r) => r.answered), await stored(), sum((r) => r.sent)]
  if (found < acked || found > sent)
    throw new Error(`Of ${sent} events sent, ${acked} were acknowledged, but ${found} are stored.`)
}

const columns: Column[] = [
  { name: 'requests/s', key: 'rate' },
  { name: 'CPU, µs/request', key: 'cpu' },
  { name: 'CPU of Redis, µs/request', key: 'redisCpu' },
  { name: 'p50, ms', key: 'p50', digits: 1 },
  { name: 'p99, ms', key: 'p99', digits: 1 },
]

/** Hookline stands right beside what it has to reach a share of: the machine has faster and slower minutes. */
const order: IngressSubject[] = ['sdk', 'queue', 'express', 'hookline', 'hmac', 'store', 'floor']

export async function measureIngress(bench: Bench, load: IngressLoad): Promise<Section> {
  const names = Object.keys(ingressSubjects) as IngressSubject[]
  const samples = await interleave(order, bench.rounds, async (subject) => {
    const sample = await measureThroughput(bench, { subject, load })
    bench.print(`  ${subject}: ${Math.round(sample['rate'] ?? 0)}/s`)
    return sample
  })
  const modes = await interleave(
    ['everysec', 'always', 'journal'] as const,
    bench.rounds,
    async (durability) => {
      const sample = await measureThroughput(bench, { subject: 'hookline', load, durability })
      bench.print(`  hookline, ${durability}: ${Math.round(sample['rate'] ?? 0)}/s`)
      return sample
    },
  )
  const rate = (subject: IngressSubject) => valuesOf(samples[subject], 'rate')
  const against = (subject: IngressSubject, what: string, atLeast?: number) => ({
    what: `ingress throughput: Hookline / ${what}`,
    values: ratios(rate('hookline'), rate(subject)),
    ...(atLeast === undefined ? {} : { goal: { atLeast } }),
  })
  return {
    name: 'ingress',
    title: 'Ingress: webhooks acknowledged per second',
    text: textOf(bench, load.pool),
    tables: [
      tableOf(samples, ingressSubjects, columns),
      {
        caption: 'What durability costs: the same ingress with Redis in both modes, and without Redis.',
        ...tableOf(modes, durabilityNames, columns),
      },
    ],
    ratios: [
      against('hmac', 'bare `node:http` with HMAC', 0.6),
      {
        what: 'ingress per core: Hookline / bare `node:http` with HMAC',
        values: ratios(valuesOf(samples.hmac, 'cpu'), valuesOf(samples.hookline, 'cpu')),
      },
      against('store', 'the least that stores'),
      against('express', 'bare Express 5', 1.5),
      against('queue', 'tutorial with `queue.add`', 3),
    ],
    plots: [
      {
        ...{ name: 'ingress', title: 'Webhooks acknowledged per second', unit: 'requests/s', kind: 'bars' },
        labels: ['node:http', '+ HMAC', '+ RPUSH', 'Express 5', 'LINE docs', 'queue.add', 'Hookline'],
        series: [{ name: 'median', values: names.map((name) => median(rate(name))) }],
      },
    ],
    raw: { ...samples, always: modes.always, journal: modes.journal, everysec: modes.everysec },
  }
}

const durabilityNames: Record<Durability, string> = {
  everysec: 'Redis, `appendfsync everysec`',
  always: 'Redis, `appendfsync always`',
  journal: 'no Redis: journal, fsync before each 200',
}

function textOf(bench: Bench, { bodySize }: Pool): string {
  return `Webhooks of LINE with one text message each (${bodySize} bytes of JSON), all of different events, of 1,000 users, signed
beforehand with the channel secret; ${connections} connections, each sends its next request when the last was answered
(\`${findGenerator(bench).name}\`). The Hookline ingress is the real process with a bot of each platform, everything on and at its defaults.
After each of its measurements the events in the lanes (or in the journal) are counted: as many as were acknowledged. Nobody works on
the queue or the lanes meanwhile. ${warmSeconds(bench)} s of warming up come before each measurement, with a new process and a new Redis.`
}
