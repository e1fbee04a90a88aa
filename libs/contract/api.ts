import type { Readable } from 'node:stream'

/** One call of a platform's API, beside the sending of messages. */
export interface ApiRequest {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /**
   * Path below the platform's base URL, with names in the place of ids: `/v2/bot/profile/{userId}`. It names the
   * operation in limits, metrics and traces. On LINE WORKS `{botId}` is filled in by itself.
   */
  path: string
  /** What stands for the names in `path`; encoded. Neither nothing nor `.` or `..`: that would be another path. */
  params?: Record<string, string>
  /**
   * An address that the platform gave, in place of the one that `path` makes: an upload URL, a content elsewhere.
   * `path` then only names the operation. The token goes along to the platform's own hosts only; any other host must
   * be a public one, by https.
   */
  url?: string
  /** Goes out without the token: for an address that somebody else named. */
  anonymous?: boolean
  query?: Record<string, string | number | boolean | undefined>
  /** Goes out as JSON, unless it is a `Uint8Array` (give `contentType` too) or a `FormData`. */
  body?: object
  contentType?: string
  /** LINE: `data` is the host of contents and rich menu images. */
  host?: 'api' | 'data'
  /** LINE: send an `X-Line-Retry-Key`, the same whenever the handler runs again for its event. 409 is then a success. */
  retryKey?: boolean
  /**
   * `json`: parsed, text where it is no JSON, undefined where there is none. `bytes`: a `Buffer`. `stream`: an `ApiStream`,
   * for large contents. Default `json`.
   */
  as?: 'json' | 'bytes' | 'stream'
  /** More bytes than this are an error. Default 1 MiB for JSON, 200 MiB for bytes and streams. */
  maxBytes?: number
}

/** The answer to a call that the platform accepted. */
export interface ApiResponse<Body = unknown> {
  status: number
  /** Names in lower case. */
  headers: Record<string, string | undefined>
  body: Body
}

/**
 * The bytes of an answer as they come in. It ends with an `ApiError` where the transfer breaks off, stalls for 10 s or
 * exceeds `maxBytes`, never silently short. In a handler it lives as long as the handler runs.
 */
export type ApiStream = Readable

/** Makes calls: `ctx.api` in a handler. Rejects with `ApiError`. */
export type ApiCall = (request: ApiRequest) => Promise<ApiResponse>
