import { type Server, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import express from 'express'
import { Redis } from 'ioredis'
import type { FiringAlert } from '#libs/alerts'
import { eventually } from '../../tests/support/eventually'
import { testRedis, uniqueBotName } from '../../tests/support/redis'
import type { ConfigView, HealthView, History, Overview } from './api-types'
import { vitalsRoutes } from './vitals-routes'

const alert: FiringAlert = { rule: 'no_worker', since: 1, severity: 'critical', words: 'No worker runs.' }
const redis = testRedis()
beforeAll(() => redis.ping())
afterAll(() => redis.quit())
let server: Server

async function serve(client = redis): Promise<<T>(path: string) => Promise<{ status: number; body: T }>> {
  server = createServer(express().use('/api', vitalsRoutes({ redis: client, alerts: async () => [alert] })))
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const { port } = server.address() as AddressInfo
  return async <T>(path: string) => {
    const response = await fetch(`http://127.0.0.1:${port}/api${path}`)
    return { status: response.status, body: (await response.json()) as T }
  }
}
afterEach(() => new Promise((closed) => server.close(closed)))

test('the overview has the alerts, and finds bots of before by itself', async () => {
  const get = await serve()
  const bot = uniqueBotName()
  await redis.hset(`{hookline:${bot}}:dead-letters`, 'id', '{}')
  await redis.zadd(`{hookline:${bot}}:dead-letter-times`, 1, 'id')
  await eventually(async () => {
    const { status, body } = await get<Overview>('/overview')
    expect(status).toBe(200)
    expect(body).toMatchObject({ alerts: [alert], redis: { ok: true } })
    expect(body.bots).toContainEqual(expect.objectContaining({ bot, deadLetters: 1 }))
  })
})

test('however many watch, Redis is asked once a second', async () => {
  const get = await serve()
  const asked = jest.spyOn(redis, 'ping')
  await Promise.all(Array.from({ length: 100 }, () => get<Overview>('/overview')))
  // A second may end in between.
  expect(asked.mock.calls.length).toBeLessThanOrEqual(3)
  asked.mockRestore()
})

test('history of a bot and of all; a wrong number of minutes is refused', async () => {
  const get = await serve()
  const bot = uniqueBotName()
  const minute = Math.floor(Number((await redis.time())[0]) / 60)
  await redis.hset(`{hookline:${bot}}:minute:${minute}`, { events: 3 })
  const { body } = await get<History>(`/bots/${bot}/history?minutes=5`)
  expect(body.events).toHaveLength(5)
  expect(body.events.reduce((a, b) => a + b)).toBe(3)
  expect((await get<History>('/history')).body.minutes).toBe(60)
  for (const minutes of ['0', '121', 'x', '1.5']) {
    const refused = await get<{ error: string }>(`/history?minutes=${minutes}`)
    expect(refused).toMatchObject({ status: 400, body: { error: 'invalid' } })
  }
})

test('health and configuration', async () => {
  const get = await serve()
  const health = await get<HealthView>('/health')
  expect(health.body.redis).toMatchObject([{ ok: true, role: 'master' }])
  expect(Array.isArray(health.body.processes)).toBe(true)
  expect((await get<ConfigView>('/config')).body).toMatchObject({ processes: expect.any(Array) })
})

test('without Redis the overview says so, and stays quick', async () => {
  const away = new Redis({ port: 1, maxRetriesPerRequest: 0, retryStrategy: () => null })
  away.on('error', () => undefined)
  const get = await serve(away)
  const { status, body } = await get<Overview>('/overview')
  expect(status).toBe(200)
  expect(body).toMatchObject({ bots: [], redis: { ok: false, words: expect.any(String) } })
  expect((await get<HealthView>('/health')).body).toMatchObject({ redis: [{ ok: false }], processes: [] })
  away.disconnect()
})
