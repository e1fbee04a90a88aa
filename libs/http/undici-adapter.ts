import axios, {
  type AxiosAdapter,
  AxiosHeaders,
  type AxiosRequestConfig,
  type AxiosResponse,
  type InternalAxiosRequestConfig,
} from 'axios'
import { getProxyForUrl } from 'proxy-from-env'
import type { Pool } from 'undici'
import { type Answer, AnswerHandler } from './answer-handler'
import { type Head, plainHeaders } from './answer-headers'
import { decompress, textOf } from './answer-text'
import { Unanswered } from './unanswered'

export interface UndiciAdapterOptions {
  /** Per origin. */
  maxSockets: number
  connectTimeoutMs: number
  /** Of an answer, also when decompressed. */
  maxBytes: number
  /** Settings for axios' own adapter, where the request goes to it. */
  otherwise: AxiosRequestConfig
}

/**
 * What a request says, as its `data`: axios would copy, merge and check headers of its own over and over, which takes
 * longer than the rest of what it does.
 */
export class Outgoing {
  constructor(
    readonly headers: Record<string, string>,
    readonly body: unknown,
  ) {}
}

/** What an answer says, as its `data`. Names of headers are in lower case. */
export interface Incoming {
  headers: Record<string, string>
  text: unknown
}

type Config = InternalAxiosRequestConfig<Outgoing>
type Body = string | Buffer | null

/**
 * An axios adapter over undici's connection pools, for what fits into memory, at less than half the CPU of axios' own
 * (docs/decisions/0030-axios-over-undici.md). It heeds `signal`, knows no other limit of time and
 * no redirects, and resolves with any status. What it can't do goes to axios' own adapter: other bodies than text and
 * bytes, `lookup`, a password in the URL, and all that goes through a proxy.
 */
export function undiciAdapter(options: UndiciAdapterOptions): AxiosAdapter {
  const own = axios.getAdapter('http')
  const pools = new Map<string, Promise<Pool> | undefined>()
  const poolFor = (origin: string) => {
    if (!pools.has(origin)) pools.set(origin, getProxyForUrl(origin) ? undefined : openPool(origin, options))
    return pools.get(origin)
  }
  return async (config: Config) => {
    const url = new URL(config.url ?? '')
    const pool = isPlain(config, url) ? poolFor(url.origin) : undefined
    if (!pool) return leaveTo(own, { ...config, ...options.otherwise })
    return exchange({ pool: await pool, url, config, maxBytes: options.maxBytes })
  }
}

async function leaveTo(
  own: AxiosAdapter,
  config: AxiosRequestConfig<Outgoing>,
): Promise<AxiosResponse<Incoming>> {
  const { headers, body } = outgoingOf(config)
  const response: AxiosResponse<unknown> = await own({
    ...config,
    headers: AxiosHeaders.from(headers),
    data: body,
  })
  return { ...response, data: { headers: plainHeaders(response.headers), text: response.data } }
}

function outgoingOf({ data }: Pick<Config, 'data'>): Outgoing {
  return data ?? new Outgoing({}, undefined)
}

/** undici takes 200 ms to load, which commands that make no call need not wait for. */
const loadUndici = () => import('undici')

/** For a process that is to make calls: so that the first of them does not stop all else that is under way. */
export async function prepareHttp(): Promise<void> {
  await loadUndici()
}

async function openPool(
  origin: string,
  { maxSockets, connectTimeoutMs }: UndiciAdapterOptions,
): Promise<Pool> {
  const { Pool } = await loadUndici()
  return new Pool(origin, {
    connections: maxSockets,
    connectTimeout: connectTimeoutMs,
    // A second request on a connection could be lost by the fault of the first.
    pipelining: 1,
    // Most servers keep an idle connection for 5 s or longer; one that says how long is believed.
    keepAliveTimeout: 4000,
    // The signal's limit is from start to last byte.
    headersTimeout: 0,
    bodyTimeout: 0,
  })
}

function isPlain({ data, lookup }: Config, { protocol, username, password }: URL): boolean {
  const body = data?.body
  const isWritable = body === undefined || typeof body === 'string' || Buffer.isBuffer(body)
  const isHttp = protocol === 'https:' || protocol === 'http:'
  return isWritable && isHttp && !lookup && username === '' && password === ''
}

interface Call {
  pool: Pool
  url: URL
  config: Config
  maxBytes: number
}

async function exchange(call: Call): Promise<AxiosResponse<Incoming>> {
  const { status, headers, bytes } = await dispatch(call)
  const encoding = headers['content-encoding']
  const plain =
    encoding === undefined
      ? bytes
      : await decompress(bytes, encoding, call.maxBytes).catch((error: unknown) => {
          throw undecompressed(error, { status, headers })
        })
  const data = { headers, text: textOf(plain) }
  return { status, statusText: '', config: call.config, headers: new AxiosHeaders(), data }
}

function dispatch({ pool, url, config, maxBytes }: Call): Promise<Answer> {
  const { signal, method = 'get' } = config
  const { headers, body } = outgoingOf(config)
  return new Promise<Answer>((resolve, reject) => {
    const handler = new AnswerHandler({ maxBytes, resolve, reject })
    const giveUp = () => handler.giveUp()
    if (signal?.aborted) return giveUp()
    // Not taken off again: the signal is the call's own.
    signal?.addEventListener?.('abort', giveUp)
    const path = url.pathname + url.search
    const message = { headers: headersFor(headers), body: (body ?? null) as Body }
    pool.dispatch({ path, method: method.toUpperCase(), ...message }, handler)
  })
}

/** Those that axios' own adapter sends, but for compression: small answers cost more by it than they save. */
function headersFor(headers: Outgoing['headers']): Record<string, string> {
  const sent: Record<string, string> = { 'user-agent': agent, 'accept-encoding': 'identity' }
  for (const name of Object.keys(headers)) {
    // What no header may hold is left out, as axios does: a token may have been pasted with a stray character.
    sent[name.toLowerCase()] = String(headers[name]).replace(unsendable, '').trim()
  }
  return sent
}

const agent = `axios/${axios.VERSION}`
const unsendable = /[^\t\x20-\x7e\x80-\xff]+/g

/** More than is allowed is no answer; what can't be read leaves the status. */
function undecompressed(error: unknown, head: Head): Unanswered {
  const { code } = error as NodeJS.ErrnoException
  if (code === 'ERR_BUFFER_TOO_LARGE') return new Unanswered('ERR_BAD_RESPONSE', { sent: true })
  return new Unanswered(code ?? 'ERR_BAD_RESPONSE', { sent: true, head })
}
