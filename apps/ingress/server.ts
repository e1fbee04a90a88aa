import { type Server, createServer } from 'node:http'
import express from 'express'
import type { IngressConfig } from '#libs/config'
import { checkRedis, connectProducer, createMailbox } from '#libs/mailbox'
import { type Logger, type Metrics, createMetrics, statusRoutes } from '#libs/observability'
import { type Service, closeServer, listen } from '#libs/process'
import { createBots } from './bots'
import { type WebhookHandler, createWebhookHandler } from './webhook-handler'

export interface Ingress extends Service {
  url: string
}

/** Starts the ingress: webhooks in, events into Redis. It knows no handler and no outgoing credential. */
export async function startIngress(config: IngressConfig, log: Logger): Promise<Ingress> {
  const metrics = createMetrics()
  const redis = connectProducer(config.redisUrl, log)
  const mailbox = createMailbox(
    redis,
    log,
    config.bots.map((bot) => bot.name),
  )
  const webhooks = createWebhookHandler({ bots: createBots(config.bots), mailbox, metrics, log })
  const server = createHttpServer(webhooks, createApp(metrics, { redis: () => checkRedis(redis) }))
  const port = await listen(server, { host: config.host, port: config.port, setting: 'INGRESS_PORT' })
  return {
    url: `http://${config.host}:${port}`,
    close: async () => {
      await closeServer(server)
      await mailbox.close()
      redis.disconnect()
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

function createApp(metrics: Metrics, checks: Parameters<typeof statusRoutes>[0]['checks']): express.Express {
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
