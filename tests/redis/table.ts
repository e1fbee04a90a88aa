import type { FailoverResult, FailoverRun } from './failover-run'

/** The measured runs, in Markdown: fit for docs/redis.md. */
export function failoverTable(results: [FailoverRun, FailoverResult][]): string {
  const rows = results.map(([{ topology, wait, harm }, result]) => [
    topology,
    harm,
    wait,
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
    'the primary',
    '`REDIS_WAIT_REPLICAS`',
    'acknowledged',
    'lost',
    'repeated',
    'reordered',
    'acknowledged unconfirmed',
    'slowest answer to a webhook',
    'failover',
  ]
  const line = (cells: (string | number)[]) => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map((_, i) => (i < 2 ? '---' : '--:'))), ...rows.map(line)].join('\n')
}
