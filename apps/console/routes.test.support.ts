import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import express, { type Router } from 'express'
import { type Caller, setCaller } from './access'
import type { AuditEntry } from './api-types'
import type { Audit } from './audit'

export interface Site {
  get(path: string): Promise<{ status: number; body: unknown }>
  post(path: string, body?: unknown): Promise<{ status: number; body: unknown }>
  /** Who asks from now on. */
  caller: Caller
  close(): Promise<void>
}

/** Routes as the server mounts them, behind a session. */
export async function serveRoutes(router: Router): Promise<Site> {
  const caller: Caller = { user: 'ann', role: 'operator', readOnly: false, ip: '127.0.0.1' }
  const app = express()
  app.use((_request, response, next) => {
    setCaller(response, caller)
    next()
  })
  app.use(express.json({ limit: '5mb' }), router)
  const server: Server = app.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const ask = async (path: string, init?: RequestInit) => {
    const response = await fetch(`${base}${path}`, init)
    const text = await response.text()
    const isJson = response.headers.get('content-type')?.includes('json') === true
    return { status: response.status, body: isJson ? (JSON.parse(text) as unknown) : text }
  }
  return {
    caller,
    get: (path) => ask(path),
    post: (path, body = {}) =>
      ask(path, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
    close: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

/** Keeps the entries; refuses them when told to. */
export function fakeAudit() {
  const entries: Omit<AuditEntry, 'at'>[] = []
  const state = { refuses: false }
  const audit: Audit = {
    note: (entry) => {
      if (state.refuses) return Promise.reject(new Error('the audit log can not be written'))
      entries.push(entry)
      return Promise.resolve()
    },
    page: () => Promise.resolve({ entries: [] }),
  }
  return { audit, entries, state }
}
