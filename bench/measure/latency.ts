import { sleep } from '../../chaos/until'
import { type Bench, inFolder } from '../bench'
import { startMeter } from '../cpu'
import { interleave } from '../interleave'
import { findGenerator } from '../load'
import { openLoopConnections, sendAtRate } from '../open-loop'
import { type Column, type Section, tableOf } from '../section'
import { type Sample, ratios, valuesOf } from '../statistics'
import {
  type IngressLoad,
  type IngressSubject,
  ingressSubjects,
  measureThroughput,
  startSubject,
  warmSeconds,
} from './ingress'

/** Webhooks per second that LINE's example bears too: each of its answers takes 100 ms. */
const lowRate = 100
/** What full load left under way ends: milliseconds. */
const settleMs = 500

const columns: Column[] = [
  { name: 'p50, ms', key: 'p50', digits: 2 },
  { name: 'p99, ms', key: 'p99', digits: 2 },
  { name: 'longest, ms', key: 'most', digits: 1 },
  { name: 'CPU, µs/request', key: 'cpu' },
  { name: 'CPU of Redis, µs/request', key: 'redisCpu' },
]

interface Paced {
  subject: IngressSubject
  load: IngressLoad
  /** Requests per second. */
  rate: number
}

async function measureAtRate(bench: Bench, { subject, load, rate }: Paced): Promise<Sample> {
  return inFolder(bench, async (dir) => {
    const running = await startSubject(bench, { subject, load, dir })
    const common = { url: running.program.url, pool: load.pool, dir }
    // At full load, so that no compiler is at work any more.
    const warming = { ...common, seconds: warmSeconds(bench), from: 0, mayRepeat: false }
    const warm = await findGenerator(bench).run(warming)
    await sleep(settleMs)
    const meters = [running.program.pid, running.redis.pid].map((pid) => startMeter([pid]))
    const result = await sendAtRate(bench, {
      ...common,
      ...{ rate, seconds: bench.seconds, from: warm.sent + 1 },
    })
    const [server = NaN, redis = NaN] = meters.map((stop) => stop() / result.answered)
    await running.close()
    bench.print(
      `  ${subject} at ${rate}/s: p50 ${result.p50Ms.toFixed(2)} ms, p99 ${result.p99Ms.toFixed(2)} ms`,
    )
    return {
      ...{ rate, p50: result.p50Ms, p99: result.p99Ms, most: result.mostMs },
      ...{ cpu: server, redisCpu: redis },
    }
  })
}

const openLoop = `Open loop: requests go out at a fixed rate whatever the answers do, over ${openLoopConnections} connections, and each is measured from
the moment at which it was due, so that a server that stops for a while pays for everyone who had to wait.`

/** What the ingress itself adds while it has as much to do as it should. */
export async function measureLatency(bench: Bench, load: IngressLoad): Promise<Section> {
  const saturation = (await measureThroughput(bench, { subject: 'hookline', load }))['rate'] ?? 0
  const rate = Math.round(saturation / 2)
  const samples = await interleave(['express', 'hookline'] as const, bench.rounds, (subject) =>
    measureAtRate(bench, { subject, load, rate }),
  )
  return {
    name: 'latency',
    title: 'Latency of the acknowledgement at half load',
    text: `${openLoop} The rate is half of what the Hookline ingress reached at full load right before: ${rate} requests per second for both.`,
    tables: [tableOf(samples, ingressSubjects, columns)],
    ratios: [
      {
        what: 'acknowledgement p99 at half load: Hookline / bare Express 5',
        values: ratios(valuesOf(samples.hookline, 'p99'), valuesOf(samples.express, 'p99')),
        goal: { atMost: 2 },
      },
      {
        what: 'acknowledgement p50 at half load: Hookline / bare Express 5',
        values: ratios(valuesOf(samples.hookline, 'p50'), valuesOf(samples.express, 'p50')),
      },
    ],
    plots: [],
    raw: samples,
  }
}

/** What a platform has to wait for where the user is answered first. */
export async function measureAck(bench: Bench, load: IngressLoad): Promise<Section> {
  const samples = await interleave(['sdk', 'store', 'hookline'] as const, bench.rounds, (subject) =>
    measureAtRate(bench, { subject, load, rate: lowRate }),
  )
  return {
    name: 'ack',
    title: 'Latency of the acknowledgement while the platform takes 100 ms',
    text: `${openLoop} ${lowRate} requests per second, which both bear. A call to the platform takes 100 ms.`,
    tables: [tableOf(samples, ingressSubjects, columns)],
    ratios: [
      {
        what: "acknowledgement p99: LINE's documentation / Hookline",
        values: ratios(valuesOf(samples.sdk, 'p99'), valuesOf(samples.hookline, 'p99')),
        goal: { atLeast: 20 },
      },
      {
        what: "acknowledgement p99: LINE's documentation / the least that stores",
        values: ratios(valuesOf(samples.sdk, 'p99'), valuesOf(samples.store, 'p99')),
      },
    ],
    plots: [],
    raw: samples,
  }
}
