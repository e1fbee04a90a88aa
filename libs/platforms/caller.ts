import {
  type ApiError,
  type ApiRequest,
  type ApiResponse,
  type Caller,
  HooklineError,
  type Limit,
  type SendOptions,
  type TokenSource,
} from '#libs/contract'
import { type Http, type HttpRequest, type HttpResponse, sentWith } from '#libs/http'

/** What one platform adds to the making of calls. */
export interface CallerParts {
  http: Http
  tokens: TokenSource
  /** Base URL for the request. */
  baseOf: (request: ApiRequest) => string
  /** Values for names in paths that need not be given. */
  params?: Record<string, string>
  /** True for a host of the platform itself, which may see the token. */
  isOwnHost: (url: URL) => boolean
  /** Names of operations that sending knows under a short one. */
  operations?: Record<string, string>
  limitOf: (operation: string, request: ApiRequest) => Limit
  headersOf?: (request: ApiRequest, retryKey: string) => Record<string, string>
  /** Answers beside 2xx that are a success all the same. */
  isAccepted?: (request: ApiRequest, response: HttpResponse) => boolean
  refusal: (operation: string, response: HttpResponse, token: string) => ApiError
}

const mebibyte = 1024 * 1024
/** Of redirects in a row, which lead from an API to its storage. */
const maxHops = 3
const redirects = new Set([301, 302, 303, 307, 308])

/** The calls of one bot on one platform, beside the sending of messages. */
export function createCaller(parts: CallerParts): Caller {
  return {
    operationOf: (request) => operationOf(request, parts),
    limitOfRequest: (request) => parts.limitOf(operationOf(request, parts), request),
    request: async (request, options) => {
      const response = await authorised(request, options, parts)
      return { ...answerOf(request, response), ...sentWith(response) }
    },
  }
}

/** An id that stands in the path itself would make a limit and a series of metrics of its own. */
function operationOf({ method, path }: ApiRequest, { operations = {} }: CallerParts): string {
  const segments = path.split('/').map((part) => (isId(part) ? '{id}' : part))
  const name = `${method} ${segments.join('/')}`
  return operations[name] ?? name
}

function isId(segment: string): boolean {
  return !segment.startsWith('{') && (/[@%]/.test(segment) || (/\d/.test(segment) && segment.length > 6))
}

/** A 401 says that nothing was done: once more with a token that is new, if there is one. */
async function authorised(
  request: ApiRequest,
  options: SendOptions,
  parts: CallerParts,
): Promise<HttpResponse> {
  const url = urlOf(request, parts)
  const headers = {
    ...typeOf(request),
    ...(request.retryKey && parts.headersOf?.(request, options.retryKey)),
  }
  const attempt = (token: string) => follow({ request, url, headers, token, signal: options.signal }, parts)
  if (request.anonymous) return accepted(request, await attempt(''), { token: '', parts })
  const token = await parts.tokens.get(options.onToken)
  const response = await attempt(token)
  if (response.status !== 401) return accepted(request, response, { token, parts })
  await parts.tokens.invalidate(token)
  const fresh = await parts.tokens.get(options.onToken)
  if (fresh === token) return accepted(request, response, { token, parts })
  return accepted(request, await attempt(fresh), { token: fresh, parts })
}

function accepted(
  request: ApiRequest,
  response: HttpResponse,
  { token, parts }: { token: string; parts: CallerParts },
): HttpResponse {
  const { status } = response
  if ((status >= 200 && status < 300) || parts.isAccepted?.(request, response)) return response
  throw parts.refusal(operationOf(request, parts), response, token)
}

interface Exchange {
  request: ApiRequest
  url: URL
  headers: Record<string, string>
  token: string
  signal: AbortSignal | undefined
}

/** A redirect is followed by hand: the token must reach the platform's own other host, and no stranger's. */
async function follow(exchange: Exchange, parts: CallerParts): Promise<HttpResponse> {
  let { url } = exchange
  for (let hops = 0; ; hops++) {
    const response = await parts.http(httpRequest({ ...exchange, url }, parts))
    const { location } = response.headers
    const leads =
      exchange.request.method === 'GET' && redirects.has(response.status) && location !== undefined
    if (!leads || hops === maxHops) return response
    url = new URL(location, url)
    checkHost(url, parts)
  }
}

