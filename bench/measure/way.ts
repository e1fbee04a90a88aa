import { once } from 'node:events'
import { connect } from 'node:net'
import type { RedisClient } from '#libs/redis'
import { sleep, within } from '../../chaos/until'
import { channelSecret, saidIn } from '../backlog'
import { type Bench, inFolder, startOwnRedis, startProgram } from '../bench'
import { startMeter } from '../cpu'
import { type Samples, interleave } from '../interleave'
import { checkOrder } from '../order'
import { type Section, tableOf } from '../section'
import { type Sink, startSink } from '../sink-client'
import { type Sample, percentile, valuesOf } from '../statistics'
import { requestOf } from '../webhooks'
import { emulatorCost } from './emulator-cost'
import { ingressEnv, startWorkers } from './work-off'

const everyMs = 50
const conversations = 50
const bots = ['line']

/** The whole way of an event, with nothing else to do: from the sender's first byte to the platform's request. */
export async function measureWay(bench: Bench): Promise<Section> {
  const samples: Samples = await interleave(
    ['hookline', 'tutorial', 'asking'] as const,
    bench.rounds,
    async (kind) => {
      const sample = await measureOnce(bench, kind)
      const shown = (name: string) => `${name} ${sample[name]?.toFixed(2) ?? ''} ms`
      bench.print(`  ${kind}: ${['p50', 'p99', 'trip'].map(shown).join(', ')}`)
      return sample
    },
  )
  const cost = await emulatorCost(bench)
  const of = (key: string) => valuesOf(samples['hookline'] ?? [], key)
  return {
    name: 'way',
    title: 'The way of an event: from webhook to platform call',
    text,
    tables: [
      tableOf(samples, rows, [
        { name: 'webhook to call, p50, ms', key: 'p50', digits: 2 },
        { name: 'p99, ms', key: 'p99', digits: 2 },
        { name: 'webhook to 200, p50, ms', key: 'ack', digits: 2 },
        { name: 'one PING of Redis, p50, ms', key: 'trip', digits: 2 },
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

/** So many events that no compiler is at work any more: what is measured has nothing else to do. */
const warmEvents = 3000

const rows = {
  hookline: 'Hookline, ingress and one worker',
  tutorial: 'tutorial: Express, `queue.add`, a worker with axios',
  asking: 'the tutorial, two PINGs before its call: the least that takes a lane and marks a call',
}

const tutorial = { worker: 'tutorial', ingress: 'bench/subjects/express-queue.js', env: {} } as const
const programs = {
  hookline: { worker: 'echo', ingress: 'apps/ingress/main.js', env: {} },
  tutorial,
  asking: { ...tutorial, env: { QUESTIONS: '2' } },
} as const

async function measureOnce(bench: Bench, subject: keyof typeof rows): Promise<Sample> {
  return inFolder(bench, async (dir) => {
    const redis = await startOwnRedis(bench, dir, { place: 'anywhere' })
    const sink = await startSink(bench, { dir, place: 'anywhere' })
    const common = { place: 'anywhere', dir, bots, redis, sink } as const
    const { worker: kind, ingress: script, env } = programs[subject]
    const workers = await startWorkers(bench, { ...common, processes: 1, kind, env })
    const ingress = await startProgram(bench, {
      ...{ name: 'ingress', place: 'anywhere', dir, script },
      env: { ...ingressEnv(common), LINE_CHANNEL_SECRET: channelSecret },
    })
    const sender = await connectSender(ingress.url)
    await sayAll({ sink, sender, events: bench.quick ? 50 : warmEvents, from: 1e9, pauseMs: 1 })
    const events = bench.seconds * 60
    const meters = [[ingress, ...workers].map(({ pid }) => pid), [redis.pid]].map(startMeter)
    const times = await sayAll({ sink, sender, events, from: 0, pauseMs: everyMs })
    const [cpu = NaN, redisCpu = NaN] = meters.map((stop) => stop() / events)
    const trip = await roundTrip(redis.client)
    sender.close()
    await Promise.all([...workers, sink, ingress].map((program) => program.end()))
    redis.close()
    return { ...times, trip, cpu, redisCpu }
  })
}

const trips = 50

/** What one step of the way takes at this pace: the way has four such questions to Redis, one after the other. */
async function roundTrip(redis: RedisClient): Promise<number> {
  const times: number[] = []
  for (let i = 0; i < trips; i++) {
    const at = monotonicMs()
    await redis.ping()
    times.push(monotonicMs() - at)
    await sleep(everyMs)
  }
  return percentile(times, 0.5)
}

interface Saying {
  sink: Sink
  sender: Sender
  events: number
  from: number
  pauseMs: number
}

/** Sends one webhook after another, and gives how long their ways and acknowledgements took. */
async function sayAll({ sink, sender, events, from, pauseMs }: Saying): Promise<Sample> {
  await sink.forget()
  const sent = new Map<string, number>()
  const acks: number[] = []
  for (const { label, body } of saidIn({ bots, conversations, events, from })) {
    const request = requestOf(body, channelSecret)
    const at = monotonicMs()
    await sender.send(request)
    acks.push(monotonicMs() - at)
    sent.set(label, at)
    await sleep(pauseMs)
  }
  await within(10_000, 'all answers come', sink.reached(events))
  const calls = await sink.calls()
  const labels = calls.map(([, label]) => label)
  checkOrder(labels, { conversations, events })
  const ways = calls.map(([at, label]) => at - (sent.get(label) ?? NaN))
  return { p50: percentile(ways, 0.5), p99: percentile(ways, 0.99), ack: percentile(acks, 0.5) }
}

interface Sender {
  /** Resolves with the 200. */
  send(request: Buffer): Promise<void>
  close(): void
}

/** One connection, as bare as it can be: the sender's own time is no part of the way. */
async function connectSender(url: string): Promise<Sender> {
  const { hostname, port } = new URL(url)
  const socket = connect({ host: hostname, port: Number(port), noDelay: true })
  await once(socket, 'connect')
  return {
    send: async (request) => {
      socket.write(request)
      const [answer] = (await once(socket, 'data')) as [Buffer]
      if (!answer.toString('latin1').startsWith('HTTP/1.1 200'))
        throw new Error(`The ingress answered: ${String(answer)}`)
    },
    close: () => socket.destroy(),
  }
}

/** As the sink's clock: CLOCK_MONOTONIC, the same for all processes. */
function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6
}

const text = `One webhook of LINE every ${everyMs} ms, ${conversations} conversations in turn, echo bot; ingress, one worker, Redis and the sink share the
cores and have nothing else to do. Measured from right before the request to the ingress is written until the sink has read the head of the
answer's request, on one clock that all processes share. Code runs slower on a core that comes from a rest: see the CPU time per event
beside that of the other sections, and what a single PING of Redis takes at the same pace. Hookline asks Redis four times in a row
(store, job, lane, mark), the tutorial twice (add, job). The two that it does not ask are what keeps order and repeats nothing: the third row
shows what they take where they are as small as can be.`
