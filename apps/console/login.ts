import express, { type Request, type RequestHandler, type Response, Router } from 'express'
import { rateLimit } from 'express-rate-limit'
import { type Stored, stored } from '#libs/access'
import type { RedisClient } from '#libs/redis'
import type { Metrics } from '#libs/observability'
import type { Audit } from './audit'
import { foreignWords, sessionOf } from './guard'
import { type LoginProblem, languageOf, loginPage, problemWords } from './login-page'
import { sourceOf } from './origin'
import type { Sessions } from './sessions'
import type { Users } from './users'

export interface LoginDeps {
  redis: RedisClient
  users: Users
  sessions: Sessions
  audit: Audit
  metrics: Metrics
  publicUrl: string | undefined
  /** Makes what consoles share, where it is missing. */
  prepare: () => Promise<void>
}

/** Failures after which nobody is let in for the rest of the window. */
const windowMs = 10 * 60_000
const failures = { perAddress: 10, inAll: 100 }

/** `GET /login` and `POST /login`: the only way in. */
export function loginRoutes(deps: LoginDeps): Router {
  const router = Router()
  router.use('/login', (_request, response, next) => {
    response.setHeader('cache-control', 'no-store')
    response.vary('accept-language')
    next()
  })
  router.get('/login', (request, response) => {
    response.send(loginPage({ language: languageOf(request), to: localPath(request.query['to']) }))
  })
  const body = [express.urlencoded({ extended: false, limit: '10kb' }), express.json({ limit: '10kb' })]
  router.post('/login', onlyFromHere(deps), ...limits(deps.metrics), ...body, tryLogin(deps))
  return router
}

/** Somebody else's page must not log a browser in either, as whom it likes. */
function onlyFromHere({ publicUrl }: LoginDeps): RequestHandler {
  return (request, response, next) => {
    if (sourceOf(request, publicUrl) !== 'foreign') return next()
    answer(request, response, { status: 403, code: 'cross_site', problem: 'foreign' })
  }
}

/** Successes are not counted. In memory: with several consoles there are as many times more. */
function limits(metrics: Metrics): RequestHandler[] {
  const common = {
    windowMs,
    legacyHeaders: false,
    standardHeaders: false,
    skipSuccessfulRequests: true,
    requestWasSuccessful: (_request: Request, response: Response) => response.statusCode !== 401,
    validate: { xForwardedForHeader: false, forwardedHeader: false },
    handler: (request: Request, response: Response) => {
      metrics.consoleLogins.inc({ result: 'limited' })
      const { resetTime } = (request as Request & { rateLimit?: { resetTime?: Date } }).rateLimit ?? {}
      const waitMs = Math.max(1000, (resetTime?.getTime() ?? Date.now() + windowMs) - Date.now())
      response.setHeader('retry-after', Math.ceil(waitMs / 1000))
      answer(request, response, { status: 429, code: 'too_many', problem: { waitMs } })
    },
  }
  return [
    rateLimit({ ...common, limit: failures.perAddress }),
    rateLimit({ ...common, limit: failures.inAll, keyGenerator: () => 'all' }),
  ]
}

function tryLogin(deps: LoginDeps): RequestHandler {
  return async (request, response) => {
    const { user: name, password } = givenIn(request)
    const found = await lookUp(deps, name, password).catch((error: unknown) => {
      if (deps.redis.status === 'ready') throw error
    })
    if (!found) return answer(request, response, { status: 503, code: 'store_unavailable', problem: 'away' })
    const { user, shared, knownAs } = found
    const ip = request.ip ?? ''
    if (!user) {
      deps.metrics.consoleLogins.inc({ result: 'failed' })
      // A name that nobody has may be a password in the wrong field.
      const who = knownAs ?? { name: '(unknown)', role: 'viewer' as const }
      await deps.audit.note({ action: 'login_failed', user: who.name, role: who.role, ip, result: 'refused' })
      return answer(request, response, { status: 401, code: 'wrong', problem: 'wrong' })
    }
    await deps.audit.note({ action: 'login', user: user.name, role: user.role, ip, result: 'ok' })
    deps.metrics.consoleLogins.inc({ result: 'ok' })
    await deps.sessions.start(user, shared, { request, response })
    response.redirect(303, localPath(request.query['to']))
  }
}

async function lookUp({ redis, users, prepare }: LoginDeps, name: string, password: string) {
  await prepare()
  const shared: Stored = await stored(redis)
  const [user, knownAs] = [await users.check(name, password, shared), await users.find(name, shared)]
  return { user, shared, knownAs }
}

function givenIn({ body }: Request): { user: string; password: string } {
  const { user, password } = (body ?? {}) as Record<string, unknown>
  // Longer ones would only keep the processor busy.
  const text = (value: unknown) => (typeof value === 'string' ? value.slice(0, 1000) : '')
  return { user: text(user), password: text(password) }
}

interface Refusal {
  status: number
  code: string
  problem: LoginProblem
}

/** The form again, or JSON for who sent JSON. */
function answer(request: Request, response: Response, { status, code, problem }: Refusal): void {
  response.status(status)
  const language = languageOf(request)
  if (request.is('json')) {
    const message = problem === 'foreign' ? foreignWords : problemWords(problem, language)
    response.json({ error: code, message })
    return
  }
  const { user } = givenIn(request)
  const to = localPath(request.query['to'])
  response.send(loginPage({ language, to, problem, ...(user === '' ? {} : { user }) }))
}

/** A path of this console, whatever somebody put into the address: never one of another site. */
export function localPath(given: unknown): string {
  const here = 'http://console.invalid'
  if (typeof given !== 'string' || !given.startsWith('/') || !URL.canParse(given, here)) return '/'
  const { origin, pathname, search, hash } = new URL(given, here)
  if (origin !== here || pathname.startsWith('//') || pathname.startsWith('/login')) return '/'
  return pathname + search + hash
}

/** `POST /logout`: behind the session's check. */
export function logoutRoutes({ sessions, audit }: Pick<LoginDeps, 'sessions' | 'audit'>): Router {
  const router = Router()
  router.post('/logout', async (request, response) => {
    const session = sessionOf(response)
    const { user, role } = session
    await audit.note({ action: 'logout', user, role, ip: request.ip ?? '', result: 'ok' })
    await sessions.end(session, response)
    response.redirect(303, '/login')
  })
  return router
}
