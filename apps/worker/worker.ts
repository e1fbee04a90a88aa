import { createServer } from 'node:http'
import express from 'express'
import type { WorkerBot, WorkerConfig } from '#libs/config'
import type { Call } from '#libs/contract'
import { createHttp, prepareHttp } from '#libs/http'
import {
  type LaneWorker,
  type Mailbox,
  botPrefix,
  createMailbox,
  introduceBot,
  readBacklog,
  readPause,
  recordMs,
  startLaneWorker,
  startTimerWorker,
  openFeed,
  type Timeline,
} from '#libs/mailbox'
import { type RedisClient, checkRedis, checkRedisAtStart, connectWorker } from '#libs/redis'
import { type BreakerState, accountOf, createLimiter } from '#libs/limiter'
import {
  type Logger,
  type Metrics,
  createMetrics,
  knownFields,
  startWorkerAtZero,
  statusRoutes,
} from '#libs/observability'
import { type SenderSettings, createSender } from '#libs/platforms'
import { type Service, closeServer, listen } from '#libs/process'
import { createTokenSource } from '#libs/tokens'
import { startVitals } from '#libs/vitals'
import { createDrain } from './drain'
import { type Gate, createGate } from './gate'
import { loadBotFile } from './load-bot-file'
import { createLoopGuard } from './loop-guard'
import { graceMs } from './run-handler'
import { traceHttp } from './trace-http'
import { startWatchdog } from './watchdog'

export interface RunningWorker extends Service {
  url: string
}

interface Deps {
  config: WorkerConfig
  redis: RedisClient
  metrics: Metrics
  log: Logger
  stopping: AbortSignal
  gate: Gate
  /** For what one bot has another one say. */
  mailbox: Mailbox
  /** Bot → whose limits its calls count against. */
  accounts: Map<string, string>
}

/** Starts a worker: lanes out, for every bot of the configuration. */
export async function startWorker(
  config: WorkerConfig,
  { log, cwd }: { log: Logger; cwd: string },
): Promise<RunningWorker> {
  const handlers = await Promise.all(config.bots.map((bot) => loadBotFile(bot.handler, cwd, bot.platform)))
  await prepareHttp()
  const stopping = new AbortController()
  const redis = connectWorker(config.redisUrl, log, config.redisCa)
  await checkRedisAtStart(redis, log)
  const names = config.bots.map((bot) => bot.name)
  const metrics = createMetrics({ backlog: { bots: () => names, read: (bot) => readBacklog(redis, bot) } })
  startWorkerAtZero(metrics, config.bots)
  const mailbox = createMailbox(redis, log)
  const gate = createGate(stopping.signal)
  const accounts = new Map<string, string>()
  const deps = { config, redis, metrics, log, stopping: stopping.signal, gate, mailbox, accounts }
  // Before the first lane: an item that blocks may be waiting in it, and is at work before the rest has started.
  startWatchdog(config.handlerTimeoutMs + graceMs)
  const lanes = config.bots.map((bot, i) => startBot(bot, handlers[i], deps))
  const server = createServer(createApp(metrics, () => checkRedis(redis, names.map(botPrefix))))
  const port = await listen(server, { host: config.host, port: config.port, setting: 'WORKER_PORT' })
  const url = `http://${config.host}:${port}`
  const vitals = startVitals({ redis, kind: 'worker', metrics, log, url, config: () => config, accounts })
  return {
    url,
    close: async () => {
      stopping.abort()
      await Promise.all(lanes.map((lane) => lane.close()))
      await mailbox.close()
      await vitals.close()
      await closeServer(server)
      redis.disconnect()
    },
    abandon: async () => {
      await Promise.all(lanes.map((lane) => lane.abandon()))
    },
  }
}