function httpRequest({ request, url, headers, token, signal }: Exchange, parts: CallerParts): HttpRequest {
  const { method, path, body, as = 'json', maxBytes } = request
  const own = parts.isOwnHost(url)
  return {
    method,
    url: url.href,
    template: path,
    headers: { ...headers, ...(own && token ? { authorization: `Bearer ${token}` } : {}) },
    body: body instanceof Uint8Array ? Buffer.from(body.buffer, body.byteOffset, body.byteLength) : body,
    signal,
    as: as === 'stream' ? 'stream' : 'bytes',
    maxBytes: maxBytes ?? (as === 'json' ? mebibyte : 200 * mebibyte),
    publicOnly: !own,
  }
}

function typeOf({ body, contentType, as = 'json' }: ApiRequest): Record<string, string> {
  return {
    ...(as === 'json' ? { accept: 'application/json' } : {}),
    ...(contentType === undefined || body === undefined ? {} : { 'content-type': contentType }),
  }
}

function answerOf({ as = 'json' }: ApiRequest, { status, headers, body }: HttpResponse): ApiResponse {
  if (as !== 'json' || !Buffer.isBuffer(body)) return { status, headers, body }
  return { status, headers, body: parse(body.toString()) }
}

function parse(text: string): unknown {
  if (text === '') return undefined
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

function urlOf(request: ApiRequest, parts: CallerParts): URL {
  const url = new URL(request.url === undefined ? pathUrl(request, parts) : absolute(request.url))
  for (const [name, value] of Object.entries(request.query ?? {})) {
    if (value !== undefined) url.searchParams.append(name, String(value))
  }
  if (request.url !== undefined) checkHost(url, parts)
  return url
}

function pathUrl(request: ApiRequest, { baseOf, params = {} }: CallerParts): string {
  const { path, params: given = {} } = request
  if (!path.startsWith('/')) throw invalid(`The path "${path}" must begin with a slash`)
  const filled = path.replace(/\{(\w+)\}/g, (_match, name: string) => {
    const value = given[name] ?? params[name]
    if (value === undefined) throw invalid(`The path "${path}" needs params.${name}`)
    return segment(value, `params.${name}`)
  })
  // What the author wrote into the path itself must not climb up either.
  for (const part of filled.split('/').slice(1)) if (/^(\.|%2e){1,2}$/i.test(part)) segment('..', 'path')
  if (/[?#\\]/.test(filled)) throw invalid(`The path "${path}" must hold no "?", "#" or "\\". Use query`)
  return baseOf(request).replace(/\/+$/, '') + filled
}

/** One segment of a path: it may be anything but what would make another path of it. */
function segment(value: string, field: string): string {
  if (['', '.', '..'].includes(value) || /\p{Surrogate}/u.test(value)) {
    throw invalid(`${field}: ${JSON.stringify(value)} can't stand in a path. Use an id from an event`)
  }
  return encodeURIComponent(value)
}

function absolute(url: string): string {
  if (!URL.canParse(url)) throw invalid(`"${url.slice(0, 100)}" is no URL`)
  return url
}

/** Elsewhere only by https: nobody on the way may choose what the bot gets. */
function checkHost(url: URL, { isOwnHost }: CallerParts): void {
  if (isOwnHost(url) || url.protocol === 'https:') return
  throw invalid(`The address at ${url.host} is not followed: it is no https URL`)
}

function invalid(what: string): HooklineError {
  return new HooklineError('message_invalid', `${what}.`)
}

/** True for the host that is configured, on any port: a stand-in may use several. */
export function sameHost(url: URL, base: string): boolean {
  const own = new URL(base)
  return url.hostname === own.hostname && (url.protocol === own.protocol || url.protocol === 'https:')
}

/** True for the vendor's documented domains and what is below them, by https. */
export function isBelow(url: URL, domains: readonly string[]): boolean {
  const isOf = (domain: string) => url.hostname === domain || url.hostname.endsWith(`.${domain}`)
  return url.protocol === 'https:' && domains.some(isOf)
}
