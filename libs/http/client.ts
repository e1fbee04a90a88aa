import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import type { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import axios, { type AxiosInstance, type AxiosRequestConfig, type CreateAxiosDefaults } from 'axios'
import { ApiError } from '#libs/contract'
import { plainHeaders } from './answer-headers'
import { Deadline } from './deadline'
import { publicOnly } from './public-only'
import { transfer } from './transfer'
import { type Incoming, Outgoing, undiciAdapter } from './undici-adapter'
import { Unanswered } from './unanswered'

/** `body`: an object goes out as JSON, `URLSearchParams` and `FormData` as a form, bytes as they are. */
export interface HttpRequest {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  url: string
  /** The path with names in the place of ids and secrets, for traces: `/v2/bot/profile/{userId}`. */
  template?: string
  headers?: Record<string, string>
  body?: object | undefined
  signal?: AbortSignal | undefined
  /**
   * What `body` of a 2xx answer is: `bytes` a Buffer, `stream` a Readable that ends with an error (`ApiError`) where
   * the transfer breaks off, stalls or exceeds `maxBytes`. An answer of any other status is text. Default: JSON or text.
   */
  as?: 'bytes' | 'stream' | undefined
  /** For `bytes` and `stream`. Default 1 MiB. */
  maxBytes?: number | undefined
  /** Refuses to connect to addresses of private networks: for URLs that a stranger may have chosen. */
  publicOnly?: boolean | undefined
}

/** Any answer, whatever its status. `body` is parsed where it is JSON, else text, unless `as` says otherwise. */
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
  const shared: CreateAxiosDefaults = {
    responseType: 'text',
    transformResponse: [],
    validateStatus: () => true,
  }
  const own = {
    httpAgent: new HttpAgent({ keepAlive: true, maxSockets }),
    httpsAgent: new HttpsAgent({ keepAlive: true, maxSockets }),
    maxRedirects: 0,
    maxContentLength: megabyte,
    // What goes out is for the platform to refuse: files may be large.
    maxBodyLength: Infinity,
  }
  const options = { maxSockets, connectTimeoutMs: timeoutMs, maxBytes: megabyte, otherwise: own }
  const fetching = axios.create({ ...shared, ...own })
  // axios goes through every default for every request: with none but these it takes a third of the time.
  const exchanging = new axios.Axios({ responseType: 'text', adapter: undiciAdapter(options) })
  return (request) =>
    request.as === undefined
      ? exchange(exchanging, request, timeoutMs)
      : fetchBody(fetching, request, timeoutMs)
}

type Client = Pick<AxiosInstance, 'request'>

async function exchange(client: Client, request: HttpRequest, timeoutMs: number): Promise<HttpResponse> {
  if (request.signal?.aborted) throw notMade(request)
  // axios' own timeout is about inactivity: a dripping answer would hold the call for ever.
  const deadline = new Deadline(timeoutMs, request.signal)
  const { body, type } = textOf(request.body)
  const headers = { accept: 'application/json', ...(type && { 'content-type': type }), ...request.headers }
  try {
    const data = new Outgoing(headers, body)
    const answer = await client.request<Incoming>({ ...configOf(request), data, signal: deadline })
    return { status: answer.status, headers: answer.data.headers, body: parse(answer.data.text) }
  } catch (error) {
    const answered = answeredWithoutBody(error)
    if (answered) return answered
    throw connectionError(error, request, deadline.expired ? timeoutMs : undefined)
  } finally {
    deadline.release()
  }
}

/** What axios would make of the body. A form with parts is for its own adapter to write. */
function textOf(body: object | undefined): { body: unknown; type?: string } {
  if (body === undefined || body instanceof FormData || body instanceof Uint8Array) return { body }
  if (!(body instanceof URLSearchParams)) return { body: JSON.stringify(body), type: 'application/json' }
  return { body: body.toString(), type: 'application/x-www-form-urlencoded;charset=utf-8' }
}

