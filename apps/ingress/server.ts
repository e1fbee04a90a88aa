import { type Server, createServer } from 'node:http'
import express from 'express'
import type { IngressConfig } from '#libs/config'
import { type Journal, createJournal } from '#libs/journal'
import { botPrefix, createMailbox } from '#libs/mailbox'
import { type RedisHealth, checkRedisAtStart, connectProducer, createReplicas, watchRedis } from '#libs/redis'
import {
  type Logger,
  type Metrics,
  type StatusOptions,
  createMetrics,
  statusRoutes,
} from '#libs/observability'
import { type Service, closeServer, listen } from '#libs/process'
import { createBots } from './bots'
import { createJournalMode } from './journal-mode'
import { createEventStore } from './store-events'
import { tendJournal } from './tend-journal'
import { type WebhookHandler, createWebhookHandler } from './webhook-handler'

export interface Ingress extends Service {
  url: string
}

/**
 * Starts the ingress: webhooks in, events into Redis, or into the journal while Redis does not take them. It
 * knows no handler and no outgoing credential. It starts and acknowledges without Redis too.
 */
export async function startIngress(config: IngressConfig, log: Logger): Promise<Ingress> {
  const metrics = createMetrics()
  const redis = connectProducer(config.redisUrl, log, config.redisCa)
  await checkRedisAtStart(redis, log)
  const bots = config.bots.map((bot) => bot.name)
  const replicas = createReplicas({ redis, asked: config.redisWaitReplicas })
  const tags = bots.map(botPrefix)
  const health = watchRedis({ redis, tags, replicas, memoryShare: config.redisMemoryShare, log })
  await health.refresh()
  const onUnconfirmed = (bot: string, events: number) => metrics.unconfirmedEvents.inc({ bot }, events)
  const mailbox = createMailbox(redis, log, { bots, replicas, onUnconfirmed })
  const journal = createJournal({ dir: config.journalDir, maxBytes: config.journalMaxBytes })
  const mode = createJournalMode()
  const deps = { redis, health, mailbox, journal, mode, metrics, log }
  const tending = await tendJournal(deps)
  const events = createEventStore(deps)
  const webhooks = createWebhookHandler({ bots: createBots(config.bots), events, metrics, log })
  const server = createHttpServer(webhooks, createApp(metrics, readiness(health, journal)))
  const port = await listen(server, { host: config.host, port: config.port, setting: 'INGRESS_PORT' })
  return {
    url: `http://${config.host}:${port}`,
    close: async () => {
      await closeServer(server)
      await tending.close()
      await mailbox.close()
      health.close()
      redis.disconnect()
    },
  }
}

/**
 * Red while Redis is away, although webhooks are acknowledged all the time: this is for people and alerts.
 * Load balancers should ask /healthz, or they would turn away webhooks that the journal could take.
 */
function readiness(health: RedisHealth, journal: Journal): StatusOptions['checks'] {
  return {
    redis: () => health.check(),
    journal: async () => {
      await journal.check()
      const events = await journal.count()
      return events > 0 ? `holding ${events} events` : undefined
    },
  }
}

/** Webhooks first, everything else through Express. */
function createHttpServer(webhooks: WebhookHandler, app: express.Express): Server {
  const server = createServer((request, response) => {
    if (!webhooks(request, response)) app(request, response)
  })
  // Above the 60 s for which load balancers usually keep idle connections.
  server.keepAliveTimeout = 75_000
  server.headersTimeout = 10_000
  server.requestTimeout = 10_000
  return server
}

function createApp(metrics: Metrics, checks: StatusOptions['checks']): express.Express {
  const app = express()
  app.disable('x-powered-by')
  app.disable('etag')
  app.get('/', (_request, response) => {
    response.type('text/plain').send('Hookline ingress is running.\n')
  })
  app.use(statusRoutes({ metrics, checks }))
  app.use((_request, response) => {
    response.status(404).json({ error: 'not_found' })
  })
  return app
}
