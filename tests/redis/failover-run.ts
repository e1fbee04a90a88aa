import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { createDevAccounts } from '#libs/emulator'
import type { Children } from '../../chaos/children'
import { createRandom } from '../../chaos/random'
import { type Result, runScenario } from '../../chaos/run-scenario'
import type { Scenario, Stage } from '../../chaos/scenario'
import { sleep } from '../../chaos/until'
import { root } from '../support/stack'
import type { RedisSet, SetOptions } from './redis-set'
import { checkDeadLetters } from './dead-letters-check'
import { untilReady } from './readiness'

/** One run: what stands, what is asked for, what happens. */
export interface FailoverRun {
  topology: string
  start: (options: SetOptions) => Promise<RedisSet>
  /** REDIS_WAIT_REPLICAS. */
  wait: 0 | 1
  /** For how long replicas receive nothing before the primary is killed: milliseconds. */
  cutMs: number
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
  const name = `${run.topology}-wait-${run.wait}-cut-${run.cutMs}`.replaceAll(' ', '-').toLowerCase()
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
      measured.failoverMs = await failOver(stage, run.cutMs)
      await sleep(3000)
      await stage.redis.revive()
      stage.did('revived servers')
      measured.unconfirmed = await untilReady(stage)
      await checkDeadLetters(stage, { accounts, env: stage.redis.env })
    },
    settleMs: 90_000,
  }
  mkdirSync(join(dir, name), { recursive: true })
  const surroundings = { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '' }
  const setting = {
    ...{ children, root, dir, accounts, credentials, surroundings },
    ...{ redisBinary: binary, fsync: 'everysec' as const, startRedis: run.start },
  }
  const result = await runScenario(scenario, setting, createRandom(run.cutMs + run.wait))
  return { ...result, ...measured }
}

async function failOver(stage: Stage<RedisSet>, cutMs: number): Promise<number> {
  if (cutMs > 0) {
    await stage.redis.cutReplication()
    await sleep(cutMs)
  }
  const ms = await stage.redis.killPrimary()
  stage.did('primaries killed')
  return ms
}
