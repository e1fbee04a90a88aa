import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createChildren } from '../../chaos/children'
import { findRedisServer } from '../../chaos/redis-server'
import { describeWithRedisServer } from '../support/redis-server'
import { startCluster } from './cluster'
import { type FailoverResult, type FailoverRun, runFailover } from './failover-run'
import { startSentinelSet } from './sentinel-set'
import { failoverTable } from './table'

const children = createChildren()
const dir = mkdtempSync(join(tmpdir(), 'hookline-failover-'))
const binary = findRedisServer(process.env['PATH']) ?? ''
const results: [FailoverRun, FailoverResult][] = []

afterAll(() => {
  children.killAll()
  rmSync(dir, { recursive: true, force: true, maxRetries: 5 })
  process.stdout.write(`\n${failoverTable(results)}\n`)
})

const sentinel = { topology: 'Sentinel', start: startSentinelSet }
const cluster = { topology: 'Cluster', start: startCluster }
const runs: FailoverRun[] = [sentinel, cluster].flatMap((set) => [
  { ...set, wait: 0, cutMs: 0 },
  { ...set, wait: 1, cutMs: 0 },
  { ...set, wait: 0, cutMs: 1000 },
  { ...set, wait: 1, cutMs: 1000 },
])

/** What an asynchronous replica may cost: events, and that what was sent is not known any more. */
const mayHappen = /^(lost|repeated|reordered): /

describeWithRedisServer('the primary is killed under load', () => {
  test.each(runs)(
    '$topology, REDIS_WAIT_REPLICAS $wait, replication cut $cutMs ms before',
    async (run) => {
      const result = await runFailover(run, { children, binary, dir })
      results.push([run, result])
      expect(result.acked).toBeGreaterThan(200)
      expect(result.offences.filter((offence) => !mayHappen.test(offence))).toEqual([])
      if (run.wait > 0) expect(result.offences.filter((offence) => offence.startsWith('lost'))).toEqual([])
    },
    240_000,
  )
})
