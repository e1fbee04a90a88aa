import { ApiError } from '#libs/contract'
import type { ApiErrorCode, Call, Sender, TokenSource } from '#libs/contract'
import { apiError, createHttp, sentWith, type Http, type HttpResponse } from '#libs/http'

/** What sending for one LINE bot needs. */
export interface LineOutSettings {
  /** Name of the bot in the configuration. */
  name: string
  /** `https://api.line.me`, or where a stand-in for it listens. */
  apiBaseUrl: string
  /** What becomes of a reply that no reply token carries: `push` is billed, `park` makes a dead letter. */
  replyFallback: 'push' | 'park'
  /** By default a client of its own. */
  http?: Http
}

/** The calls that a bot makes: reply, push, and the profile for the user's language. */
export function createLineApi(
  { apiBaseUrl, http = createHttp() }: LineOutSettings,
  tokens: TokenSource,
): Required<Pick<Sender, 'send' | 'language'>> {
  // A path with a slash too many is not promised to work [doc N/2026-08-17].
  const base = `${apiBaseUrl.replace(/\/+$/, '')}/v2/bot`
  const authorization = (token: string) => ({ authorization: `Bearer ${token}` })
  return {
    async send(call, { retryKey, signal }) {
      const { headers, body } = requestOf(call, retryKey)
      const token = await tokens.get()
      const response = await http({
        method: 'POST',
        url: `${base}/message/${call.operation}`,
        template: `/v2/bot/message/${call.operation}`,
        headers: { ...authorization(token), ...headers },
        body,
        signal,
      })
      if (isAccepted(call, response)) return sentWith(response)
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
function codeOf({ operation }: Call, { status, body }: HttpResponse): ApiErrorCode | undefined {
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
