import { createServer } from 'node:http'
import express from 'express'
import type { Redis } from 'ioredis'
import type { WorkerBot, WorkerConfig } from '#libs/config'
import { createHttp } from '#libs/http'
import {
  type LaneWorker,
  botPrefix,
  checkRedis,
  checkRedisAtStart,
  connectWorker,
  startLaneWorker,
} from '#libs/mailbox'
import { type Logger, type Metrics, createMetrics, statusRoutes } from '#libs/observability'
import { type SenderSettings, createSender } from '#libs/platforms'
import { type Service, closeServer, listen } from '#libs/process'
import { createTokenSource } from '#libs/tokens'
import { createDrain } from './drain'
import { loadBotFile } from './load-bot-file'
import { type OneAtATime, createOneAtATime } from './one-at-a-time'

export interface RunningWorker extends Service {
  url: string
}

interface Deps {
  config: WorkerConfig
  redis: Redis
  metrics: Metrics
  log: Logger
  stopping: AbortSignal
  oneAtATime: OneAtATime
}

/** Starts a worker: lanes out, for every bot of the configuration. */
export async function startWorker(
  config: WorkerConfig,
  { log, cwd }: { log: Logger; cwd: string },
): Promise<RunningWorker> {
  const handlers = await Promise.all(config.bots.map((bot) => loadBotFile(bot.handler, cwd)))
  const stopping = new AbortController()
  const metrics = createMetrics()
  const redis = connectWorker(config.redisUrl, log)
  await checkRedisAtStart(redis, log)
  const deps = { config, redis, metrics, log, stopping: stopping.signal, oneAtATime: createOneAtATime() }
  const lanes = config.bots.map((bot, i) => startBot(bot, handlers[i], deps))
  const server = createServer(createApp(metrics, redis))
  const port = await listen(server, { host: config.host, port: config.port, setting: 'WORKER_PORT' })
  return {
    url: `http://${config.host}:${port}`,
    close: async () => {
      stopping.abort()
      await Promise.all(lanes.map((lane) => lane.close()))
      await closeServer(server)
      redis.disconnect()
    },
  }
}

function startBot(
  bot: WorkerBot,
  handler: Awaited<ReturnType<typeof loadBotFile>> | undefined,
  deps: Deps,
): LaneWorker {
  if (!handler) throw new TypeError(`bot ${bot.name} was not loaded`)
  const { config, redis, metrics, stopping, oneAtATime } = deps
  const log = deps.log.child({ bot: bot.name })
  const http = createHttp()
  const tokens = createTokenSource(bot, {
    http,
    redis,
    keyPrefix: botPrefix(bot.name),
    onMint: (name) => metrics.tokenMints.inc({ bot: name }),
    log,
  })
  const drain = createDrain({
    bot: bot.name,
    handler,
    sender: createSender({ ...senderSettings(bot), http }, tokens),
    replyFallback: bot.platform === 'line' ? bot.replyFallback : 'park',
    handlerTimeoutMs: config.handlerTimeoutMs,
    ownUsers: bot.platform === 'tocaro' ? bot.botUser : [],
    budget: { attempts: config.retryAttempts, maxAgeMs: config.retryMaxAgeMs },
    metrics,
    log: deps.log,
    stopping,
    oneAtATime,
  })
  return startLaneWorker({ bot: bot.name, redis, drain, concurrency: config.concurrency, log })
}

function senderSettings(bot: WorkerBot): SenderSettings {
  return bot.platform === 'tocaro' ? { ...bot, hasAccessToken: bot.accessToken !== undefined } : bot
}

function createApp(metrics: Metrics, redis: Redis): express.Express {
  const app = express()
  app.disable('x-powered-by')
  app.get('/', (_request, response) => {
    response.type('text/plain').send('Hookline worker is running.\n')
  })
  return app.use(statusRoutes({ metrics, checks: { redis: () => checkRedis(redis) } }))
}
