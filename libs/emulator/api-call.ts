import type { PlatformName } from '#libs/contract'

/** One request to a platform's API. */
export interface ApiCall {
  /** Unique; LINE tells it as `x-line-request-id`. */
  id: string
  /** Method and path pattern: what LINE counts its limits by. */
  endpoint: string
  params: Record<string, string>
  query: URLSearchParams
  header(name: string): string | undefined
  body: Buffer
  /** Calls to this platform under way when this one came in, itself included. */
  concurrent: number
}

/** An object as `body` goes out as JSON, a string and bytes as they are, nothing as an empty body. */
export interface ApiAnswer {
  status: number
  headers?: Record<string, string>
  body?: unknown
}

export interface ApiOperation {
  /** As in the ledger and in faults: `reply`, `users.messages`, … */
  name: string
  method: 'get' | 'post' | 'put' | 'patch' | 'delete'
  path: string
  handle(call: ApiCall): ApiAnswer | Promise<ApiAnswer>
}

/** A refusal that has nothing to do with what was asked. */
export interface Refusal {
  kind: 'unauthorized' | 'forbidden' | 'rate_limited' | 'quota' | 'server_error' | 'not_found' | 'too_large'
  operation: string
  /** The wait to state, where the platform has a way to. */
  waitMs?: number
}

/** One platform's API. */
export interface PlatformApi {
  platform: PlatformName
  operations: ApiOperation[]
  /** Paths that are this platform's, also where no operation is. */
  owns: RegExp
  /** The platform's own words. */
  refuse(refusal: Refusal): ApiAnswer
  /** Headers of every answer. */
  headers(requestId: string): Record<string, string>
}

/** The token of `Authorization: Bearer …`. */
export function bearerToken(call: ApiCall): string | undefined {
  return /^Bearer (\S+)$/.exec(call.header('authorization') ?? '')?.[1]
}

/** The body as a JSON object; undefined when it is none. */
export function jsonBody(call: ApiCall): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(call.body.toString('utf8'))
    return isRecord(value) ? value : undefined
  } catch {
    return undefined
  }
}

export function formBody(call: ApiCall): URLSearchParams {
  return new URLSearchParams(call.body.toString('utf8'))
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
