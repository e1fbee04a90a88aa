import { isUtf8 } from 'node:buffer'
import { randomUUID } from 'node:crypto'
import type { PlatformName } from '#libs/contract'
import type { Accounts } from './accounts'
import { laneOfCall, type KnownLanes } from './page-call-lane'
import { curlOf } from './page-curl'
import { conversationOf } from './page-events'
import { masked, maskedHeader, secretsOf, shownMasked, type Masked, type Masking } from './page-mask'
import { signatureOf } from './page-signature'
import type { PageStream } from './page-stream'
import type { Exchange, ExchangeRow } from './page-types'
import type { WatchedAttempt, WatchedCall } from './watch'

/** The latest requests both ways. What is kept is made readable only when somebody asks. */
export interface Exchanges {
  attempted(attempt: WatchedAttempt): void
  called(call: WatchedCall): void
  /** Oldest first, at most `limit` of the latest. */
  after(seq: number, limit: number): ExchangeRow[]
  find(id: string): Exchange | undefined
}

export interface ExchangesOptions {
  accounts: Accounts
  stream: PageStream
  lanes: KnownLanes
  clock: () => number
  /** Where the platforms' APIs are. */
  baseUrl: () => string
}

type Headers = Record<string, string | string[] | number | undefined>

interface Kept {
  row: ExchangeRow
  request: { headers: Headers; body: Buffer }
  response: { headers: Headers; body: Buffer }
  /** Of a webhook. */
  forged?: boolean
}

const mostKept = 500
const mostBytes = 64 * 1024

export function createExchanges({ accounts, stream, lanes, clock, baseUrl }: ExchangesOptions): Exchanges {
  let kept: Kept[] = []
  const masking = (platform: PlatformName): Masking => ({ platform, secrets: secretsOf(accounts)[platform] })
  const keep = (row: Omit<ExchangeRow, 'seq' | 'id' | 'at'>, rest: Omit<Kept, 'row'>) => {
    const url = shownMasked(masked(row.url, masking(row.platform)))
    const full = { seq: stream.nextSeq(), id: randomUUID(), at: clock(), ...row, url }
    kept.push({ row: full, ...rest })
    if (kept.length >= 2 * mostKept) kept = kept.slice(-mostKept)
    stream.publish({ kind: 'exchange', exchange: full })
    return full
  }
  const urls = new WeakMap<ExchangeRow, string>()
  const latest = () => kept.slice(-mostKept)
  return {
    attempted: ({ outgoing, request, result, fault, forged }) => {
      const { platform, operation, url, events } = outgoing
      const [event] = events ?? []
      const lane = event && lanes.people.laneOf(platform, conversationOf(platform, event))
      const row = keep(
        {
          ...{ direction: 'webhook', platform, operation, method: 'POST', url },
          ...{ status: result.status, ms: result.ms },
          ...(fault === '' ? {} : { fault }),
          ...(lane === undefined ? {} : { lane }),
        },
        {
          request: { headers: request.headers, body: keptBytes(request.body) },
          response: { headers: result.headers, body: Buffer.from(result.body) },
          forged,
        },
      )
      urls.set(row, url)
    },
    called: (call) => {
      const { platform, operation, method, url, headers, body, answer, ms, fault } = call
      const lane = laneOfCall(call, lanes)
      const row = keep(
        {
          ...{ direction: 'api', platform, operation, method, url, status: answer?.status ?? 0, ms },
          ...(fault === undefined ? {} : { fault }),
          ...(lane === undefined ? {} : { lane }),
        },
        {
          request: { headers, body: keptBytes(body) },
          response: { headers: answer?.headers ?? {}, body: answerBytes(answer?.body) },
        },
      )
      urls.set(row, baseUrl() + url)
    },
    after: (seq, limit) =>
      latest()
        .map(({ row }) => row)
        .filter((row) => row.seq > seq)
        .slice(-limit),
    find: (id) => {
      const found = latest().find(({ row }) => row.id === id)
      return found && readable(found, masking(found.row.platform), urls.get(found.row) ?? found.row.url)
    },
  }
}

function readable({ row, request, response, forged }: Kept, masking: Masking, url: string): Exchange {
  const headers = entriesOf(request.headers)
  // A webhook's reply token stays: the signature is over it, and nobody else than the bot can use it.
  const isWebhook = row.direction === 'webhook'
  const text = isText(request.body) ? request.body.toString('utf8') : undefined
  const body = text === undefined ? undefined : isWebhook ? webhookBody(text, masking) : masked(text, masking)
  const command = curlOf({
    method: row.method,
    url: masked(url, masking),
    headers: headers.map(([name, value]) => [name, maskedHeader(name, value, masking)]),
    body: curlBody(request.body, body),
  })
  const shownHeaders = shown(headers, masking)
  return {
    ...row,
    requestHeaders: shownHeaders,
    requestBody: body ? shownMasked(body).slice(0, mostBytes) : shownBytes(request.body),
    responseHeaders: shown(entriesOf(response.headers), masking),
    responseBody: isText(response.body)
      ? shownMasked(masked(response.body.toString('utf8'), masking)).slice(0, mostBytes)
      : shownBytes(response.body),
    ...(forged === undefined || row.operation !== 'events'
      ? {}
      : { signature: signatureOf(row.platform, shownHeaders, forged) }),
    ...command,
  }
}

function webhookBody(text: string, masking: Masking): Masked {
  return masked(text, masking, { onlyKnown: masking.platform !== 'tocaro' })
}

function curlBody(bytes: Buffer, text: Masked | undefined) {
  if (bytes.length === 0) return undefined
  if (bytes.length > mostBytes) return { cut: true as const }
  return text ? { text } : { bytes }
}

function shown(headers: [string, string][], masking: Masking): Record<string, string> {
  return Object.fromEntries(
    headers.map(([name, value]) => [name, shownMasked(maskedHeader(name, value, masking))]),
  )
}

function entriesOf(headers: Headers): [string, string][] {
  return Object.entries(headers).flatMap(([name, value]): [string, string][] =>
    value === undefined ? [] : [[name, Array.isArray(value) ? value.join(', ') : String(value)]],
  )
}

/** Can be shown, and can be given to a program as an argument. */
function isText(bytes: Buffer): boolean {
  return bytes.length <= mostBytes && isUtf8(bytes) && !bytes.includes(0)
}

function shownBytes({ length }: Buffer): string {
  return length > mostBytes ? `[more than ${mostBytes} bytes]` : `[${length} bytes]`
}

function answerBytes(body: unknown): Buffer {
  if (body === undefined) return Buffer.alloc(0)
  const bytes = Buffer.isBuffer(body)
    ? body
    : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body))
  return keptBytes(bytes)
}

/** A copy where it is cut: a part of a buffer keeps the whole of it alive. */
export function keptBytes(body: Buffer): Buffer {
  return body.length > mostBytes ? Buffer.from(body.subarray(0, mostBytes + 1)) : body
}
