import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http'
import type { Event } from '#libs/contract'
import type { Logger, Metrics, Span } from '#libs/observability'
import { type Bots, type IngressBot, receive } from './bots'
import { onceAMinute } from './once-a-minute'
import { readBody } from './read-body'
import type { EventStore, Stored } from './store-events'
import { inWebhookSpan } from './trace-webhooks'

export interface WebhookDeps {
  bots: Pick<Bots, 'at'>
  events: EventStore
  metrics: Metrics
  log: Logger
  /** The process ends: every answer from now on ends its connection too. */
  stopping?: AbortSignal
}

interface HandleDeps extends WebhookDeps {
  report: (what: string, error: unknown) => void
  answer: Answer
}

/** Handles the request if it is to a webhook path; false otherwise. */
export type WebhookHandler = (request: IncomingMessage, response: ServerResponse) => boolean

/**
 * The hot path, written against plain requests: it runs in front of Express, which costs more than all of
 * this together. Read, verify, store, then 200; every refusal of a stranger looks the same.
 */
export function createWebhookHandler(given: WebhookDeps): WebhookHandler {
  const report = onceAMinute(given.log, 'error')
  const answer = createAnswer(given.stopping)
  const deps = { ...given, report, answer }
  return (request, response) => {
    const path = pathOf(request)
    const bots = deps.bots.at(path)
    if (!bots) return false
    if (request.method !== 'POST') {
      response.setHeader('allow', 'POST')
      answer(response, 405, '{"error":"method_not_allowed"}')
      return true
    }
    const route = path.startsWith('/events') ? '/events' : '/webhooks/:bot'
    const failed = (error: unknown) => {
      report('webhook failed', error)
      deps.metrics.webhooks.inc({ bot: nameOf(bots), result: 'error' })
      if (!response.headersSent) answer(response, 503, '{"error":"unavailable"}')
    }
    void inWebhookSpan({ route, bot: nameOf(bots), response }, (span) =>
      handle(request, response, { bots, deps, span }).catch(failed),
    )
    return true
  }
}

async function handle(
  request: IncomingMessage,
  response: ServerResponse,
  { bots, deps, span }: { bots: IngressBot[]; deps: HandleDeps; span: Span },
): Promise<void> {
  const { answer } = deps
  const startedAt = performance.now()
  const body = await readBody(request)
  if (body === 'aborted') return
  if (body === 'too_large') return refuseLargeBody(request, response, { bots, deps })

  const { bot, received } = receive(bots, { headers: request.headers, body, receivedAt: Date.now() })
  if (bot) span.setAttribute('hookline.bot', bot.name)
  if (received.kind === 'refused') {
    deps.metrics.webhooks.inc({ bot: bot?.name ?? '(unknown)', result: received.reason })
    deps.log.debug({ bot: bot?.name, reason: received.reason }, 'webhook refused')
    return received.status === 400
      ? answer(response, 400, '{"error":"bad_request"}')
      : answer(response, 401, unauthorized)
  }
  if (!bot) return answer(response, 401, unauthorized)
  if (received.kind === 'challenge') {
    deps.metrics.webhooks.inc({ bot: bot.name, result: 'challenge' })
    return answer(response, 200, received.body)
  }
  noteVerified(received.events)
  const stored = await store(bot, received.events, deps)
  deps.metrics.webhooks.inc({ bot: bot.name, result: stored ?? 'unavailable' })
  if (!stored) return answer(response, 503, '{"error":"unavailable"}')
  answer(response, 200, bot.webhook.ackBody)
  deps.metrics.ackSeconds.observe(
    { bot: bot.name, platform: bot.platform },
    (performance.now() - startedAt) / 1000,
  )
}

function pathOf({ url = '/' }: IncomingMessage): string {
  const query = url.indexOf('?')
  return query < 0 ? url : url.slice(0, query)
}

/** For the story of each: one look at the clock per webhook. */
function noteVerified(events: Event[]): void {
  const verifiedAt = Date.now()
  for (const event of events) event.verifiedAt = verifiedAt
}

/** Undefined when neither Redis nor the journal took the events. */
async function store(bot: IngressBot, events: Event[], deps: HandleDeps): Promise<Stored | undefined> {
  try {
    return await deps.events.store(events, bot.webhook.dedupeWindowMs)
  } catch (error) {
    deps.report(`events of bot ${bot.name} were not stored`, error)
    return undefined
  }
}

/** The connection ends with the answer; what is still being written is not worth the bandwidth. */
function refuseLargeBody(
  request: IncomingMessage,
  response: ServerResponse,
  { bots, deps }: { bots: IngressBot[]; deps: HandleDeps },
): void {
  deps.metrics.webhooks.inc({ bot: nameOf(bots), result: 'too_large' })
  request.removeAllListeners('data').resume()
  response.setHeader('connection', 'close')
  deps.answer(response, 413, '{"error":"too_large"}')
}

/** For metrics: the bot of the path, unless it is nobody's or one of several could be meant. */
function nameOf(bots: IngressBot[]): string {
  const [bot, ...others] = bots
  return bot && others.length === 0 ? bot.name : '(unknown)'
}

const unauthorized = '{"error":"unauthorized"}'

type Answer = (response: ServerResponse, status: number, body: string) => void

/** Content-Type without a charset: Tocaro's documents show it bare, and nobody minds. */
function createAnswer(stopping: AbortSignal | undefined): Answer {
  return (response, status, body) => {
    const headers: OutgoingHttpHeaders = { 'content-length': Buffer.byteLength(body) }
    if (body) headers['content-type'] = 'application/json'
    // Whoever keeps connections learns in time that this one ends, and uses it for nothing that would be lost. A webhook
    // may be under way when the process is told to stop: what counts is the moment of its answer.
    if (stopping?.aborted) headers.connection = 'close'
    response.writeHead(status, headers).end(body)
  }
}
