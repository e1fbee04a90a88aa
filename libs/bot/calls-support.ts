import { buffer } from 'node:stream/consumers'
import {
  type ApiCall,
  type ApiRequest,
  type ApiResponse,
  type ApiStream,
  HooklineError,
  type Message,
  type PlatformName,
  type Target,
} from '#libs/contract'
import { render } from '#libs/messages'
import type { Said } from './context'

/** Bytes that a user sent, or that the platform keeps. Read them once: as a stream, or whole. */
export interface Content {
  contentType: string
  /** Bytes, where the platform says it beforehand. */
  size?: number
  /** The bytes as they come in. An error where they break off or are more than `maxBytes`. It ends with the handler. */
  stream(): ApiStream
  /** All bytes; in memory. */
  bytes(): Promise<Buffer>
}

export interface DownloadOptions {
  /** More bytes than this are an error. Default 200 MiB. */
  maxBytes?: number
}

export async function fetchContent(call: ApiCall, request: ApiRequest): Promise<Content> {
  return contentOf(await call({ ...request, as: 'stream' }))
}

export function contentOf({ headers, body }: ApiResponse): Content {
  const stream = body as ApiStream
  const size = Number(headers['content-length'] ?? NaN)
  return {
    contentType: headers['content-type'] ?? 'application/octet-stream',
    ...(Number.isFinite(size) ? { size } : {}),
    stream: () => stream,
    bytes: () => buffer(stream),
  }
}

/** The answer's body as what the platform documents. */
export async function bodyOf<Body>(call: ApiCall, request: ApiRequest): Promise<Body> {
  return (await call(request)).body as Body
}

export interface Page<T> {
  items: T[]
  /** What the next page is asked for with; nothing: this was the last. */
  next?: string | undefined
}

/** All entries, page by page; the next page is asked for when it is needed. */
export async function* paged<T>(
  page: (cursor: string | undefined) => Promise<Page<T>>,
): AsyncGenerator<T, void, undefined> {
  let cursor: string | undefined
  do {
    const { items, next } = await page(cursor)
    yield* items
    cursor = next || undefined
  } while (cursor !== undefined)
}

/** The platform's own message objects. Throws `message_invalid`. */
export function rendered<P extends PlatformName>(
  said: Said<P> | readonly Said<P>[],
  recipient: { platform: P; kind: Target['kind'] },
): Record<string, unknown>[] {
  return [said].flat().flatMap((each) => render(toMessage(each as Said), recipient))
}

function toMessage(said: Said): Message {
  return typeof said === 'string' ? { type: 'text', text: said } : said
}

/** The fields that are there. */
export function given<T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const there = Object.entries(fields).filter(([, value]) => value !== undefined)
  return Object.fromEntries(there) as { [K in keyof T]?: Exclude<T[K], undefined> }
}

export function invalid(what: string): HooklineError {
  return new HooklineError('message_invalid', what)
}

export function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {}
}
