import type { StatedLimit } from './platform'

/** Every error that Hookline raises on purpose has one of these codes; control flow uses the code only. */
export type ErrorCode =
  /** A setting is missing or wrong. */
  | 'config_invalid'
  /** A bot file can't be loaded. */
  | 'bot_file_invalid'
  /** A message that the platform can't take, found before anything was sent. */
  | 'message_invalid'
  /** A reply where nobody can be answered. */
  | 'no_target'
  /** The handler ran longer than its time limit. */
  | 'handler_timeout'
  /** LINE: the user took the message back while its handler ran. */
  | 'unsent'
  /** A session, timer or result of `once` that can't be kept: no JSON, too large, a delay that is none. */
  | 'state_invalid'
  /** Redis did not take a write. */
  | 'store_unavailable'
  | ApiErrorCode

/** What a platform's API (or the way to it) said, in classes that decide what happens next. */
export type ApiErrorCode =
  /** 401: the access token is missing, wrong or expired. */
  | 'api_unauthorized'
  /** 429: too many requests; `retryAfterMs` where the platform says how long. */
  | 'api_rate_limited'
  /** LINE's 429 for the monthly quota: waiting does not help. */
  | 'api_quota_exhausted'
  /** LINE's 400 for a reply token that is used, wrong or too old. */
  | 'api_reply_token_invalid'
  /** 400, 403, 404, 422, …: the same request will never be taken. */
  | 'api_rejected'
  /** 5xx, or no connection: try again. */
  | 'api_unavailable'
  /** Timeout or reset after sending: the platform may or may not have done it. */
  | 'api_outcome_unknown'

export interface ErrorDetails {
  cause?: unknown
}

/** Base of all errors. `message` says what failed, with which value (never a secret), and what to do. */
export class HooklineError extends Error {
  constructor(
    readonly code: ErrorCode,
    message: string,
    details: ErrorDetails = {},
  ) {
    super(message, 'cause' in details ? { cause: details.cause } : undefined)
    this.name = 'HooklineError'
  }
}

export interface ApiErrorDetails extends ErrorDetails {
  /** HTTP status, absent when no answer came. */
  status?: number
  /** The platform's own words, at most 500 characters, without credentials. */
  words?: string
  /** How long the platform asks to wait: milliseconds. */
  retryAfterMs?: number
  /** The platform's id of the request, for its support. */
  requestId?: string
  /** The message can't have reached the platform: no connection, or no token to send it with. */
  neverSent?: boolean
  /** What the platform says about the limit that the call falls under. */
  limit?: StatedLimit
}

/** A platform's API call failed. Carries no request headers and no URL with a key in it. */
export class ApiError extends HooklineError {
  declare readonly code: ApiErrorCode
  readonly status: number | undefined
  readonly words: string | undefined
  readonly retryAfterMs: number | undefined
  readonly requestId: string | undefined
  readonly neverSent: boolean
  readonly limit: StatedLimit | undefined

  constructor(code: ApiErrorCode, message: string, details: ApiErrorDetails = {}) {
    super(code, message, details)
    this.name = 'ApiError'
    this.status = details.status
    this.words = details.words
    this.retryAfterMs = details.retryAfterMs
    this.requestId = details.requestId
    this.neverSent = details.neverSent ?? false
    this.limit = details.limit
  }
}

/** The answer, or undefined where the platform knows no such thing. */
export async function unlessUnknown<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return undefined
    throw error
  }
}