/** The time limit is for the answer's head; after it, bytes must keep coming. */
async function fetchBody(
  client: AxiosInstance,
  request: HttpRequest,
  timeoutMs: number,
): Promise<HttpResponse> {
  if (request.signal?.aborted) throw notMade(request)
  const late = new AbortController()
  const timer = setTimeout(() => late.abort(), timeoutMs)
  try {
    const response = await client.request<Readable>({
      ...configOf(request),
      data: request.body,
      // Decompressed, a size would not be the one announced.
      headers: { 'accept-encoding': 'identity', ...request.headers },
      responseType: 'stream',
      maxContentLength: -1,
      signal: request.signal ? AbortSignal.any([request.signal, late.signal]) : late.signal,
    })
    const { status } = response
    const headers = plainHeaders(response.headers)
    const { maxBytes = megabyte, method } = request
    const { host } = new URL(request.url)
    const accepted = status >= 200 && status < 300
    const limits = { maxBytes: accepted ? maxBytes : megabyte, idleMs: timeoutMs }
    const stream = transfer(response.data, { what: `${method} to ${host}`, headers, ...limits })
    if (!accepted) return { status, headers, body: parse((await buffer(stream).catch(empty)).toString()) }
    return { status, headers, body: request.as === 'stream' ? stream : await buffer(stream) }
  } catch (error) {
    throw connectionError(error, request, late.signal.aborted ? timeoutMs : undefined)
  } finally {
    clearTimeout(timer)
  }
}

/** What the platform decided is known all the same. */
const empty = () => Buffer.alloc(0)

function configOf({ method, url, publicOnly: guarded }: HttpRequest): AxiosRequestConfig {
  return guarded ? { method, url, ...publicOnly(url) } : { method, url }
}

function notMade({ url }: HttpRequest): ApiError {
  const { host } = new URL(url)
  return new ApiError('api_unavailable', `The request to ${host} was not made: its caller had given up.`, {
    neverSent: true,
  })
}

/** The status line came, the body did not, or not in time: what the platform decided is known all the same. */
function answeredWithoutBody(error: unknown): HttpResponse | undefined {
  if (error instanceof Unanswered) return error.head && { ...error.head, body: undefined }
  if (!axios.isAxiosError(error) || !error.response) return undefined
  return { status: error.response.status, headers: plainHeaders(error.response.headers), body: undefined }
}

/** The error is not kept as `cause`: axios' carries the Authorization header. */
function connectionError(error: unknown, request: HttpRequest, expiredMs: number | undefined): ApiError {
  if (error instanceof ApiError) return error
  if (axios.isAxiosError(error) && error.cause instanceof ApiError) return error.cause
  const code = codeOf(error)
  const { host } = new URL(request.url)
  if (error instanceof Unanswered) {
    // One that was sent can end with the codes of no connection too.
    if (!error.sent) return neverSent(error, request, expiredMs)
  } else if (codesOfNoConnection.has(code)) return noConnection(host, code)
  const what = expiredMs === undefined ? code : `no complete answer within ${expiredMs} ms`
  return new ApiError(
    'api_outcome_unknown',
    `The request to ${host} got no answer (${what}); it may have been done.`,
  )
}

/** No connection was there in time, or none could be made, whatever the reason. */
function neverSent({ code }: Unanswered, request: HttpRequest, expiredMs: number | undefined): ApiError {
  if (expiredMs === undefined && request.signal?.aborted) return notMade(request)
  return noConnection(
    new URL(request.url).host,
    expiredMs === undefined ? code : `none within ${expiredMs} ms`,
  )
}

function noConnection(host: string, what: string): ApiError {
  return new ApiError(
    'api_unavailable',
    `No connection to ${host} (${what}). Check the base URL and the network.`,
    { neverSent: true },
  )
}

function codeOf(error: unknown): string {
  const known = axios.isAxiosError(error) || error instanceof Unanswered
  return (known && error.code) || 'connection failed'
}

function parse(data: unknown): unknown {
  if (typeof data !== 'string' || data === '') return undefined
  try {
    return JSON.parse(data)
  } catch {
    return data
  }
}