function startBot(
  bot: WorkerBot,
  handler: Awaited<ReturnType<typeof loadBotFile>> | undefined,
  deps: Deps,
): LaneWorker {
  if (!handler) throw new TypeError(`bot ${bot.name} was not loaded`)
  const { config, redis, metrics, stopping, gate, mailbox } = deps
  const timeline = timelineOf(bot, config)
  const log = deps.log.child({ bot: bot.name })
  const http = traceHttp(createHttp())
  const tokens = createTokenSource(bot, {
    http,
    redis,
    keyPrefix: botPrefix(bot.name),
    onMint: (name) => metrics.tokenMints.inc({ bot: name }),
    log,
  })
  const loopGuard =
    bot.platform === 'tocaro'
      ? createLoopGuard({
          ...{ bot: bot.name, redis, muteAfter: bot.muteAfter, knowsItself: bot.botUser.length > 0 },
          ...{ metrics, log },
        })
      : undefined
  const sender = createSender({ ...senderSettings(bot), http }, tokens)
  deps.accounts.set(bot.name, accountOf(sender.limitOf(anyCall)))
  const timers = startTimerWorker({
    ...{ bot: bot.name, platform: bot.platform, redis, schedules: handler.schedules, log },
    onFired: (kind, result) => metrics.timersFired.inc({ bot: bot.name, kind, result }),
  })
  const feed = openFeed(redis, bot.name)
  const limiter = createLimiter({
    bot: bot.name,
    redis,
    log,
    onBreaker: (state) => metrics.breakerState.set({ bot: bot.name }, breakerNumbers[state]),
  })
  const drain = createDrain({
    bot: bot.name,
    handler,
    bots: new Map(config.bots.map(({ name, platform }) => [name, platform])),
    post: (push, traceparent) => mailbox.post([push], recordMs, traceparent),
    alarms: timers.alarms,
    sender: loopGuard?.watch(sender) ?? sender,
    caller: sender,
    ...(loopGuard ? { loopGuard } : {}),
    limiter,
    ambiguous: bot.platform === 'line' ? 'resend' : bot.ambiguous,
    replyFallback: bot.platform === 'line' ? bot.replyFallback : 'park',
    handlerTimeoutMs: config.handlerTimeoutMs,
    ownUsers: bot.platform === 'tocaro' ? bot.botUser : [],
    budget: { attempts: config.retryAttempts, maxAgeMs: config.retryMaxAgeMs },
    metrics,
    log: deps.log,
    lines: knownFields(deps.log),
    tell: (entry) => feed.add(entry),
    keepsSteps: timeline.keep !== 'none',
    stopping,
    gate,
  })
  void tellOperators(bot, timeline, { redis, log })
  const lanes = startLaneWorker({
    ...{ bot: bot.name, redis, drain, concurrency: config.concurrency, log, timeline },
  })
  return {
    ...lanes,
    close: async () => {
      await Promise.all([lanes.close(), timers.close()])
      feed.flush()
      await limiter.close()
    },
  }
}

/** Of no consequence for the bot's work; a Redis that is away hears of it at the next start. */
async function tellOperators(
  { name, platform }: WorkerBot,
  timeline: Timeline,
  { redis, log }: Pick<Deps, 'redis' | 'log'>,
): Promise<void> {
  try {
    await introduceBot(redis, name, platform, timeline)
    const pause = await readPause(redis, name)
    if (pause) log.warn(pause, `this bot is paused; its events wait. Resume it: hookline resume ${name}`)
  } catch (error) {
    log.debug({ error: String(error) }, 'the bot was not introduced')
  }
}

/** A bot has one account, whatever it calls. */
const anyCall: Call = { operation: 'any', target: { kind: 'user', id: '' }, messages: [] }

/** What the bot's own settings leave open is as for all. */
function timelineOf({ timeline = {} }: WorkerBot, config: WorkerConfig): Timeline {
  return {
    keep: timeline.keep ?? config.timeline,
    days: timeline.days ?? config.timelineDays,
    items: timeline.items ?? config.timelineItems,
  }
}

const breakerNumbers: Record<BreakerState, number> = { closed: 0, opening: 1, held: 2 }

function senderSettings(bot: WorkerBot): SenderSettings {
  return bot.platform === 'tocaro' ? { ...bot, hasAccessToken: bot.accessToken !== undefined } : bot
}

function createApp(metrics: Metrics, redis: () => Promise<void>): express.Express {
  const app = express()
  app.disable('x-powered-by')
  app.get('/', (_request, response) => {
    response.type('text/plain').send('Hookline worker is running.\n')
  })
  return app.use(statusRoutes({ metrics, checks: { redis } }))
}
