import { type Server, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import express from 'express'
import { Redis } from 'ioredis'
import type { FiringAlert } from '#libs/alerts'
import { eventually } from '../../tests/support/eventually'
import { testRedis, uniqueBotName } from '../../tests/support/redis'
import type { History, Overview } from './api-types'
import { vitalsRoutes } from './vitals-routes'

const alert: FiringAlert = { rule: 'no_worker', since: 1, severity: 'critical', words: 'No worker runs.' }
const redis = testRedis()
beforeAll(() => redis.ping())
afterAll(() => redis.quit())
let server: Server

interface Answer {
  status: number
  body: unknown
}

async function serve(client = redis): Promise<(path: string) => Promise<Answer>> {
  server = createServer(express().use('/api', vitalsRoutes({ redis: client, alerts: async () => [alert] })))
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const { port } = server.address() as AddressInfo
  return async (path) => {
    const response = await fetch(`http://127.0.0.1:${port}/api${path}`)
    return { status: response.status, body: await response.json() }
  }
}
afterEach(() => new Promise((closed) => server.close(closed)))

test('the overview has the alerts, and finds bots of before by itself', async () => {
  const get = await serve()
  const bot = uniqueBotName()
  await redis.hset(`{hookline:${bot}}:dead-letters`, 'id', '{}')
  await redis.zadd(`{hookline:${bot}}:dead-letter-times`, 1, 'id')
  await eventually(async () => {
    const { status, body } = await get('/overview')
    expect(status).toBe(200)
    expect(body).toMatchObject({ alerts: [alert], redis: { ok: true } })
    expect((body as Overview).bots).toContainEqual(expect.objectContaining({ bot, deadLetters: 1 }))
  })
})

test('however many watch, Redis is asked once a second', async () => {
  const get = await serve()
  const asked = jest.spyOn(redis, 'ping')
  await Promise.all(Array.from({ length: 100 }, () => get('/overview')))
  // A second may end in between.
  expect(asked.mock.calls.length).toBeLessThanOrEqual(3)
  asked.mockRestore()
})

test('history of a bot and of all; a wrong number of minutes is refused', async () => {
  const get = await serve()
  const bot = uniqueBotName()
  const minute = Math.floor(Number((await redis.time())[0]) / 60)
  await redis.hset(`{hookline:${bot}}:minute:${minute}`, { events: 3 })
  const body = (await get(`/bots/${bot}/history?minutes=5`)).body as History
  expect(body.events).toHaveLength(5)
  expect(body.events.reduce((a, b) => a + b)).toBe(3)
  expect((await get('/history')).body).toMatchObject({ minutes: 60 })
  for (const minutes of ['0', '121', 'x', '1.5']) {
    const refused = await get(`/history?minutes=${minutes}`)
    expect(refused).toMatchObject({ status: 400, body: { error: 'invalid' } })
  }
})

test('health and configuration', async () => {
  const get = await serve()
  const health = await get('/health')
  expect(health.body).toMatchObject({ redis: [{ ok: true, role: 'master' }], processes: expect.any(Array) })
  expect((await get('/config')).body).toMatchObject({ processes: expect.any(Array) })
})

test('without Redis the overview says so, and stays quick', async () => {
  const away = new Redis({ port: 1, maxRetriesPerRequest: 0, retryStrategy: () => null })
  away.on('error', () => undefined)
  const get = await serve(away)
  const { status, body } = await get('/overview')
  expect(status).toBe(200)
  expect(body).toMatchObject({ bots: [], redis: { ok: false, words: expect.any(String) } })
  expect((await get('/health')).body).toMatchObject({ redis: [{ ok: false }], processes: [] })
  away.disconnect()
})
