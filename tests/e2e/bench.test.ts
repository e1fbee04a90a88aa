import { findOnPath } from '../../libs/cli/dev-redis'
import { runToEnd } from '../support/stack'

const path = process.env['PATH']
const server = findOnPath('redis-server', path) ?? findOnPath('valkey-server', path)
// Speed needs a real server. CI must have one.
const runs = server !== undefined || process.env['CI'] ? test : test.skip
const why = server === undefined ? ' (skipped: no redis-server or valkey-server on the PATH)' : ''

runs(
  `the benchmark of the way of an event runs, whatever comes out${why}`,
  async () => {
    const { code, output } = await runToEnd('dist/bench/main.js', {}, ['--only', 'way', '--quick'])
    expect({ code, output }).toEqual({
      code: 0,
      output: expect.stringContaining('webhook to platform call, p50'),
    })
  },
  120_000,
)
