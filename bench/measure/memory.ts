import { join } from 'node:path'
import { createDevAccounts } from '#libs/emulator'
import type { RedisClient } from '#libs/redis'
import { parseInfo } from '#libs/redis'
import { sleep } from '../../chaos/until'
import { type Backlog, postBacklog } from '../backlog'
import { type Bench, inFolder, startOwnRedis, startProgram } from '../bench'
import { residentOf } from '../cpu'
import { checkOrder } from '../order'
import { sendAtRate } from '../open-loop'
import type { Plot } from '../plot'
import { writePool } from '../pool'
import { type Section, tableOf } from '../section'
import { startSink } from '../sink-client'
import { type Sample, median } from '../statistics'
import { lanes, startWorkers, waitUntilEmpty, workOff } from './work-off'

const bots = ['bot1']

/** Everything that grows: what waits, what has ended, processes, and one long lane. */
export async function measureMemory(bench: Bench): Promise<Section> {
  const waiting = await measureWaiting(bench)
  const withoutTimeline = await measureIdle(bench, 'none')
  const withTimeline = await measureIdle(bench, 'metadata')
  const steady = await measureSteady(bench)
  const lane = await measureLongLane(bench)
  const raw = {
    waiting: [waiting],
    idleNone: [withoutTimeline],
    idleMetadata: [withTimeline],
    steady: [steady.sample],
    lane: [lane.sample],
  }
  return {
    name: 'memory',
    title: 'Memory, and one long lane',
    text,
    tables: [
      {
        caption: 'Redis, bytes (`used_memory`).',
        ...tableOf(
          { waiting: [waiting], none: [withoutTimeline], metadata: [withTimeline] },
          {
            waiting: `per waiting event (${waiting['events'] ?? 0} in 1,000 conversations), with its wake-up`,
            none: `per idle conversation (${withoutTimeline['events'] ?? 0}), no timeline`,
            metadata: `per idle conversation (${withTimeline['events'] ?? 0}), default timeline`,
          },
          [
            { name: 'all', key: 'bytes' },
            { name: 'for duplicates, expires', key: 'seen' },
            { name: 'stays', key: 'left' },
          ],
        ),
      },
      {
        caption: `Resident memory of the processes, MiB, under ${steadyRate} webhooks per second for ${bench.quick ? 'seconds' : `${bench.minutes} min`}: medians of the first and the last quarter.`,
        ...tableOf({ steady: [steady.sample] }, { steady: '' }, [
          { name: 'ingress, first', key: 'ingressFirst', digits: 1 },
          { name: 'ingress, last', key: 'ingressLast', digits: 1 },
          { name: 'worker, first', key: 'workerFirst', digits: 1 },
          { name: 'worker, last', key: 'workerLast', digits: 1 },
        ]),
      },
      {
        caption: `One lane of ${lane.sample['events'] ?? 0} events, echo bot, one worker.`,
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
        values: [ratio(steady.sample, 'ingressLast', 'ingressFirst')],
      },
      {
        what: 'worker memory, last quarter / first',
        values: [ratio(steady.sample, 'workerLast', 'workerFirst')],
      },
    ],
    plots: [steady.plot, lane.plot],
    raw,
  }
}

function ratio(sample: Sample, over: string, under: string): number {
  return (sample[over] ?? NaN) / (sample[under] ?? NaN)
}

async function measureWaiting(bench: Bench): Promise<Sample> {
  return inFolder(bench, async (dir) => {
    const redis = await startOwnRedis(bench, dir)
    const events = bench.quick ? 2000 : 20_000
    const fill = (backlog: Omit<Backlog, 'bots'>) => postBacklog(redis.client, { bots, ...backlog })
    // What is there once, whatever waits: scripts, the queue's settings, the stream of its events.
    await fill({ conversations: 1000, events: 1000, from: 1e9 })
    const before = await usedMemory(redis.client)
    await fill({ conversations: 1000, events, from: 0 })
    const all = (await usedMemory(redis.client)) - before
    await forgetSeen(redis.client)
    const left = (await usedMemory(redis.client)) - before
    redis.close()
    return { events, bytes: all / events, seen: (all - left) / events, left: left / events }
  })
}

/** Conversations that each had one event, which a real worker has finished. */
async function measureIdle(bench: Bench, timeline: 'none' | 'metadata'): Promise<Sample> {
  return inFolder(bench, async (dir) => {
    const redis = await startOwnRedis(bench, dir)
    const sink = await startSink(bench, { dir })
    const env = { HOOKLINE_TIMELINE: timeline }
    const common = { kind: 'silent', processes: 1, place: 'server', dir, bots, redis, sink, env } as const
    const workers = await startWorkers(bench, common)
    const store = lanes(redis.client, bots)
    const events = bench.quick ? 1000 : 20_000 * bench.seconds
    await store.fill({ bots, conversations: 1, events: 100, from: 1e9 })
    await waitUntilEmpty(store, 100)
    await forgetSeen(redis.client)
    const before = await usedMemory(redis.client)
    for (let from = 0; from < events; from += chunk) {
      const size = Math.min(chunk, events - from)
      // Each number is a user of its own.
      await store.fill({ bots, conversations: size, events: size, from, firstUser: from })
      await waitUntilEmpty(store, size)
    }
    // The last wake-ups end after their lanes are empty.
    await sleep(1000)
    const all = (await usedMemory(redis.client)) - before
    await forgetSeen(redis.client)
    const left = (await usedMemory(redis.client)) - before
    await Promise.all([...workers, sink].map((program) => program.end()))
    redis.close()
    bench.print(`  idle, timeline ${timeline}: ${Math.round(left / events)} bytes stay per conversation`)
    return { events, bytes: all / events, seen: (all - left) / events, left: left / events }
  })
}

const chunk = 5000

const steadyRate = 100
const sampleEveryMs = 1000

/** Ingress and worker under a steady load: what they hold at its begin and at its end. */
async function measureSteady(bench: Bench): Promise<{ sample: Sample; plot: Plot }> {
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
    const { failed } = await sendAtRate(bench, {
      url: ingress.url,
      seconds,
      pool,
      from: 0,
      rate: steadyRate,
      dir,
    })
    clearInterval(look)
    if (failed > 0) throw new Error(`${failed} webhooks were not answered with 200.`)
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
          title: `One lane of ${events.toLocaleString('en-US')} events`,
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

async function usedMemory(redis: RedisClient): Promise<number> {
  return Number(parseInfo(await redis.info('memory')).get('used_memory'))
}

/** As if the time had passed for which duplicates are remembered. */
async function forgetSeen(redis: RedisClient): Promise<void> {
  let cursor = '0'
  do {
    const [next, keys] = await redis.scan(cursor, 'MATCH', '*:seen:*', 'COUNT', 1000)
    if (keys.length > 0) await redis.unlink(keys)
    cursor = next
  } while (cursor !== '0')
  // Redis frees, and shrinks its tables, in the background.
  await sleep(500)
}

const text = `Waiting events and idle conversations: what \`used_memory\` of Redis grew by, divided by their number. The keys by which a duplicate
is known expire by themselves (LINE: after seven days); they are deleted here to tell what stays without them. An idle conversation has
had one event, which a real worker has finished. Its timeline is bounded by number and age (\`HOOKLINE_TIMELINE_ITEMS\`,
\`HOOKLINE_TIMELINE_DAYS\`), so it does not grow with the conversations either. \`--minutes 60\` watches the processes for an hour;
\`--minutes 10\` and more make the long lane one of 100,000 events.`
