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
const runs: FailoverRun[] = [
  { ...sentinel, harm: 'killed', wait: 0, mayLose: true },
  { ...sentinel, harm: 'killed', wait: 1 },
  { ...sentinel, harm: 'killed, replicas 1 s behind', wait: 0, mayLose: true },
  { ...sentinel, harm: 'killed, replicas 1 s behind', wait: 1 },
  { ...sentinel, harm: 'hangs', wait: 1 },
  { ...sentinel, harm: 'hands over in good order', wait: 0, mayLose: true },
  // The replica that is not promoted follows the old primary for a moment longer, and confirms what goes lost with it.
  { ...sentinel, harm: 'hands over in good order', wait: 1, mayLose: true },
  { ...sentinel, harm: 'hands over in good order', wait: 2 },
  { ...cluster, harm: 'killed', wait: 0, mayLose: true },
  { ...cluster, harm: 'killed', wait: 1 },
  { ...cluster, harm: 'killed, replicas 1 s behind', wait: 0, mayLose: true },
  { ...cluster, harm: 'killed, replicas 1 s behind', wait: 1 },
  { ...cluster, harm: 'killed and away for 20 s', wait: 1 },
  { ...cluster, harm: 'hangs', wait: 1 },
  { ...cluster, harm: 'hands over in good order', wait: 0 },
]

/** Workers' notes may be lost whatever the ingress waits for: that something was sent, and then it is sent again. */
const mayRepeat = /^(repeated|reordered): /
const isLost = (offence: string) => offence.startsWith('lost: ')

describeWithRedisServer('a failover under load', () => {
  test.each(runs)(
    '$topology, REDIS_WAIT_REPLICAS $wait: $harm',
    async (run) => {
      const result = await runFailover(run, { children, binary, dir })
      results.push([run, result])
      expect(result.acked).toBeGreaterThan(200)
      const offences = result.offences.filter((offence) => !mayRepeat.test(offence))
      expect(offences.filter((offence) => !(run.mayLose && isLost(offence)))).toEqual([])
    },
    240_000,
  )
})
