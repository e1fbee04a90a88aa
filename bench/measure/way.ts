import { Agent, request } from 'node:http'
import { signLine } from '#libs/platforms'
import { sleep } from '../../chaos/until'
import { channelSecret, saidIn } from '../backlog'
import { type Bench, type Program, inFolder, startOwnRedis, startProgram } from '../bench'
import { startMeter } from '../cpu'
import { type Samples, interleave } from '../interleave'
import { disorderOf } from '../order'
import { type Section, tableOf } from '../section'
import { type Sink, startSink } from '../sink-client'
import { type Sample, percentile, valuesOf } from '../statistics'
import { emulatorCost } from './emulator-cost'
import { ingressEnv, startWorkers } from './work-off'

const everyMs = 50
const conversations = 50
const bots = ['bot1']

/** The whole way of an event, with nothing else to do: from the sender's first byte to the platform's request. */
export async function measureWay(bench: Bench): Promise<Section> {
  const samples: Samples = await interleave(['way'], bench.rounds, async () => {
    const sample = await measureOnce(bench)
    bench.print(`  p50 ${sample['p50']?.toFixed(2) ?? ''} ms, p99 ${sample['p99']?.toFixed(2) ?? ''} ms`)
    return sample
  })
  const cost = await emulatorCost(bench)
  const of = (key: string) => valuesOf(samples['way'] ?? [], key)
  return {
    name: 'way',
    title: 'The way of an event: from webhook to platform call',
    text,
    tables: [
      tableOf(samples, { way: 'Hookline, ingress and one worker' }, [
        { name: 'webhook to call, p50, ms', key: 'p50', digits: 2 },
        { name: 'p99, ms', key: 'p99', digits: 2 },
        { name: 'webhook to 200, p50, ms', key: 'ack', digits: 2 },
        { name: 'CPU of both, µs/event', key: 'cpu' },
        { name: 'CPU of Redis, µs/event', key: 'redisCpu' },
      ]),
      {
        caption: 'Why the sink is not the emulator: CPU time of each per call (a push, one at a time).',
        ...tableOf(cost, { sink: 'sink', emulator: 'emulator, which checks every call' }, [
          { name: 'CPU, µs/call', key: 'cpu' },
        ]),
      },
    ],
    ratios: [
      { what: 'webhook to platform call, p50 in ms', values: of('p50'), goal: { atMost: 5 } },
      { what: 'webhook to platform call, p99 in ms', values: of('p99'), goal: { atMost: 15 } },
    ],
    plots: [],
    raw: { ...samples, ...cost },
  }
}

async function measureOnce(bench: Bench): Promise<Sample> {
  return inFolder(bench, async (dir) => {
    const redis = await startOwnRedis(bench, dir)
    const sink = await startSink(bench, { dir, place: 'anywhere' })
    const common = { kind: 'echo', place: 'anywhere', dir, bots, redis, sink } as const
    const workers = await startWorkers(bench, { ...common, processes: 1 })
    const ingress = await startProgram(bench, {
      ...{ name: 'ingress', script: 'apps/ingress/main.js', place: 'anywhere', dir },
      env: ingressEnv(common),
    })
    // So many that no compiler is at work any more: what is measured has nothing else to do.
    await say({ sink, ingress, events: bench.quick ? 50 : 3000, from: 1e9, everyMs: 1 })
    await sink.forget()
    const meters = [[ingress, ...workers].map(({ pid }) => pid), [redis.pid]].map(startMeter)
    const events = bench.seconds * 60
    const sent = await say({ sink, ingress, events, from: 0, everyMs })
    const [cpu = NaN, redisCpu = NaN] = meters.map((stop) => stop() / events)
    const calls = await sink.calls()
    await Promise.all([...workers, sink, ingress].map((program) => program.end()))
    redis.close()
    const labels = calls.map(([, label]) => label)
    const { missing, twice, reordered } = disorderOf(labels, { conversations, events })
    if (missing + twice + reordered > 0)
      throw new Error(`Of ${events} answers ${missing} missing, ${twice} twice, ${reordered} late.`)
    const ways = calls.map(([at, label]) => at - (sent.get(label)?.at ?? NaN))
    const acks = [...sent.values()].map(({ ackedMs }) => ackedMs)
    return {
      ...{ p50: percentile(ways, 0.5), p99: percentile(ways, 0.99), ack: percentile(acks, 0.5) },
      ...{ cpu, redisCpu },
    }
  })
}

interface Saying {
  sink: Sink
  ingress: Program
  events: number
  from: number
  everyMs: number
}

interface Sent {
  /** Monotonic milliseconds, right before the request. */
  at: number
  ackedMs: number
}

/** Sends one webhook after another and waits until the sink has all answers. */
async function say({ sink, ingress, events, from, everyMs: pauseMs }: Saying): Promise<Map<string, Sent>> {
  const agent = new Agent({ keepAlive: true })
  const sent = new Map<string, Sent>()
  for (const { label, body } of saidIn({ bots, conversations, events, from })) {
    const signature = signLine(body, channelSecret)
    const at = monotonicMs()
    await post(`${ingress.url}/webhooks/bot1`, { agent, body, signature })
    sent.set(label, { at, ackedMs: monotonicMs() - at })
    await sleep(pauseMs)
  }
  for (let tries = 0; tries < 100 && (await sink.calls()).length < events; tries++) await sleep(50)
  agent.destroy()
  return sent
}

function post(url: string, { agent, body, signature }: { agent: Agent; body: Buffer; signature: string }) {
  const headers = { 'content-type': 'application/json', 'x-line-signature': signature }
  return new Promise<void>((resolve, reject) => {
    const call = request(url, { method: 'POST', agent, headers }, (response) => {
      response.resume()
      response.on('end', () => {
        if (response.statusCode === 200) resolve()
        else reject(new Error(`The ingress answered ${response.statusCode ?? 0}.`))
      })
    })
    call.on('error', reject)
    call.end(body)
  })
}

/** As the sink's clock: CLOCK_MONOTONIC, the same for all processes. */
function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6
}

const text = `One webhook of LINE every ${everyMs} ms, ${conversations} conversations in turn, echo bot; ingress, one worker, Redis and the sink share the
cores and have nothing else to do. Measured from right before the request to the ingress until the sink has read the answer's request, on
one clock that all processes share.`
