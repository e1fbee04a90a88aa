import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import express, { type Response } from 'express'
import type { Story } from '../../libs/contract/story'
import type { ActiveFault, Exchange, PageEvent, PageState } from '../../libs/emulator/page-types'

/** What the page is told, for a test to change, and what it asked for. */
export interface MockEmulator {
  url: string
  state: PageState
  exchanges: Exchange[]
  /** By the id of the webhook. */
  stories: Map<string, Story>
  /** `POST faults {…}`, in order. */
  asked: { method: string; path: string; body: unknown }[]
  /** Answers the next POST or DELETE with this error. */
  refuseNext: string | undefined
  send(event: PageEvent): void
  close(): Promise<void>
}

// As strict as the real servers: a page that breaks this breaks there too.
const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'self'"

export interface MockOptions {
  /** What to serve at `/`. */
  folder: string
  state: PageState
  exchanges?: Exchange[]
  stories?: Record<string, Story>
}

/** Says what a test wants the page to hear. No emulator: nothing happens by itself. */
export async function startMockEmulator(options: MockOptions): Promise<MockEmulator> {
  const app = express()
  const server = createServer(app)
  const streams = new Set<Response>()
  let seq = options.state.seq
  const mock: MockEmulator = {
    url: '',
    state: options.state,
    exchanges: options.exchanges ?? [],
    stories: new Map(Object.entries(options.stories ?? {})),
    asked: [],
    refuseNext: undefined,
    send: (event) => {
      for (const stream of streams) stream.write(`id: ${++seq}\ndata: ${JSON.stringify(event)}\n\n`)
    },
    close: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
  app.use((_req, res, next) => {
    res.setHeader('content-security-policy', policy)
    next()
  })
  app.use('/__emulator/page', reads(mock, streams), writes(mock))
  app.use(express.static(options.folder))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  mock.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  return mock
}

function reads(mock: MockEmulator, streams: Set<Response>): express.Router {
  const router = express.Router()
  router.get('/state', (_req, res) => void res.json(mock.state))
  router.get('/stream', (_req, res) => {
    res.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders()
    streams.add(res)
    res.on('close', () => streams.delete(res))
  })
  router.get('/exchanges', (_req, res) => void res.json({ exchanges: mock.exchanges }))
  router.get('/exchanges/:id', (req, res) => {
    const found = mock.exchanges.find(({ id }) => id === req.params.id)
    if (found) res.json(found)
    else res.status(404).json({ error: 'There is no such request any more.' })
  })
  router.get('/story', (req, res) => {
    const { webhook } = req.query
    const story = typeof webhook === 'string' ? mock.stories.get(webhook) : undefined
    res.json(story ?? null)
  })
  return router
}

function writes(mock: MockEmulator): express.Router {
  const router = express.Router()
  router.use(express.json())
  router.use((req, res, next) => {
    mock.asked.push({ method: req.method, path: req.path.slice(1), body: req.body })
    const refusal = mock.refuseNext
    mock.refuseNext = undefined
    if (refusal === undefined) next()
    else res.status(400).json({ error: refusal })
  })
  router.post('/faults', (req, res) => changeFaults(mock, res, [...mock.state.faults, begun(req.body)]))
  router.delete('/faults', (req, res) => {
    const { id } = req.body as { id?: string }
    changeFaults(mock, res, id === undefined ? [] : mock.state.faults.filter(({ fault }) => fault.id !== id))
  })
  router.post('/kill-worker', (_req, res) => void res.json(mock.state.backstage))
  router.post('/scenario/record', (_req, res) => changeScenario(mock, res, { recording: true, steps: 0 }))
  router.post('/scenario/stop', (_req, res) => {
    changeScenario(mock, res, { recording: false, steps: 0 })
  })
  router.post('/scenario/play', (_req, res) => void res.status(202).json({}))
  return router
}

let faults = 0

function begun(body: unknown): ActiveFault {
  const request = body as { durationMs?: number }
  const startedAt = Date.now()
  return {
    fault: { id: `fault-${++faults}`, ...request } as ActiveFault['fault'],
    startedAt,
    ...(request.durationMs === undefined ? {} : { endsAt: startedAt + request.durationMs }),
    hits: 0,
  }
}

function changeFaults(mock: MockEmulator, res: Response, now: ActiveFault[]): void {
  mock.state.faults = now
  mock.send({ kind: 'faults', faults: now })
  res.json(now)
}

function changeScenario(mock: MockEmulator, res: Response, scenario: PageState['scenario']): void {
  mock.state.scenario = scenario
  mock.send({ kind: 'scenario', scenario })
  res.json({ version: 1, name: '', steps: [{ afterMs: 1200, do: 'kill-worker' }] })
}
