import { join } from 'node:path'
import { createDevAccounts } from '#libs/emulator'
import { type Bench, inFolder, startOwnRedis, startProgram } from '../bench'
import { residentOf } from '../cpu'
import { sendAtRate } from '../open-loop'
import { checkOrder } from '../order'
import type { Plot } from '../plot'
import { writePool } from '../pool'
import { type Section, number, tableOf } from '../section'
import { startSink } from '../sink-client'
import { type Sample, median } from '../statistics'
import { lanes, startWorkers, workOff } from './work-off'

const bots = ['bot1']

/** What lasts: processes under a steady load, and one very long lane. */
export async function measureSteady(bench: Bench): Promise<Section> {
  const load = await measureLoad(bench)
  const lane = await measureLongLane(bench)
  return {
    name: 'steady',
    title: 'A steady load, and one long lane',
    text,
    tables: [
      {
        caption: `Resident memory of the processes, MiB, under ${steadyRate} webhooks per second for ${bench.quick ? 'seconds' : `${bench.minutes} min`}: medians of the first and the last quarter.`,
        ...tableOf({ load: [load.sample] }, { load: '' }, [
          { name: 'ingress, first', key: 'ingressFirst', digits: 1 },
          { name: 'ingress, last', key: 'ingressLast', digits: 1 },
          { name: 'worker, first', key: 'workerFirst', digits: 1 },
          { name: 'worker, last', key: 'workerLast', digits: 1 },
        ]),
      },
      {
        caption: `One lane of ${number(lane.sample['events'] ?? 0)} events, echo bot, one worker.`,
        ...tableOf({ lane: [lane.sample] }, { lane: '' }, [
          { name: 'events/s', key: 'rate' },
          { name: 'first tenth', key: 'first' },
          { name: 'last tenth', key: 'last' },
          { name: 'longest gap, ms', key: 'gap' },
        ]),
      },
    ],
    ratios: [
      { what: 'one lane, rate of the last tenth / the first', values: [ratio(lane.sample, 'last', 'first')] },
      {
        what: 'ingress memory, last quarter / first',
        values: [ratio(load.sample, 'ingressLast', 'ingressFirst')],
      },
      {
        what: 'worker memory, last quarter / first',
        values: [ratio(load.sample, 'workerLast', 'workerFirst')],
      },
    ],
    plots: [load.plot, lane.plot],
    raw: { load: [load.sample], lane: [lane.sample] },
  }
}

function ratio(sample: Sample, over: string, under: string): number {
  return (sample[over] ?? NaN) / (sample[under] ?? NaN)
}

const steadyRate = 100
const sampleEveryMs = 1000

/** Ingress and worker under a steady load: what they hold at its begin and at its end. */
async function measureLoad(bench: Bench): Promise<{ sample: Sample; plot: Plot }> {
  return inFolder(bench, async (dir) => {
    const seconds = bench.quick ? 8 : bench.minutes * 60
    const { accounts } = createDevAccounts({ ingressUrl: 'http://127.0.0.1:1' })
    const secret = accounts.line.channelSecret
    const pool = writePool(join(dir, 'pool.bin'), { secret, count: seconds * steadyRate })
    const redis = await startOwnRedis(bench, dir, { place: 'anywhere' })
    const sink = await startSink(bench, { dir, place: 'anywhere' })
    const env = {
      ...{ HOOKLINE_CONFIG: '', REDIS_URL: redis.url, INGRESS_PORT: '0', WORKER_PORT: '0' },
      ...{ LINE_CHANNEL_SECRET: secret, LINE_CHANNEL_ACCESS_TOKEN: 'token', LINE_API_BASE_URL: sink.url },
      ...{ HOOKLINE_JOURNAL_DIR: join(dir, 'journal'), HOOKLINE_BOT: join(bench.root, 'bench/bots/echo.ts') },
    }
    const common = { env, dir, place: 'anywhere' } as const
    const ingress = await startProgram(bench, { ...common, name: 'ingress', script: 'apps/ingress/main.js' })
    const worker = await startProgram(bench, { ...common, name: 'worker', script: 'apps/worker/main.js' })
    const held: { ingress: number[]; worker: number[] } = { ingress: [], worker: [] }
    const look = setInterval(() => {
      held.ingress.push(residentOf(ingress.pid) / mebibyte)
      held.worker.push(residentOf(worker.pid) / mebibyte)
    }, sampleEveryMs)
    await sendAtRate(bench, { url: ingress.url, seconds, pool, from: 0, rate: steadyRate, dir })
    clearInterval(look)
    await Promise.all([ingress, worker, sink].map((program) => program.end()))
    redis.close()
    const [ingressFirst, ingressLast] = quarters(held.ingress)
    const [workerFirst, workerLast] = quarters(held.worker)
    return {
      sample: { ingressFirst, ingressLast, workerFirst, workerLast },
      plot: {
        ...{ name: 'memory', title: 'Resident memory under steady load', unit: 'MiB', kind: 'lines' },
        labels: ['begin', '', '', 'end'],
        series: [
          { name: 'ingress', values: fourths(held.ingress) },
          { name: 'worker', values: fourths(held.worker) },
        ],
      },
    }
  })
}

