import { certificate } from './certificate'
import { lineOf } from './report'
import type { Result } from './run-scenario'
import type { Scenario } from './scenario'

const result: Result = {
  name: 'kill-worker',
  harm: '8 worker kills',
  sent: 410,
  acked: 400,
  delivered: 399,
  lost: 0,
  late: 0,
  reordered: 0,
  repeated: 3,
  unknowable: 3,
  parked: 1,
  unasked: 2,
  slowestAckMs: 45,
  slowestAnswerMs: 7400,
  ms: 20_000,
  offences: [],
}
const failed: Result = {
  ...result,
  name: 'kill-redis',
  lost: 7,
  offences: Array.from({ length: 7 }, (_, i) => `lost: c0${i}/1`),
}

test('one line per scenario', () => {
  expect(lineOf(result)).toBe(
    'kill-worker            acked 400  delivered 399  lost 0  reordered 0  repeated 3 (unknowable 3)  parked 1  slowest ack 45 ms  ok',
  )
})

test('a failed one names the first that went wrong, and how many more', () => {
  const lines = lineOf(failed).split('\n')
  expect(lines[0]).toMatch(/lost 7 .* FAILED$/)
  expect(lines.slice(1)).toEqual([
    ...['c00/1', 'c01/1', 'c02/1', 'c03/1', 'c04/1'].map((label) => `    lost: ${label}`),
    '    and 2 more',
  ])
})

describe('the certificate', () => {
  const facts = {
    seed: 42,
    fsync: 'always',
    redis: 'Redis 7.0.15',
    node: 'v20.20.2',
    hookline: '0.1.0',
    date: '2030-01-02',
  }
  const scenario = (name: string) => ({ name, what: 'Something dies.' }) as Scenario
  const scenarios = [scenario('kill-worker'), scenario('kill-redis')]

  test('says that all passed only where all did', () => {
    const good = certificate(facts, [scenario('kill-worker')], [result])
    expect(good).toContain('All 1 scenarios passed.')
    expect(good).not.toContain('FAILED')
    const bad = certificate(facts, scenarios, [result, failed])
    expect(bad).toContain('**1 of 2 scenarios failed: kill-redis.**')
    expect(bad).not.toContain('scenarios passed')
  })

  test('has the facts of the run, its counts, and their sums', () => {
    const text = certificate(facts, scenarios, [result, failed])
    for (const fact of ['2030-01-02', '| 42 |', 'appendfsync always', 'Redis 7.0.15', 'v20.20.2', '0.1.0'])
      expect(text).toContain(fact)
    expect(text).toContain('| kill-worker | 410 | 400 | 399 | 0 | 0 | 0 | 3 | 3 | 1 | 45 ms | 7.4 s | ok |')
    expect(text).toContain('| **all** | 820 | 800 | 798 | 7 | 0 | 0 | 6 | 6 | 2 | 45 ms | 7.4 s | |')
    expect(text).toContain('| kill-worker | Something dies. | 8 worker kills |')
  })
})
