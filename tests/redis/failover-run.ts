import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { createDevAccounts } from '#libs/emulator'
import type { Children } from '../../chaos/children'
import { createRandom } from '../../chaos/random'
import { type Result, runScenario } from '../../chaos/run-scenario'
import type { Scenario, Stage } from '../../chaos/scenario'
import { sleep } from '../../chaos/until'
import { root } from '../support/stack'
import type { Ending, RedisSet, SetOptions } from './redis-set'
import { checkDeadLetters } from './dead-letters-check'
import { untilIngressSays, untilReady } from './readiness'

interface Harm {
  ending: Ending | 'hand over'
  /** For how long replicas receive nothing before: milliseconds. */
  cutMs: number
  /** For how long the old primary stays away after another has taken its place: milliseconds. */
  absentMs: number
}

/** What happens to the primary. */
export const harms = {
  'hands over in good order': { ending: 'hand over', cutMs: 0, absentMs: 0 },
  killed: { ending: 'kill', cutMs: 0, absentMs: 3000 },
  'killed, replicas 1 s behind': { ending: 'kill', cutMs: 1000, absentMs: 3000 },
  'killed and away for 20 s': { ending: 'kill', cutMs: 0, absentMs: 20_000 },
  hangs: { ending: 'hang', cutMs: 0, absentMs: 3000 },
} satisfies Record<string, Harm>

/** One run: what stands, what is asked for, what happens. */
export interface FailoverRun {
  topology: string
  start: (options: SetOptions) => Promise<RedisSet>
  /** REDIS_WAIT_REPLICAS. */
  wait: 0 | 1 | 2
  harm: keyof typeof harms
  /** Redis itself loses acknowledged writes here, and nothing is asked for that prevents it. */
  mayLose?: true
}

export interface FailoverResult extends Result {
  /** From the kill until another server took writes: milliseconds. */
  failoverMs: number
  /** Acknowledged although replicas did not confirm. */
  unconfirmed: number
}

export interface Lab {
  children: Children
  binary: string
  dir: string
}

/** Real processes under load: the primary dies, another takes over, the dead one comes back. */
export async function runFailover(run: FailoverRun, { children, binary, dir }: Lab): Promise<FailoverResult> {
  const name = `${run.topology} ${run.wait} ${run.harm}`.replace(/\W+/g, '-').toLowerCase()
  const { accounts, env: credentials } = createDevAccounts({ ingressUrl: 'http://127.0.0.1:1' })
  const measured = { failoverMs: 0, unconfirmed: 0 }
  const scenario: Scenario<RedisSet> = {
    name,
    what: 'The primary is killed (kill -9).',
    ingresses: 1,
    workers: 2,
    // More than the workers can do at the same time, so that something waits in the lanes when the primary dies.
    load: { conversations: 40, least: 5, most: 40, pauseMs: 1000 },
    settings: { latencyMs: 250 },
    env: { REDIS_WAIT_REPLICAS: String(run.wait), WORKER_CONCURRENCY: '2' },
    harm: async (stage) => {
      await sleep(4000)
      measured.failoverMs = await doHarm(stage, run)
      measured.unconfirmed = await untilReady(stage)
      await checkDeadLetters(stage, { accounts, env: stage.redis.env })
    },
    // What was lost never comes, and is waited for this long.
    settleMs: run.mayLose ? 45_000 : 60_000,
  }
  mkdirSync(join(dir, name), { recursive: true })
  const surroundings = { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '' }
  const setting = {
    ...{ children, root, dir, accounts, credentials, surroundings },
    ...{ redisBinary: binary, fsync: 'everysec' as const, startRedis: run.start },
  }
  const result = await runScenario(scenario, setting, createRandom(run.wait))
  return { ...result, ...measured }
}

/** Resolves when all servers are there again; returns how long writes were not taken. */
async function doHarm(stage: Stage<RedisSet>, { harm, topology, wait }: FailoverRun): Promise<number> {
  const { redis } = stage
  const { ending, cutMs, absentMs }: Harm = harms[harm]
  stage.did('failovers')
  if (ending === 'hand over') return redis.handOver()
  if (cutMs > 0) {
    await redis.cutReplication()
    await sleep(cutMs)
  }
  const ms = await redis.endPrimary(ending)
  await sleep(absentMs)
  // In the cluster nobody follows the new primary until the old one is back.
  if (topology === 'Cluster' && wait > 0 && absentMs > 10_000)
    await untilIngressSays(stage, 'Events are acknowledged without them.')
  await redis.revive()
  return ms
}
