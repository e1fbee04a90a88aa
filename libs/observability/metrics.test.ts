import { createMetrics } from './metrics'

test('tells the dead letters of each bot as they are at the scrape', async () => {
  const counts = [[{ bot: 'shop', count: 3 }], []]
  const { registry } = createMetrics({ deadLetters: () => Promise.resolve(counts.shift() ?? []) })
  expect(await registry.metrics()).toContain('hookline_dead_letters{bot="shop"} 3')
  expect(await registry.metrics()).not.toContain('hookline_dead_letters{')
})

test.each([
  ['fails', () => Promise.reject(new Error('Redis is away'))],
  ['never answers', () => new Promise<never>(() => undefined)],
])('gives the other metrics although the count of dead letters %s', async (_how, deadLetters) => {
  const { registry, webhooks } = createMetrics({ deadLetters })
  webhooks.inc({ bot: 'shop', result: 'stored' })
  const page = await registry.metrics()
  expect(page).toContain('hookline_webhook_requests_total{bot="shop",result="stored"} 1')
  expect(page).not.toContain('hookline_dead_letters{')
})
