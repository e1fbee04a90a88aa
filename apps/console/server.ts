import { createServer } from 'node:http'
import express, { type ErrorRequestHandler, type Express, type Router } from 'express'
import { storeFirstPassword, stored } from '#libs/access'
import type { ConsoleConfig } from '#libs/config'
import { HooklineError } from '#libs/contract'
import { type Logger, createMetrics, statusRoutes } from '#libs/observability'
import { type Service, closeServer, listen } from '#libs/process'
import { type RedisClient, connectConsole, connectWorker } from '#libs/redis'
import { startVitals } from '#libs/vitals'
import { createAudit } from './audit'
import { createData } from './data-routes'
import { needsSession, needsToken, refusesForeign } from './guard'
import { securityHeaders } from './headers'
import { loginRoutes, logoutRoutes } from './login'
import { notFound, pageFiles, pageRoutes } from './pages'
import { createQueueBoard } from './queue-board'
import { sessionRoutes } from './session-routes'
import { createSessions } from './sessions'
import { createTail } from './tail'
import { tailRoutes } from './tail-routes'
import { createUsers } from './users'

export interface ConsoleOptions {
  log: Logger
  /** Gets the password that was generated because none is set: once for a Redis, at its first console. */
  announce: (password: string) => void
}

/** Starts the console. It needs Redis and nothing else, and waits for it if it must: /readyz tells. */
export async function startConsole(
  config: ConsoleConfig,
  options: ConsoleOptions,
): Promise<Service & { url: string }> {
  const { log } = options
  const redis = connectConsole(config.redisUrl, log, config.redisCa)
  const stopping = new AbortController()
  const parts = createParts(config, { ...options, redis, stopping: stopping.signal })
  redis.on(
    'ready',
    () => void parts.prepare().catch((error: unknown) => log.warn({ error: String(error) }, 'not ready')),
  )
  const server = createServer(createApp(config, parts))
  // A stream of the tail is a request that does not end; its head comes quickly all the same.
  server.headersTimeout = 10_000
  server.requestTimeout = 30_000
  const port = await listen(server, { host: config.host, port: config.port, setting: 'CONSOLE_PORT' })
  const url = `http://${config.host}:${port}`
  const vitals = startVitals({
    ...{ redis, kind: 'console', metrics: parts.metrics, log, url },
    config: () => config,
  })
  return {
    url,
    close: async () => {
      stopping.abort()
      await vitals.close()
      await parts.alerts.close()
      await closeServer(server)
      parts.tail.close()
      await parts.board.close()
      redis.disconnect()
    },
  }
}

export interface PartsDeps extends ConsoleOptions {
  redis: RedisClient
  stopping: AbortSignal
}

export type Parts = ReturnType<typeof createParts>

/** What the app is put together from. */
export function createParts(config: ConsoleConfig, { redis, log, announce, stopping }: PartsDeps) {
  const { publicUrl, readOnly, sessionMs } = config
  const users = createUsers(config)
  const sessions = createSessions({ redis, users, sessionMs, publicUrl })
  const audit = createAudit(redis, log)
  const tail = createTail(() => connectWorker(config.redisUrl, log, config.redisCa))
  const prepare = async () => {
    await stored(redis)
    const password = config.password === undefined ? await storeFirstPassword(redis) : undefined
    if (password !== undefined) announce(password)
  }
  // Everything with data. A function that makes a Router with paths below /api is all that a new one needs.
  const { routes, alerts } = createData(config, { redis, audit, log })
  const api: Router[] = [sessionRoutes({ audit }), tailRoutes({ tail, sessions, stopping }), ...routes]
  const board = createQueueBoard({ redis, audit })
  const metrics = createMetrics()
  for (const result of ['ok', 'failed', 'limited']) metrics.consoleLogins.inc({ result }, 0)
  const login = { redis, users, sessions, audit, metrics, publicUrl, prepare }
  return {
    redis,
    log,
    metrics,
    prepare,
    tail,
    board,
    alerts,
    api,
    login,
    guard: { sessions, readOnly, publicUrl, log },
  }
}

/** The order is the security: what stands behind `needsSession` can't be reached without one. */
export function createApp({ proxies }: Pick<ConsoleConfig, 'proxies'>, parts: Parts): Express {
  const { redis, log, metrics, board, api, login, guard } = parts
  const app = express()
  app.disable('x-powered-by')
  app.set('trust proxy', proxies)
  app.use(securityHeaders())
  app.use(statusRoutes({ metrics, checks: { redis: () => checkStore(redis, parts.prepare) } }))
  app.use(loginRoutes(login))
  app.use(pageFiles())
  app.use(needsSession(guard))
  app.use(refusesForeign(guard))
  app.use(logoutRoutes(login))
  app.use('/api', noStore, needsToken, express.json({ limit: '1mb' }), ...api, (_request, response) => {
    response.status(404).json(notFound)
  })
  app.use('/queues', noStore, board.router)
  app.use(pageRoutes())
  app.use((_request, response) => void response.status(404).json(notFound))
  app.use(failed(redis, log))
  return app
}

const noStore: express.RequestHandler = (_request, response, next) => {
  response.setHeader('cache-control', 'no-store')
  next()
}

async function checkStore(redis: RedisClient, prepare: () => Promise<void>): Promise<void> {
  if (redis.status !== 'ready') throw new Error(`Redis connection is ${redis.status}`)
  await prepare()
}

/** Express' own errors know their status; without Redis there is nothing to show; the rest is a mistake of ours. */
function failed(redis: RedisClient, log: Logger): ErrorRequestHandler {
  return (error: unknown, request, response, next) => {
    if (response.headersSent) return next(error)
    const status = statusOf(error)
    if (status !== undefined) {
      response.status(status).json({ error: 'invalid', message: 'The request can not be read.' })
    } else if (isAway(error, redis)) {
      const message = 'Redis can not be reached at the moment. What is in it is safe; try again shortly.'
      response.status(503).json({ error: 'store_unavailable', message })
    } else {
      log.error(
        { path: request.path, error: error instanceof Error ? error.stack : String(error) },
        'request failed',
      )
      response
        .status(500)
        .json({ error: 'error', message: 'Something went wrong; the log of the console says what.' })
    }
  }
}

function statusOf(error: unknown): number | undefined {
  if (error instanceof URIError) return 400
  const status = typeof error === 'object' && error !== null && 'status' in error ? Number(error.status) : 0
  return status >= 400 && status < 500 ? status : undefined
}

function isAway(error: unknown, redis: RedisClient): boolean {
  if (error instanceof HooklineError) return error.code === 'store_unavailable'
  return redis.status !== 'ready' || (error instanceof Error && error.message === 'Command timed out')
}
