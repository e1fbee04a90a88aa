import { type Request, type Response, Router } from 'express'
import { sessionOf } from './guard'
import type { Sessions } from './sessions'
import type { Tail } from './tail'

export interface TailDeps {
  tail: Tail
  sessions: Pick<Sessions, 'isLive'>
  /** The process ends: so do the streams. */
  stopping: AbortSignal
  heartbeatMs?: number
}

/** One who does not read is cut off, and comes again when he does: bytes. */
const mostUnread = 1_000_000

/** `GET /tail?bot=`: server-sent events, each one entry of the feed; of several bots when there are several, else of all. */
export function tailRoutes(deps: TailDeps): Router {
  const router = Router()
  router.get('/tail', (request, response) => {
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

function follow(
  request: Request,
  response: Response,
  { tail, sessions, stopping, heartbeatMs = 15_000 }: TailDeps,
) {
  const bots = [request.query['bot']].flat().filter((bot) => bot !== undefined && bot !== '')
  const session = sessionOf(response)
  const end = () => void response.end()
  const unwatch = tail.watch((entry) => {
    if (bots.length > 0 && !bots.includes(entry.bot)) return
    if (response.writableLength > mostUnread) response.destroy()
    else response.write(`data: ${JSON.stringify(entry)}\n\n`)
  })
  // Proxies close what is silent; and a stream must not outlive its session.
  const heartbeat = setInterval(() => {
    // While Redis is away nobody can say that the session was ended.
    void sessions
      .isLive(session)
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
