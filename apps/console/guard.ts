import type { NextFunction, Request, RequestHandler, Response } from 'express'
import type { Logger } from '#libs/observability'
import { setCaller } from './access'
import { sourceOf } from './origin'
import { type LiveSession, type Sessions, isToken } from './sessions'

export interface GuardOptions {
  sessions: Sessions
  readOnly: boolean
  publicUrl: string | undefined
  log: Logger
}

/** In front of everything but the login, the health checks and the page's files: without a session it goes no further. */
export function needsSession({ sessions, readOnly }: GuardOptions): RequestHandler {
  return async (request, response, next) => {
    const session = await sessions.find(request)
    if (!session) return turnAway(request, response)
    const { user, role } = session
    response.locals['session'] = session
    setCaller(response, { user, role, readOnly, ip: request.ip ?? '' })
    next()
  }
}

export function sessionOf(response: Response): LiveSession {
  return response.locals['session'] as LiveSession
}

function turnAway(request: Request, response: Response): void {
  response.setHeader('cache-control', 'no-store')
  const reads = request.method === 'GET' || request.method === 'HEAD'
  if (!reads || /^\/(api|queues)(\/|$)/i.test(request.path)) {
    response.status(401).json({ error: 'unauthorized', message: 'Log in first: /login.' })
    return
  }
  // A link from elsewhere brings no SameSite=Strict cookie, though one may be logged in: asked again from here it does.
  if (request.headers['sec-fetch-site'] === 'cross-site')
    response.send('<!doctype html><meta http-equiv="refresh" content="0"><title>Hookline</title>')
  else response.redirect(303, `/login?to=${encodeURIComponent(request.originalUrl)}`)
}

/** Whatever changes something must come from a page of this console. */
export function refusesForeign({ publicUrl, log }: GuardOptions): RequestHandler {
  return (request, response, next) => {
    if (request.method === 'GET' || request.method === 'HEAD') return next()
    const source = sourceOf(request, publicUrl)
    const isKnown =
      source === 'own' || (source === 'unknown' && isToken(tokenOf(request), sessionOf(response)))
    if (isKnown) return next()
    log.warn({ path: request.path, origin: request.headers.origin }, 'refused a request from another site')
    response.status(403).json({ error: 'cross_site', message: foreignWords })
  }
}

export const foreignWords =
  'This request did not come from a page of this console. Behind a proxy, set CONSOLE_PUBLIC_URL to the address that the browser shows.'

/** Below /api the session's token too, and JSON: what no form of another site can send. */
export function needsToken(request: Request, response: Response, next: NextFunction): void {
  if (request.method === 'GET' || request.method === 'HEAD') return next()
  if (!isToken(tokenOf(request), sessionOf(response))) {
    const message = 'The header x-csrf-token is missing or not of this session. Load the page again.'
    response.status(403).json({ error: 'csrf', message })
  } else if (!request.headers['content-type']?.toLowerCase().startsWith('application/json')) {
    response
      .status(415)
      .json({ error: 'not_json', message: 'Send JSON, with content-type application/json.' })
  } else next()
}

function tokenOf({ headers }: Request): string | undefined {
  const token = headers['x-csrf-token']
  return typeof token === 'string' ? token : undefined
}
