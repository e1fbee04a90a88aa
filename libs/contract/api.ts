import type { Readable } from 'node:stream'

/** One call of a platform's API, beside the sending of messages. */
export interface ApiRequest {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /**
   * Path below the platform's base URL, with names in the place of ids: `/v2/bot/profile/{userId}`. It names the
   * operation in limits, metrics and traces. On LINE WORKS `{botId}` is filled in by itself.
   */
  path: string
  /** What stands for the names in `path`; encoded. */
  params?: Record<string, string>
  query?: Record<string, string | number | boolean | undefined>
  /** Goes out as JSON, unless it is bytes (with `contentType`) or a form with files. */
  body?: object
  contentType?: string
  /** LINE: `data` is the host of contents and rich menu images. */
  host?: 'api' | 'data'
  /** LINE: send an `X-Line-Retry-Key`, the same whenever the handler runs again for its event. 409 is then a success. */
  retryKey?: boolean
  /** `stream`: the body as it comes in, for large contents. Default `json` (text where it is no JSON). */
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

export type ApiStream = Readable
