import { type Server, createServer } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import express from 'express'
import type { IngressBot, IngressConfig } from '#libs/config'
import { type Journal, createJournal } from '#libs/journal'
import { botPrefix, createMailbox, readBacklog } from '#libs/mailbox'
import { type RedisHealth, checkRedisAtStart, connectProducer, createReplicas, watchRedis } from '#libs/redis'
import {
  type Logger,
  type StatusOptions,
  createMetrics,
  startIngressAtZero,
  statusRoutes,
} from '#libs/observability'
import { type Service, closeServer, listen } from '#libs/process'
import { startVitals } from '#libs/vitals'
import { createApiKeys } from './api-keys'
import { createBots } from './bots'
import { createJournalMode } from './journal-mode'
import { createPushApi } from './push-api'
import { createEventStore } from './store-events'
import { tendJournal } from './tend-journal'
import { type WebhookHandler, createWebhookHandler } from './webhook-handler'

export interface Ingress extends Service {
  url: string
  /** From the next webhook on these bots are known, and no others. */
  useBots(bots: IngressBot[]): void
  /** From the next request to the push API on these are its keys. */
  useApiKeys(keys: readonly string[]): void
  /** How many conversations of a bot have events that wait for a worker. */
  waiting(bot: string): Promise<number>
}

/** Whoever is still sending after this is cut, so that one slow sender does not make the end a failure. */
const finishAtMostMs = 5000

/**
 * Starts the ingress: webhooks in, events into Redis, or into the journal while Redis does not take them. It
 * knows no handler and no outgoing credential. It starts and acknowledges without Redis too.
 */
export async function startIngress(config: IngressConfig, log: Logger): Promise<Ingress> {
  const redis = connectProducer(config.redisUrl, log, config.redisCa)
  let configured = config.bots
  let names = config.bots.map((bot) => bot.name)
  const metrics = createMetrics({ backlog: { bots: () => names, read: (bot) => readBacklog(redis, bot) } })
  startIngressAtZero(metrics, config.bots)
  await checkRedisAtStart(redis, log)
  const replicas = createReplicas({ redis, asked: config.redisWaitReplicas })
  const tags = () => names.map(botPrefix)
  const health = watchRedis({ redis, tags, replicas, memoryShare: config.redisMemoryShare, log })
  await health.refresh()
  const onUnconfirmed = (bot: string, events: number) => metrics.unconfirmedEvents.inc({ bot }, events)
  const mailbox = createMailbox(redis, log, { bots: names, replicas, onUnconfirmed })
  const journal = createJournal({ dir: config.journalDir, maxBytes: config.journalMaxBytes })
  const mode = createJournalMode()
  const deps = { redis, health, mailbox, journal, mode, metrics, log }
  const tending = await tendJournal(deps)
  const events = createEventStore(deps)
  const stopping = new AbortController()
  let bots = createBots(config.bots)
  const webhooks = createWebhookHandler({
    bots: { at: (path) => bots.at(path) },
    ...{ events, metrics, log },
    stopping: stopping.signal,
  })
  const keys = createApiKeys(config.apiKeys ?? [])
  const pushes = createPushApi({ bots: { named: (name) => bots.named(name) }, keys, events, ...deps })
  const checks = readiness({ health, journal, stopping: stopping.signal })
  const app = createApp(pushes, { metrics, checks })
  const server = createHttpServer(webhooks, app, stopping.signal)
  const port = await listen(server, { host: config.host, port: config.port, setting: 'INGRESS_PORT' })
  const url = `http://${config.host}:${port}`
  const vitals = startVitals({
    ...{ redis, kind: 'ingress', metrics, log, url, config: () => ({ ...config, bots: configured }) },
    journal: { folder: await journal.folderId(), maxBytes: config.journalMaxBytes },
  })
  return {
    url,
    useBots: (settings) => {
      bots = createBots(settings)
      names = settings.map((bot) => bot.name)
      configured = settings
      startIngressAtZero(metrics, settings)
    },
    useApiKeys: (next) => keys.use(next),
    waiting: async (bot) => (await readBacklog(redis, bot)).lanes,
    close: async () => {
      stopping.abort()
      // Balancers go on sending for a moment, and LINE WORKS never resends what is refused.
      await pause(config.shutdownDelayMs)
      await closeServer(server, Math.min(finishAtMostMs, config.shutdownTimeoutMs / 2))
      await tending.close()
      await mailbox.close()
      await vitals.close()
      health.close()
      redis.disconnect()
    },
  }
}

interface ReadinessDeps {
  health: RedisHealth
  journal: Journal
  stopping: AbortSignal
}

/**
 * Red while Redis is away, although webhooks are acknowledged all the time: this is for people and alerts. Load
 * balancers should leave Redis out (`/readyz?exclude=redis`) or ask /healthz, or they would turn away webhooks that
 * the journal could take.
 */
function readiness({ health, journal, stopping }: ReadinessDeps): StatusOptions['checks'] {
  return {
    process: async () => {
      if (stopping.aborted) throw new Error('shutting down')
    },
    redis: () => health.check(),
    journal: async () => {
      await journal.check()
      const events = await journal.count()
      return events > 0 ? `holding ${events} events` : undefined
    },
  }
}

/** Webhooks first, everything else through Express. */
function createHttpServer(webhooks: WebhookHandler, app: express.Express, stopping: AbortSignal): Server {
  const server = createServer((request, response) => {
    if (webhooks(request, response)) return
    if (stopping.aborted) response.setHeader('connection', 'close')
    app(request, response)
  })
  // Above the 60 s for which load balancers usually keep idle connections.
  server.keepAliveTimeout = 75_000
  server.headersTimeout = 10_000
  server.requestTimeout = 10_000
  return server
}

function createApp(pushes: express.Router, status: StatusOptions): express.Express {
  const app = express()
  app.disable('x-powered-by')
  app.disable('etag')
  app.get('/', (_request, response) => {
    response.type('text/plain').send('Hookline ingress is running.\n')
  })
  app.use(statusRoutes(status))
  app.use(pushes)
  app.use((_request, response) => {
    response.status(404).json({ error: 'not_found' })
  })
  return app
}
