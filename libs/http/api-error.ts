import { ApiError, type ApiErrorCode, type Sent, type StatedLimit } from '#libs/contract'
import type { HttpResponse } from './client'

export interface ApiErrorOptions {
  /** Overrides the class that the status alone would give. */
  code?: ApiErrorCode
  /** Values that must not appear in the error: access tokens, hook keys. */
  secrets?: string[]
  /** The answer was not to a message: nothing can have been sent. */
  neverSent?: boolean
  /** Response header that names the request for the platform's support. */
  requestIdHeader?: string
}

/** Turns an answer that is not a success into an `ApiError`. `what` is the call in words: `LINE push`. */
export function apiError(what: string, response: HttpResponse, options: ApiErrorOptions = {}): ApiError {
  const { status, headers } = response
  const words = wordsOf(response.body, options.secrets ?? [])
  const requestId = options.requestIdHeader ? headers[options.requestIdHeader] : undefined
  const retryAfter = retryAfterMs(headers)
  const limit = statedLimit(headers)
  return new ApiError(options.code ?? codeOf(status), `${what} answered ${status}: ${words}`, {
    status,
    words,
    neverSent: options.neverSent ?? false,
    ...(retryAfter === undefined ? {} : { retryAfterMs: retryAfter }),
    ...(requestId === undefined ? {} : { requestId }),
    ...(limit === undefined ? {} : { limit }),
  })
}

function codeOf(status: number): ApiErrorCode {
  if (status === 401) return 'api_unauthorized'
  if (status === 429) return 'api_rate_limited'
  if (status >= 500 || status === 408) return 'api_unavailable'
  return 'api_rejected'
}

/** What the platform said, cut to 500 characters, each secret replaced. */
function wordsOf(body: unknown, secrets: string[]): string {
  const text = typeof body === 'string' ? body : JSON.stringify(body ?? '(no body)')
  const safe = secrets.filter(Boolean).reduce((words, secret) => words.replaceAll(secret, '[secret]'), text)
  return safe.length > 500 ? `${safe.slice(0, 500)}…` : safe
}

/**
 * How long the platform asks to wait: `Retry-After` in seconds or as an HTTP date, else the seconds of
 * `rateLimit-reset` (LINE WORKS; also seen as RateLimit-Reset and X-RateLimit-Reset).
 */
export function retryAfterMs(
  headers: Record<string, string | undefined>,
  now = Date.now(),
): number | undefined {
  const retryAfter = headers['retry-after']
  if (retryAfter !== undefined) {
    const ms = /^\d+(\.\d+)?$/.test(retryAfter) ? Number(retryAfter) * 1000 : Date.parse(retryAfter) - now
    if (Number.isFinite(ms)) return Math.max(0, ms)
  }
  return resetMsOf(headers)
}

/** `rateLimit-limit`, `-remaining`, `-reset` (LINE WORKS; also seen with other capitals and as X-RateLimit-…). */
export function statedLimit(headers: Record<string, string | undefined>): StatedLimit | undefined {
  const amount = rateHeader(headers, rateHeaders.limit)
  const remaining = rateHeader(headers, rateHeaders.remaining)
  const resetMs = resetMsOf(headers)
  if (amount === undefined && remaining === undefined && resetMs === undefined) return undefined
  const stated: StatedLimit = {}
  if (amount !== undefined) stated.amount = amount
  if (remaining !== undefined) stated.remaining = remaining
  if (resetMs !== undefined) stated.resetMs = resetMs
  return stated
}

const rateHeaders = {
  limit: ['ratelimit-limit', 'x-ratelimit-limit'],
  remaining: ['ratelimit-remaining', 'x-ratelimit-remaining'],
  reset: ['ratelimit-reset', 'x-ratelimit-reset'],
} as const

/** What a sender resolves with after this answer. */
export function sentWith({ headers, status }: HttpResponse, requestIdHeader?: string): Sent {
  const limit = statedLimit(headers)
  const requestId = requestIdHeader === undefined ? undefined : headers[requestIdHeader]
  const sent: Sent = { status }
  if (limit) sent.limit = limit
  if (requestId !== undefined) sent.requestId = requestId
  return sent
}

function resetMsOf(headers: Record<string, string | undefined>): number | undefined {
  const seconds = rateHeader(headers, rateHeaders.reset)
  return seconds === undefined ? undefined : seconds * 1000
}

function rateHeader(
  headers: Record<string, string | undefined>,
  [name, oldName]: readonly [string, string],
): number | undefined {
  const value = headers[name] ?? headers[oldName]
  return value !== undefined && /^\d+(\.\d+)?$/.test(value) ? Number(value) : undefined
}
