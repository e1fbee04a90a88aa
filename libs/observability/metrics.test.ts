import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Metric } from 'prom-client'
import { type Backlog, createMetrics, startIngressAtZero, startWorkerAtZero } from '.'

const waiting: Backlog = { items: 7, lanes: 2, oldestAgeMs: 90_500, deadLetters: 3, timers: 6, paused: false }

test('tells what each bot has waiting as it is at the scrape, asked once', async () => {
  const read = jest
    .fn()
    .mockResolvedValueOnce(waiting)
    .mockResolvedValueOnce({ ...waiting, items: 0 })
  const { registry } = createMetrics({ backlog: { bots: () => ['shop'], read } })
  const page = await registry.metrics()
  expect(page).toContain('hookline_lane_items{bot="shop"} 7')
  expect(page).toContain('hookline_lanes_waiting{bot="shop"} 2')
  expect(page).toContain('hookline_oldest_item_age_seconds{bot="shop"} 90.5')
  expect(page).toContain('hookline_dead_letters{bot="shop"} 3')
  expect(read).toHaveBeenCalledTimes(1)
  expect(await registry.metrics()).toContain('hookline_lane_items{bot="shop"} 0')
})

test('forgets a bot that is no longer there', async () => {
  const bots = [['shop'], []]
  const { registry } = createMetrics({
    backlog: { bots: () => bots.shift() ?? [], read: () => Promise.resolve(waiting) },
  })
  expect(await registry.metrics()).toContain('hookline_lane_items{bot="shop"} 7')
  expect(await registry.metrics()).not.toContain('hookline_lane_items{')
})

test.each<[string, () => Promise<Backlog>]>([
  ['fails', () => Promise.reject(new Error('Redis is away'))],
  ['never answers', () => new Promise<never>(() => undefined)],
])('gives all else although the question for one bot %s', async (_how, unanswered) => {
  const { registry, webhooks } = createMetrics({
    backlog: {
      bots: () => ['shop', 'helpdesk'],
      read: (bot) => (bot === 'shop' ? unanswered() : Promise.resolve(waiting)),
    },
  })
  webhooks.inc({ bot: 'shop', result: 'stored' })
  const page = await registry.metrics()
  expect(page).toContain('hookline_webhook_requests_total{bot="shop",result="stored"} 1')
  expect(page).toContain('hookline_lane_items{bot="helpdesk"} 7')
  expect(page).not.toContain('hookline_lane_items{bot="shop"}')
})

test('counters of a bot begin with 0, and nothing counted is lost when they are begun again', async () => {
  const metrics = createMetrics()
  const shop = [{ name: 'shop', platform: 'line' }] as const
  startIngressAtZero(metrics, shop)
  startWorkerAtZero(metrics, shop)
  metrics.items.inc({ bot: 'shop', outcome: 'park' })
  startWorkerAtZero(metrics, shop)
  const page = await metrics.registry.metrics()
  expect(page).toContain('hookline_items_total{bot="shop",outcome="park"} 1')
  expect(page).toContain('hookline_items_total{bot="shop",outcome="retry"} 0')
  expect(page).toContain('hookline_webhook_requests_total{bot="shop",result="unavailable"} 0')
  expect(page).toContain('hookline_sends_total{bot="shop",operation="push",result="api_rate_limited"} 0')
})

describe('docs/metrics.md', () => {
  const backlog = { bots: () => [], read: () => Promise.resolve(waiting) }
  const { registry } = createMetrics({ backlog })
  const defined = registry
    .getMetricsAsArray()
    .map((metric) => metric as unknown as Metric & { name: string; labelNames: string[] })
    .filter(({ name }) => name.startsWith('hookline_'))
  const rows = readFileSync(join(__dirname, '../../docs/metrics.md'), 'utf8')
    .split('\n')
    .flatMap((line) => {
      const [, name, labels] = /^\| `(hookline_\w+)` \|([^|]*)\|/.exec(line) ?? []
      return name === undefined ? [] : [{ name, labels: labels?.match(/\w+/g) ?? [] }]
    })

  test('has a row with the labels of every metric, and no other', () => {
    const sorted = (all: { name: string }[]) => all.sort((a, b) => a.name.localeCompare(b.name))
    expect(sorted(rows)).toEqual(
      sorted(defined.map(({ name, labelNames }) => ({ name, labels: [...labelNames] }))),
    )
  })

  test.each(defined.map((metric) => [metric.name, metric] as const))(
    '%s is named by the conventions',
    async (name, metric) => {
      const { type, help } = await metric.get()
      expect(name).toMatch(/^hookline_[a-z]+(_[a-z]+)*$/)
      expect(name.endsWith('_total')).toBe(String(type) === 'counter')
      if (String(type) === 'histogram') expect(name).toMatch(/_seconds(_left)?$/)
      expect(name).not.toMatch(/_(ms|milliseconds|minutes|kb|mb|percent)(_|$)/)
      expect(help).toMatch(/^[A-Z].*[^.]$/)
    },
  )
})

test('counts from 0 what may become an alert: handshakes, ignored events and errors of other kinds', async () => {
  const metrics = createMetrics()
  startIngressAtZero(metrics, [{ name: 'shop', platform: 'line' }])
  startWorkerAtZero(metrics, [{ name: 'shop', platform: 'line' }])
  const page = await metrics.registry.metrics()
  for (const series of [
    'webhook_requests_total{bot="shop",result="challenge"}',
    'ignored_events_total{bot="shop",reason="standby"}',
    'ignored_events_total{bot="shop",reason="unsent"}',
    'sends_total{bot="shop",operation="push",result="error"}',
  ])
    expect(page).toContain(`hookline_${series} 0`)
})
