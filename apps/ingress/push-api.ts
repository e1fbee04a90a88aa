import { type ErrorRequestHandler, type Request, type Response, Router } from 'express'
import { HooklineError } from '#libs/contract'
import type { RedisClient } from '#libs/redis'
import { type Logger, type Metrics, version } from '#libs/observability'
import { type ErrorAnswer, type ErrorCode, PushProblem, openApiDocument, statusOfError } from '#libs/push'
import type { ApiKeys } from './api-keys'
import type { Bots } from './bots'
import type { JournalMode } from './journal-mode'
import { onceAMinute } from './once-a-minute'
import { answerStatus } from './push-status'
import { Refused } from './refused'
import type { EventStore } from './store-events'
import { takePush } from './take-push'
import { inWebhookSpan } from './trace-webhooks'

export interface PushApiDeps {
  bots: Pick<Bots, 'named'>
  keys: Pick<ApiKeys, 'check'>
  events: EventStore
  mode: Pick<JournalMode, 'current'>
  redis: RedisClient
  metrics: Metrics
  log: Logger
}

/** `POST /v1/bots/:bot/messages`, `GET /v1/messages/:id` and `GET /v1/openapi.json`. No CORS: a browser has no key. */
export function createPushApi(deps: PushApiDeps): Router {
  const { report, count } = reporting(deps)
  const guarded = (work: (request: Request, response: Response) => Promise<void>) => {
    return async (request: Request, response: Response) => {
      try {
        authorize(request, deps.keys)
        await work(request, response)
      } catch (error) {
        count(request, error)
        refuse(response, error, report)
      }
    }
  }
  const document = openApiDocument(version())
  const router = Router()
  router
    .route('/v1/bots/:bot/messages')
    .post(
      guarded((request, response) =>
        inWebhookSpan({ route: '/v1/bots/:bot/messages', bot: nameOf(request, deps), response }, (span) =>
          takePush(request, response, { ...deps, span }),
        ),
      ),
    )
    .all(only('POST'))
  router
    .route('/v1/messages/:id')
    .get(guarded((request, response) => answerStatus(request, response, deps)))
    .all(only('GET, HEAD'))
  router
    .route('/v1/openapi.json')
    .get((_request, response) => void response.json(document))
    .all(only('GET, HEAD'))
  router.use('/v1', (_request, response) => {
    refuse(
      response,
      new Refused('not_found', 'There is nothing here. GET /v1/openapi.json tells what there is.'),
      report,
    )
  })
  router.use(asJson(report))
  return router
}

/** Express' own errors: a path that is no text, say. */
function asJson(report: Report): ErrorRequestHandler {
  return (error: unknown, _request, response, next) => {
    if (response.headersSent) return next(error)
    const isPath = error instanceof URIError
    refuse(response, isPath ? new Refused('not_found', 'The path can not be read.') : error, report)
  }
}

function only(methods: string) {
  return (request: Request, response: Response) => {
    response.setHeader('allow', methods)
    const words = `${request.method} is not for this path. Use ${methods}.`
    response.status(405).json({ error: { code: 'method_not_allowed', message: words } } satisfies ErrorAnswer)
  }
}

const keyFixes = {
  off: ['push_api_off', 'The push API is off: no key is set. Set HOOKLINE_API_KEY for the ingress.'],
  missing: [
    'unauthorized',
    'There is no key. Send "Authorization: Bearer KEY", with the key in HOOKLINE_API_KEY.',
  ],
  wrong: [
    'unauthorized',
    'The key is wrong. Send "Authorization: Bearer KEY", with the key in HOOKLINE_API_KEY.',
  ],
} as const

function authorize({ headers }: Request, keys: PushApiDeps['keys']): void {
  const check = keys.check(headers.authorization)
  if (check === 'right') return
  const [code, words] = keyFixes[check]
  throw new Refused(code, words)
}

/** For metrics and traces: a stranger's words make no label. */
function nameOf(request: Request, { bots }: Pick<PushApiDeps, 'bots'>): string {
  return bots.named(String(request.params['bot']))?.name ?? '(unknown)'
}

type Report = (error: unknown) => void

function refuse(response: Response, error: unknown, report: Report): void {
  const answer = answerTo(error)
  const { code } = answer.error
  if (code === 'error' || code === 'store_unavailable') report(error)
  if (response.headersSent || response.destroyed) return
  if (code === 'unauthorized') response.setHeader('www-authenticate', 'Bearer')
  if (code === 'store_unavailable' || code === 'status_unavailable') response.setHeader('retry-after', '1')
  response.status(statusOfError[code]).json(answer)
}

function answerTo(error: unknown): ErrorAnswer {
  if (error instanceof PushProblem) return error.answer()
  if (error instanceof Refused) return { error: { code: error.code, message: error.message } }
  if (error instanceof HooklineError && error.code === 'store_unavailable') {
    const message = 'Neither Redis nor the journal took the push. Nothing will be sent; send it again later.'
    return { error: { code: 'store_unavailable', message } }
  }
  const message =
    'Something went wrong that should not. The log of the ingress tells more; send it again later.'
  return { error: { code: 'error', message } }
}

/** By result; a stored push is counted where it is stored. */
const results: Partial<Record<ErrorCode, string>> = {
  unauthorized: 'unauthorized',
  push_api_off: 'unauthorized',
  unknown_bot: 'unknown_bot',
  idempotency_conflict: 'conflict',
  too_large: 'too_large',
  error: 'error',
  store_unavailable: 'unavailable',
}

function reporting(deps: PushApiDeps): { report: Report; count: (request: Request, error: unknown) => void } {
  const { metrics, log } = deps
  const failed = onceAMinute(log, 'error')
  const strangers = onceAMinute(log)
  const count = (request: Request, error: unknown) => {
    const { code, field } = answerTo(error).error
    if (code === 'unauthorized' || code === 'push_api_off')
      strangers('push API: a request without a right key', code)
    else
      log.info(
        { bot: nameOf(request, deps), code, ...(field === undefined ? {} : { field }) },
        'push refused',
      )
    if (request.method === 'POST')
      metrics.pushes.inc({ bot: nameOf(request, deps), result: results[code] ?? 'invalid' })
  }
  return { report: (error) => failed('push API failed', error), count }
}
