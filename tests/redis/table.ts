import type { FailoverResult, FailoverRun } from './failover-run'

/** The measured runs, in Markdown: fit for docs/redis.md. */
export function failoverTable(results: [FailoverRun, FailoverResult][]): string {
  const rows = results.map(([{ topology, wait, cutMs }, result]) => [
    topology,
    wait,
    cutMs === 0 ? 'none' : `${cutMs / 1000} s`,
    result.acked,
    result.lost,
    result.repeated,
    result.reordered,
    result.unconfirmed,
    `${result.slowestAckMs} ms`,
    `${(result.failoverMs / 1000).toFixed(1)} s`,
  ])
  const head = [
    'Redis',
    'REDIS_WAIT_REPLICAS',
    'lag before the kill',
    'acknowledged',
    'lost',
    'repeated',
    'reordered',
    'acknowledged unconfirmed',
    'slowest answer to a webhook',
    'failover',
  ]
  const line = (cells: (string | number)[]) => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map((_, i) => (i === 0 ? '---' : '--:'))), ...rows.map(line)].join('\n')
}
