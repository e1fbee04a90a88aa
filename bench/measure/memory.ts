import type { RedisClient } from '#libs/redis'
import { parseInfo } from '#libs/redis'
import { sleep } from '../../chaos/until'
import { type Backlog, postBacklog } from '../backlog'
import { type Bench, inFolder, startOwnRedis } from '../bench'
import { type Section, number, tableOf } from '../section'
import { startSink } from '../sink-client'
import type { Sample } from '../statistics'
import { lanes, startWorkers, waitUntilEmpty } from './work-off'

const bots = ['bot1']

/** What Redis holds of events that wait and of conversations that are at rest. */
export async function measureMemory(bench: Bench): Promise<Section> {
  const waiting = await measureWaiting(bench)
  const withoutTimeline = await measureIdle(bench, 'none')
  const withTimeline = await measureIdle(bench, 'metadata')
  return {
    name: 'memory',
    title: 'Memory of Redis',
    text,
    tables: [
      {
        caption: 'Redis, bytes (`used_memory`).',
        ...tableOf(
          { waiting: [waiting], none: [withoutTimeline], metadata: [withTimeline] },
          {
            waiting: `per waiting event (${number(waiting['events'] ?? 0)} in 1,000 conversations), with its wake-up`,
            none: `per idle conversation (${number(withoutTimeline['events'] ?? 0)}), no timeline`,
            metadata: `per idle conversation (${number(withTimeline['events'] ?? 0)}), default timeline`,
          },
          [
            { name: 'all', key: 'bytes' },
            { name: 'for duplicates, expires', key: 'seen' },
            { name: 'stays', key: 'left' },
          ],
        ),
      },
    ],
    ratios: [],
    plots: [],
    raw: { waiting: [waiting], idleNone: [withoutTimeline], idleMetadata: [withTimeline] },
  }
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
\`HOOKLINE_TIMELINE_DAYS\`), so it does not grow with the conversations either. 20,000 idle conversations for each of the
\`--seconds\`: \`--seconds 50\` makes a million.`
