import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import axios, { type AxiosInstance } from 'axios'
import { ApiError } from '#libs/contract'

/** `body`: an object goes out as JSON, `URLSearchParams` as a form. */
export interface HttpRequest {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  url: string
  /** The path with names in the place of ids and secrets, for traces: `/v2/bot/profile/{userId}`. */
  template?: string
  headers?: Record<string, string>
  body?: Record<string, unknown> | URLSearchParams
  signal?: AbortSignal | undefined
}

/** Any answer, whatever its status. `body` is parsed where it is JSON, else text. */
export interface HttpResponse {
  status: number
  headers: Record<string, string | undefined>
  body: unknown
}

/**
 * Makes one request. Resolves with any HTTP answer; throws `ApiError` where none came:
 * `api_unavailable` when the request can't have been seen, `api_outcome_unknown` when it may have been.
 */
export type Http = (request: HttpRequest) => Promise<HttpResponse>

export interface HttpOptions {
  /** Milliseconds from start to the last byte. */
  timeoutMs?: number
  maxSockets?: number
}

const megabyte = 1024 * 1024
/** Codes of a request that never left: repeating it can't repeat a message. */
const codesOfNoConnection = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
])

export function createHttp({ timeoutMs = 10_000, maxSockets = 100 }: HttpOptions = {}): Http {
  const client = axios.create({
    httpAgent: new HttpAgent({ keepAlive: true, maxSockets }),
    httpsAgent: new HttpsAgent({ keepAlive: true, maxSockets }),
    maxRedirects: 0,
    maxContentLength: megabyte,
    maxBodyLength: 2 * megabyte,
    responseType: 'text',
    transformResponse: [(data: unknown) => data],
    validateStatus: () => true,
  })
  return (request) => exchange(client, request, timeoutMs)
}

async function exchange(
  client: AxiosInstance,
  request: HttpRequest,
  timeoutMs: number,
): Promise<HttpResponse> {
  if (request.signal?.aborted) throw notMade(request)
  const deadline = AbortSignal.timeout(timeoutMs)
  try {
    const response = await client.request<unknown>({
      method: request.method,
      url: request.url,
      headers: { accept: 'application/json', ...request.headers },
      data: request.body,
      timeout: timeoutMs,
      // axios' own timeout is about inactivity: a dripping answer would hold the call for ever.
      signal: request.signal ? AbortSignal.any([request.signal, deadline]) : deadline,
    })
    return { status: response.status, headers: plainHeaders(response.headers), body: parse(response.data) }
  } catch (error) {
    const answered = answeredWithoutBody(error)
    if (answered) return answered
    throw connectionError(error, request, deadline.aborted ? timeoutMs : undefined)
  }
}

function notMade({ url }: HttpRequest): ApiError {
  const { host } = new URL(url)
  return new ApiError('api_unavailable', `The request to ${host} was not made: its caller had given up.`, {
    neverSent: true,
  })
}

/** The status line came, the body did not: what the platform decided is known all the same. */
function answeredWithoutBody(error: unknown): HttpResponse | undefined {
  if (!axios.isAxiosError(error) || !error.response) return undefined
  return { status: error.response.status, headers: plainHeaders(error.response.headers), body: undefined }
}

/** The axios error is not kept as `cause`: it carries the Authorization header. */
function connectionError(error: unknown, request: HttpRequest, expiredMs: number | undefined): ApiError {
  const code = axios.isAxiosError(error) && error.code ? error.code : 'connection failed'
  const { host } = new URL(request.url)
  if (codesOfNoConnection.has(code)) {
    return new ApiError(
      'api_unavailable',
      `No connection to ${host} (${code}). Check the base URL and the network.`,
      { neverSent: true },
    )
  }
  const what = expiredMs === undefined ? code : `no complete answer within ${expiredMs} ms`
  return new ApiError(
    'api_outcome_unknown',
    `The request to ${host} got no answer (${what}); it may have been done.`,
  )
}

function plainHeaders(headers: unknown): Record<string, string | undefined> {
  return Object.fromEntries(
    Object.entries(headers as Record<string, unknown>).map(([name, value]) => [
      name.toLowerCase(),
      String(value),
    ]),
  )
}

function parse(data: unknown): unknown {
  if (typeof data !== 'string' || data === '') return undefined
  try {
    return JSON.parse(data)
  } catch {
    return data
  }
}
