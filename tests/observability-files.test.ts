import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { anchorsOf } from './support/anchors'

const root = join(__dirname, '..')
const read = (file: string) => readFileSync(join(root, file), 'utf8')

interface Rule {
  alert: string
  expr: string
  labels: { severity: string }
  annotations: { summary: string; runbook: string }
}

interface Panel {
  type: string
  title: string
  targets?: { expr: string; legendFormat: string; datasource: { uid: string } }[]
}

const alerts = parse(read('deploy/prometheus/alerts.yml')) as { groups: { rules: Rule[] }[] }
const rules = alerts.groups.flatMap((group) => group.rules)
const dashboards = readdirSync(join(root, 'deploy/grafana/dashboards')).map(
  (file) => JSON.parse(read(`deploy/grafana/dashboards/${file}`)) as { panels: Panel[] },
)
const panels = dashboards.flatMap(({ panels: all }) => all).filter(({ type }) => type !== 'row')
const targets = panels.flatMap((panel) => panel.targets ?? [])
const expressions = [...rules, ...targets].map(({ expr }) => expr)

const documented = new Map(
  [...read('docs/metrics.md').matchAll(/^\| `(hookline_\w+)` \| ([^|]*)\| ([^|]*)/gm)].map((match) => [
    match[1] ?? '',
    { labels: match[2] ?? '', isHistogram: /^histogram/.test(match[3] ?? '') },
  ]),
)

/** A histogram is asked for by its parts. */
function baseName(name: string): string {
  const base = name.replace(/_(bucket|sum|count)$/, '')
  return documented.get(base)?.isHistogram ? base : name
}

const metricsIn = (expr: string) => expr.match(/\bhookline_\w+/g) ?? []

test.each([...new Set(expressions)])('knows every metric of %s', (expr) => {
  const unknown = metricsIn(expr)
    .map(baseName)
    .filter((name) => !documented.has(name))
  expect(unknown).toEqual([])
})

test('a histogram is never taken for a number', () => {
  const bare = expressions.flatMap(metricsIn).filter((name) => documented.get(name)?.isHistogram)
  expect(bare).toEqual([])
})

test('every label that is asked for exists', () => {
  for (const expr of expressions)
    for (const [, name = '', matchers = ''] of expr.matchAll(/\b(hookline_\w+)\{([^}]*)\}/g)) {
      const asked = [...matchers.matchAll(/(\w+)\s*(?:=~|!~|!=|=)/g)].map((match) => match[1] ?? '')
      const labels = documented.get(baseName(name))?.labels ?? '`bot`'
      expect({
        expr,
        unknown: asked.filter((label) => label !== 'le' && !labels.includes(`\`${label}\``)),
      }).toEqual({
        expr,
        unknown: [],
      })
    }
})

test('what every process tells alike is never summed', () => {
  const told = [
    'hookline_lane_items',
    'hookline_lanes_waiting',
    'hookline_oldest_item_age_seconds',
    'hookline_dead_letters',
    'hookline_journal_pending_events',
    'hookline_journal_bytes',
  ]
  const summed = expressions.filter((expr) =>
    told.some((name) => new RegExp(`sum[^(]*\\(${name}\\b`).test(expr)),
  )
  expect(summed).toEqual([])
})

const runbooks = anchorsOf(read('docs/operations.md'))

describe('every alert', () => {
  test.each(rules)(
    '$alert says what happened, how bad it is and where help is',
    ({ labels, annotations }) => {
      expect(['critical', 'warning']).toContain(labels.severity)
      expect(annotations.summary).toMatch(/^['"{A-Z].*\.$/)
      const [page, runbook] = annotations.runbook.split('#')
      expect({ page, runbooks }).toEqual({
        page: 'docs/operations.md',
        runbooks: expect.arrayContaining([runbook]),
      })
    },
  )
})

test('the dashboard shows what operation needs', () => {
  const shown = targets.map(({ expr }) => expr).join('\n')
  for (const name of [
    'webhook_ack_seconds_bucket',
    'lane_items',
    'oldest_item_age_seconds',
    'sends_total',
    'scope_closed_total',
    'token_mints_total',
    'journal_bytes',
    'reply_seconds_left_bucket',
    'dead_letters',
    'breaker_state',
  ])
    expect(shown).toContain(`hookline_${name}`)
})

test('every panel asks the data source that is provisioned', () => {
  const { datasources } = parse(read('deploy/grafana/provisioning/datasources/prometheus.yml')) as {
    datasources: { uid: string; url: string }[]
  }
  expect(datasources).toMatchObject([{ url: 'http://prometheus:9090' }])
  expect(new Set(targets.map(({ datasource }) => datasource.uid))).toEqual(
    new Set(datasources.map(({ uid }) => uid)),
  )
})

test('Prometheus asks every process of Hookline at the ports of the compose file', () => {
  const config = parse(read('deploy/prometheus/prometheus.yml')) as {
    rule_files: string[]
    scrape_configs: { job_name: string; dns_sd_configs: { names: string[]; port: number }[] }[]
  }
  expect(config.rule_files).toEqual(['alerts.yml'])
  expect(config.scrape_configs).toMatchObject([
    { job_name: 'hookline-ingress', dns_sd_configs: [{ names: ['ingress'], port: 3000 }] },
    { job_name: 'hookline-worker', dns_sd_configs: [{ names: ['worker'], port: 3003 }] },
    { job_name: 'hookline-console', dns_sd_configs: [{ names: ['console'], port: 3001 }] },
  ])
})
