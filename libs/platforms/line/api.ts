import { ApiError } from '#libs/contract'
import type { ApiErrorCode, Call, Caller, Limit, Sender, TokenSource } from '#libs/contract'
import { apiError, createHttp, sentWith, type Http, type HttpResponse } from '#libs/http'
import { createCaller, sameHost } from '../caller'

/** What sending for one LINE bot needs. */
export interface LineOutSettings {
  /** Name of the bot in the configuration. */
  name: string
  /** `https://api.line.me`, or where a stand-in for it listens. */
  apiBaseUrl: string
  /** `https://api-data.line.me`: contents and images of rich menus. */
  dataApiBaseUrl: string
  /** What becomes of a reply that no reply token carries: `push` is billed, `park` makes a dead letter. */
  replyFallback: 'push' | 'park'
  /** By default a client of its own. */
  http?: Http
}

/** The calls that a bot makes: reply, push, the profile for the user's language, and any other. */
export function createLineApi(
  settings: LineOutSettings,
  tokens: TokenSource,
): Required<Pick<Sender, 'send' | 'language'>> & Caller {
  const { apiBaseUrl, http = createHttp() } = settings
  // A path with a slash too many is not promised to work [doc N/2026-08-17].
  const base = `${apiBaseUrl.replace(/\/+$/, '')}/v2/bot`
  const authorization = (token: string) => ({ authorization: `Bearer ${token}` })
  return {
    ...createLineCaller(settings, http, tokens),
    async send(call, { retryKey, signal, onToken }) {
      const { headers, body } = requestOf(call, retryKey)
      const token = await tokens.get(onToken)
      const response = await http({
        method: 'POST',
        url: `${base}/message/${call.operation}`,
        template: `/v2/bot/message/${call.operation}`,
        headers: { ...authorization(token), ...headers },
        body,
        signal,
      })
      if (isAccepted(call, response)) return sentWith(response, 'x-line-request-id')
      if (response.status === 401) await tokens.invalidate(token)
      throw refusal(call, response, token)
    },
    async language({ conversation, userId }, signal) {
      if (conversation.kind !== 'user' || !userId) return undefined
      try {
        const headers = authorization(await tokens.get())
        const url = `${base}/profile/${encodeURIComponent(userId)}`
        const template = '/v2/bot/profile/{userId}'
        const response = await http({ method: 'GET', url, template, headers, signal })
        return response.status === 200 ? textField(response.body, 'language') : undefined
      } catch {
        // A wish, not a need: without an answer the bot speaks its default language.
        return undefined
      }
    },
  }
}

function createLineCaller(settings: LineOutSettings, http: Http, tokens: TokenSource): Caller {
  const { name, apiBaseUrl, dataApiBaseUrl } = settings
  return createCaller({
    http,
    tokens,
    baseOf: ({ host }) => (host === 'data' ? dataApiBaseUrl : apiBaseUrl),
    isOwnHost: (url) => sameHost(url, apiBaseUrl) || sameHost(url, dataApiBaseUrl),
    operations: { 'POST /v2/bot/message/reply': 'reply', 'POST /v2/bot/message/push': 'push' },
    limitOf: (operation) => limitOfOperation(operation, name),
    headersOf: (_request, retryKey) => ({ 'x-line-retry-key': retryKey }),
    isAccepted: ({ retryKey }, { status }) => retryKey === true && status === 409,
    refusal: (operation, response, token) => {
      const code = codeOf({ operation }, response)
      return apiError(`LINE ${operation}`, response, {
        ...(code && { code }),
        secrets: [token],
        requestIdHeader: 'x-line-request-id',
      })
    },
  })
}

const second = 1000
const minute = 60 * second
const hour = 60 * minute

/** Per channel, endpoint and method; the first that fits [doc R#rate-limits]. */
const limits: [operation: RegExp, amount: number, perMs: number][] = [
  [/^POST \/v2\/bot\/message\/(narrowcast|broadcast)$/, 60, hour],
  [/^POST \/v2\/bot\/channel\/webhook\/test$/, 60, hour],
  [/^GET \/v2\/bot\/(insight|message\/delivery)\//, 60, hour],
  [/^\w+ \/v2\/bot\/audienceGroup/, 60, minute],
  [/^(PUT|GET) \/v2\/bot\/channel\/webhook\/endpoint$/, 1000, minute],
  [/^POST \/v2\/bot\/richmenu\/batch$/, 3, hour],
  [/^GET \/v2\/bot\/richmenu\/progress\/batch$/, 100, hour],
  [/^POST \/v2\/bot\/richmenu$/, 100, hour],
  [/^DELETE \/v2\/bot\/richmenu\/(alias\/)?[^/]+$/, 100, hour],
  [/^GET \/v2\/bot\/richmenu\/list$/, 10, second],
  [/^POST \/v2\/bot\/message\/multicast$/, 200, second],
  [/^\w+ \/v2\/bot\/(membership|coupon)/, 200, second],
  [/^POST \/v2\/bot\/chat\/loading\/start$/, 100, second],
]

/** The bucket's size is not documented: a second's worth is assumed where the limit is per second. */
function limitOfOperation(operation: string, bot: string): Limit {
  const own = limits.find(([pattern]) => pattern.test(operation))
  return { scope: `line:${bot}:${operation}`, amount: own?.[1] ?? 2000, perMs: own?.[2] ?? second }
}

/** Only push knows the retry key; a reply that carries one is refused with 400 [doc R#retry-api-request]. */
function requestOf({ operation, target, messages, replyToken }: Call, retryKey: string) {
  if (operation === 'push') {
    return { headers: { 'x-line-retry-key': retryKey }, body: { to: target.id, messages } }
  }
  if (operation === 'reply' && replyToken) {
    return { headers: {}, body: { replyToken: replyToken.token, messages } }
  }
  throw new ApiError(
    'api_rejected',
    `LINE can "push", and "reply" with a token; "${operation}" can't be sent.`,
  )
}

/** 409 says that an earlier attempt with the same retry key was accepted [doc D/retrying-api-request]. */
function isAccepted({ operation }: Call, { status }: HttpResponse): boolean {
  return (status >= 200 && status < 300) || (operation === 'push' && status === 409)
}

function refusal(call: Call, response: HttpResponse, token: string): ApiError {
  const code = codeOf(call, response)
  return apiError(`LINE ${call.operation}`, response, {
    ...(code && { code }),
    secrets: [token, call.replyToken?.token ?? ''],
    requestIdHeader: 'x-line-request-id',
  })
}

/** Two answers whose status alone does not tell what to do next [doc R#error-messages]. */
function codeOf(
  { operation }: Pick<Call, 'operation'>,
  { status, body }: HttpResponse,
): ApiErrorCode | undefined {
  const words = textField(body, 'message') ?? ''
  if (status === 429 && /monthly limit/i.test(words)) return 'api_quota_exhausted'
  if (status === 400 && operation === 'reply' && /invalid reply token/i.test(words))
    return 'api_reply_token_invalid'
  return undefined
}

function textField(body: unknown, field: string): string | undefined {
  if (typeof body !== 'object' || body === null) return undefined
  const value = (body as Record<string, unknown>)[field]
  return typeof value === 'string' && value ? value : undefined
}
