import { findOnPath } from '../../libs/cli/dev-redis'
import { runToEnd } from '../support/stack'

const path = process.env['PATH']
const server = findOnPath('redis-server', path) ?? findOnPath('valkey-server', path)
// Kills need a server that keeps its data on a disk. CI must have one.
const runs = server !== undefined || process.env['CI'] ? test : test.skip
const why = server === undefined ? ' (skipped: no redis-server or valkey-server on the PATH)' : ''

runs(
  `the short chaos run loses, repeats and reorders nothing${why}`,
  async () => {
    const { code, output } = await runToEnd('dist/chaos/main.js', {}, ['--short', '--no-certificate'])
    // The output is in the comparison, so that a failure shows the table, and the seed to run it again.
    expect({ code, output }).toEqual({ code: 0, output: expect.stringContaining('All scenarios passed.') })
  },
  180_000,
)

runs(
  `its judge sees a bot that forgets, repeats and swaps messages${why}`,
  async () => {
    const { code, output } = await runToEnd('dist/chaos/main.js', {}, ['--only', 'broken-bot'])
    expect({ code, output }).toEqual({ code: 1, output: expect.stringContaining('FAILED') })
    expect(output).toContain('acked 27  delivered 24  lost 3  reordered 3  repeated 3 (unknowable 0)')
  },
  60_000,
)