const mebibyte = 1024 * 1024

/** Medians of each quarter. */
function fourths(values: number[]): number[] {
  const length = Math.max(1, Math.floor(values.length / 4))
  return [0, 1, 2, 3].map((i) => median(values.slice(i * length, (i + 1) * length)))
}

function quarters(values: number[]): [first: number, last: number] {
  const [first = NaN, , , last = NaN] = fourths(values)
  return [first, last]
}

const tenths = 10

/** One conversation with very many events: is the last as fast as the first, and does it ever stand still? */
async function measureLongLane(bench: Bench): Promise<{ sample: Sample; plot: Plot }> {
  return inFolder(bench, async (dir) => {
    const redis = await startOwnRedis(bench, dir)
    const sink = await startSink(bench, { dir })
    const store = lanes(redis.client, bots)
    await store.hold()
    const events = bench.quick ? 1000 : Math.min(100_000, 10_000 * bench.minutes)
    const common = { kind: 'echo', processes: 1, place: 'server', dir, bots, redis, sink } as const
    const workers = await startWorkers(bench, common)
    const backlog = { bots, conversations: 1, events, from: 0 }
    await workOff(store, { ...backlog, events: 500, from: 1e9 })
    await sink.forget()
    await store.hold()
    await workOff(store, backlog)
    const calls = await sink.calls()
    await Promise.all([...workers, sink].map((program) => program.end()))
    redis.close()
    const labels = calls.map(([, label]) => label)
    checkOrder(labels, backlog)
    const times = calls.map(([at]) => at)
    const gaps = times.slice(1).map((at, i) => at - (times[i] ?? at))
    const rates = ratesOf(times)
    return {
      sample: {
        ...{ events, rate: rateOf(times), first: rates[0] ?? NaN, last: rates.at(-1) ?? NaN },
        gap: gaps.reduce((longest, gap) => Math.max(longest, gap), 0),
      },
      plot: {
        ...{
          name: 'long-lane',
          title: `One lane of ${number(events)} events`,
          unit: 'events/s',
        },
        kind: 'lines',
        labels: rates.map((_rate, i) => `${i + 1}/${tenths}`),
        series: [{ name: 'rate by tenths of the lane', values: rates }],
      },
    }
  })
}

function ratesOf(times: number[]): number[] {
  const length = Math.floor(times.length / tenths)
  return Array.from({ length: tenths }, (_, i) => rateOf(times.slice(i * length, (i + 1) * length)))
}

function rateOf(times: number[]): number {
  const [first = NaN, last = NaN] = [times[0], times.at(-1)]
  return ((times.length - 1) / (last - first)) * 1000
}

const text = `Ingress, one worker and an echo bot for the minutes that are given (\`--minutes 60\` watches them for an hour): what they hold must not
grow. Then one conversation with very many events: the last must be as fast as the first, and it must never stand still.
\`--minutes 10\` and more make it one of 100,000 events.`
