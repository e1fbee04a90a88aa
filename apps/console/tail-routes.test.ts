import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import express from 'express'
import type { FeedEntry } from '#libs/contract'
import { tailRoutes } from './tail-routes'

test('a stream beats, ends with its session, and leaves nobody who listens', async () => {
  const listeners = new Set<(entry: FeedEntry) => void>()
  const tail = {
    watch: (listener: (entry: FeedEntry) => void) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    close: () => undefined,
  }
  let beats = 0
  const session = { id: 'x', user: 'ann', role: 'viewer' as const, expiresAt: 1, csrf: 'x' }
  const sessions = { find: () => Promise.resolve(++beats < 3 ? session : undefined) }
  const app = express()
  app.use((_request, response, next) => {
    response.locals['session'] = session
    next()
  })
  app.use(tailRoutes({ tail, sessions, stopping: new AbortController().signal, heartbeatMs: 5 }))
  const server = createServer(app).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const response = await fetch(`http://127.0.0.1:${port}/tail`)
  expect(listeners.size).toBe(1)
  expect(await response.text()).toBe('retry: 2000\n\n: still here\n\n: still here\n\n')
  expect([beats, listeners.size]).toEqual([3, 0])
  server.close()
})
