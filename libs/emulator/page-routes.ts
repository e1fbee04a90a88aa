import { Router, type Request, type Response } from 'express'
import { z } from 'zod'
import { HooklineError } from '#libs/contract'
import { answerHooklineError, natural, parsed, refuseOtherThanJson } from './control-api'
import type { Page } from './page'
import type { PageEvent } from './page-types'
import { readAct, readPageFault, readScenario } from './scenario'

const name = z.string().min(1).max(100)
const platform = z.enum(['line', 'lineworks', 'tocaro'])
const userBody = z.strictObject({ platform, name })
const roomBody = z.strictObject({ platform, name, members: z.array(z.string().min(1)).max(100).default([]) })
const clearBody = z.strictObject({ id: z.string().optional() })
const nothing = z.strictObject({})
const stopBody = z.strictObject({ name: z.string().min(1).max(200).default('Recorded') })

/** What the page asks for; see page-types.ts. */
export function pageRoutes(page: Page): Router {
  const router = Router()
  router.use(refuseOtherThanJson)
  router.get('/state', (_req, res) => void res.json(page.state()))
  router.get('/stream', (req, res) => stream(page, req, res))
  router.get('/faults', (_req, res) => void res.json(page.faults()))
  router.get('/exchanges', (req, res) => {
    const limit = Math.min(natural(req.query.limit) || 200, 500)
    res.json({ exchanges: page.exchanges.after(natural(req.query.after), limit) })
  })
  router.get('/exchanges/:id', (req, res) => answerFound(res, page.exchanges.find(req.params.id)))
  router.get('/story', async (req, res) => {
    const { webhook, none } = req.query
    const found = await page.story(typeof webhook === 'string' ? webhook : '')
    // A browser writes every 404 on its console: the page, which asks until there is one, wants null instead.
    if (found === undefined && none === 'null') res.json(null)
    else answerFound(res, found)
  })
  deedRoutes(router, page)
  scenarioRoutes(router, page)
  router.use(page.contents)
  router.use((_req, res) => void res.status(404).json({ error: 'The page has nothing here.' }))
  router.use(answerHooklineError)
  return router
}

const anything = z.unknown()

function deedRoutes(router: Router, page: Page): void {
  router.post('/act', async (req, res) => void res.json(await page.act(readAct(parsed(anything, req)))))
  router.post('/users', async (req, res) => {
    const body = parsed(userBody, req)
    res.status(201).json(await page.addUser(body.platform, body.name))
  })
  router.post('/rooms', async (req, res) => {
    const body = parsed(roomBody, req)
    res.status(201).json(await page.addRoom(body.platform, body.name, body.members))
  })
  router.post('/faults', async (req, res) => {
    res.status(201).json(await page.addFault(readPageFault(parsed(anything, req))))
  })
  router.delete('/faults', async (req, res) => {
    res.json(await page.clearFaults(parsed(clearBody, req).id))
  })
  router.post('/kill-worker', async (req, res) => {
    parsed(nothing, req)
    res.json(await page.killWorker())
  })
}

function scenarioRoutes(router: Router, { scenarios }: Page): void {
  router.post('/scenario/record', (req, res) => {
    parsed(nothing, req)
    scenarios.record()
    res.json(scenarios.state())
  })
  router.post('/scenario/stop', (req, res) => void res.json(scenarios.stop(parsed(stopBody, req).name)))
  router.post('/scenario/play', (req, res) => {
    scenarios.play(readScenario(parsed(anything, req)), speedOf(req))
    res.status(202).json(scenarios.state())
  })
  router.post('/scenario/play/end', (req, res) => {
    parsed(nothing, req)
    scenarios.end()
    res.json(scenarios.state())
  })
}

function speedOf({ query }: Request): number {
  const speed = query.speed === undefined ? 1 : Number(query.speed)
  if (speed >= 0.1 && speed <= 100) return speed
  throw new HooklineError('config_invalid', 'speed is a number between 0.1 and 100: 2 is twice as fast.')
}

function answerFound(res: Response, found: unknown): void {
  if (found === undefined) res.status(404).json({ error: 'There is none.' })
  else res.json(found)
}

const keepAliveMs = 15_000
/** A page that does not read on is cut; its browser comes back and asks for the rest. */
const mostUnread = 4 * 1024 * 1024

/** Server-sent events: first what the page missed, then what happens. A browser that comes back says where it was. */
function stream(page: Page, req: Request, res: Response): void {
  const lastSeen = req.get('last-event-id')
  const after = natural(lastSeen === undefined || lastSeen === '' ? req.query.after : lastSeen)
  res.writeHead(200, {
    'content-type': 'text/event-stream',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
  })
  const write = (event: PageEvent) => {
    const seq = event.kind === 'line' ? event.line.seq : event.kind === 'exchange' ? event.exchange.seq : 0
    res.write(`${seq > 0 ? `id: ${seq}\n` : ''}data: ${JSON.stringify(event)}\n\n`)
    if (res.writableLength > mostUnread) res.destroy()
  }
  for (const event of page.missed(after)) write(event)
  const stop = page.subscribe(write)
  const keepAlive = setInterval(() => res.write(': still here\n\n'), keepAliveMs)
  res.once('close', () => {
    clearInterval(keepAlive)
    stop()
  })
}
