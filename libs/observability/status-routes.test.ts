import { once } from 'node:events'
import { type Server, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import express from 'express'
import { type ReadinessCheck, createMetrics, statusRoutes } from '.'

let server: Server | undefined

afterEach(async () => {
  server?.closeAllConnections()
  await new Promise((resolve) => server?.close(resolve))
})

async function setup(checks: Record<string, ReadinessCheck> = {}) {
  const metrics = createMetrics()
  server = createServer(express().use(statusRoutes({ metrics, checks }))).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return { metrics, get: (path: string) => fetch(`http://127.0.0.1:${port}${path}`) }
}

test('is alive whatever its dependencies do', async () => {
  const { get } = await setup({ redis: () => Promise.reject(new Error('away')) })
  const response = await get('/healthz')
  expect(response.status).toBe(200)
  expect(await response.json()).toEqual({ status: 'ok' })
})

test('is ready when every dependency is usable', async () => {
  const { get } = await setup({ redis: async () => undefined, journal: async () => undefined })
  const response = await get('/readyz')
  expect(response.status).toBe(200)
  expect(await response.json()).toEqual({ ready: true, checks: { redis: 'ok', journal: 'ok' } })
})

test('shows the note of a check that is usable', async () => {
  const { get } = await setup({ journal: async () => 'holding 12 events' })
  const response = await get('/readyz')
  expect(response.status).toBe(200)
  expect(await response.json()).toEqual({ ready: true, checks: { journal: 'ok, holding 12 events' } })
})

test.each<[string, ReadinessCheck]>([
  ['rejects', () => Promise.reject(new Error('no connection'))],
  [
    'throws',
    () => {
      throw new Error('no connection')
    },
  ],
])('is not ready, and says why, when one check %s', async (_name, check) => {
  const { get } = await setup({ redis: check, journal: async () => undefined })
  const response = await get('/readyz')
  expect(response.status).toBe(503)
  expect(await response.json()).toEqual({ ready: false, checks: { redis: 'no connection', journal: 'ok' } })
})

test.each([
  ['/readyz?exclude=redis', 200, { journal: 'ok' }],
  ['/readyz?exclude=redis&exclude=journal', 200, {}],
  ['/readyz?exclude=journal', 503, { redis: 'away' }],
  ['/readyz?exclude=', 503, { redis: 'away', journal: 'ok' }],
])('leaves out what %s excludes', async (path, status, checks) => {
  const { get } = await setup({
    redis: () => Promise.reject(new Error('away')),
    journal: async () => undefined,
  })
  const response = await get(path)
  expect([response.status, await response.json()]).toEqual([status, { ready: status === 200, checks }])
})

test('asks its dependencies anew each time', async () => {
  const answers = [Promise.reject(new Error('away')), Promise.resolve()]
  for (const answer of answers) answer.catch(() => undefined)
  const { get } = await setup({ redis: () => answers.shift() ?? Promise.resolve() })
  expect((await get('/readyz')).status).toBe(503)
  expect((await get('/readyz')).status).toBe(200)
})

test('shows the metrics in the format that Prometheus reads', async () => {
  const { get, metrics } = await setup()
  metrics.events.inc({ bot: 'shop', type: 'text' }, 2)
  const response = await get('/metrics')
  expect(response.headers.get('content-type')).toMatch(/^text\/plain; version=/)
  const text = await response.text()
  expect(text).toContain('hookline_events_total{bot="shop",type="text"} 2')
  expect(text).toContain('process_cpu_seconds_total')
})
