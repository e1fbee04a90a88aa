import { type Request, type Response, Router } from 'express'
import { sessionOf } from './guard'
import type { Sessions } from './sessions'
import type { Tail } from './tail'

export interface TailDeps {
  tail: Tail
  sessions: Pick<Sessions, 'find'>
  /** The process ends: so do the streams. */
  stopping: AbortSignal
  heartbeatMs?: number
}

/** One who does not read is cut off, and comes again when he does: bytes. */
const mostUnread = 1_000_000

/** As many windows as a team under one name may have open; each costs a connection and its share of every event. */
const mostPerUser = 50

/** `GET /tail?bot=`: server-sent events, each one entry of the feed; of several bots when there are several, else of all. */
export function tailRoutes(deps: TailDeps): Router {
  const router = Router()
  const open = new Map<string, number>()
  router.head('/tail', (_request, response) => void response.type('text/event-stream').end())
  router.get('/tail', (request, response) => {
    const { user } = sessionOf(response)
    const count = open.get(user) ?? 0
    if (count >= mostPerUser) return refuse(response)
    open.set(user, count + 1)
    response.on('close', () => open.set(user, (open.get(user) ?? 1) - 1))
    response.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      // A proxy would keep lines until it has many.
      'x-accel-buffering': 'no',
    })
    response.write('retry: 2000\n\n')
    follow(request, response, deps)
  })
  return router
}

function refuse(response: Response): void {
  const message = `${mostPerUser} windows follow the live events under this name already. Close some.`
  response.status(429).json({ error: 'too_many', message })
}

function follow(
  request: Request,
  response: Response,
  { tail, sessions, stopping, heartbeatMs = 15_000 }: TailDeps,
) {
  const bots = [request.query['bot']].flat().filter((bot) => bot !== undefined && bot !== '')
  const end = () => void response.end()
  const unwatch = tail.watch((entry) => {
    if (bots.length > 0 && !bots.includes(entry.bot)) return
    if (response.writableLength > mostUnread) response.destroy()
    else response.write(`data: ${JSON.stringify(entry)}\n\n`)
  })
  // Proxies close what is silent; and a stream must not outlive its session.
  const heartbeat = setInterval(() => {
    // Asked as at the begin: a new password ends it too. While Redis is away nobody can say.
    void sessions
      .find(request)
      .then((session) => session !== undefined)
      .catch(() => true)
      .then((isLive) => {
        if (!isLive) response.end()
        else if (!response.writableEnded) response.write(': still here\n\n')
      })
  }, heartbeatMs)
  stopping.addEventListener('abort', end)
  response.on('close', () => {
    clearInterval(heartbeat)
    unwatch()
    stopping.removeEventListener('abort', end)
  })
}
