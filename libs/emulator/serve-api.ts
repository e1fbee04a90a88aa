import { randomUUID } from 'node:crypto'
import type { Express, Request, Response } from 'express'
import type { ApiAnswer, ApiCall, ApiOperation, PlatformApi, Refusal } from './api-call'
import { pause, type EmulatorContext } from './context'
import type { ApiFault } from './faults'

/** Puts a platform's operations on the app: latency, faults and the ledger around each of them. */
export function serveApi(app: Express, api: PlatformApi, context: EmulatorContext): void {
  const inFlight = { calls: 0 }
  for (const operation of api.operations) {
    app[operation.method](operation.path, async (req, res) => {
      const call = apiCall(req, operation, ++inFlight.calls)
      try {
        await serve({ api, operation, context, call, res })
      } finally {
        inFlight.calls--
      }
    })
  }
}

interface Serving {
  api: PlatformApi
  operation: ApiOperation
  context: EmulatorContext
  call: ApiCall
  res: Response
}

async function serve({ api, operation, context, call, res }: Serving): Promise<void> {
  const started = performance.now()
  await pause(context, context.settings().latencyMs)
  const fault = context.faults.forCall(api.platform, operation.name)
  const refusal = fault && refusalOf(fault, api, operation.name)
  if (fault?.kind === 'slow') await pause(context, fault.delayMs ?? 5000)
  const answer =
    fault?.kind === 'timeout' ? undefined : refusal ? api.refuse(refusal) : await operation.handle(call)
  context.ledger.append({
    platform: api.platform,
    kind: 'api',
    operation: operation.name,
    status: answer?.status ?? 0,
    requestId: call.id,
    ms: Math.round(performance.now() - started),
    ...(fault ? { fault: fault.kind } : {}),
  })
  if (!answer) await silence(context, res, fault?.delayMs)
  else if (fault?.kind === 'accept-then-cut') res.destroy()
  else writeAnswer(res, { ...answer, headers: { ...headersOf(api, call.id, context), ...answer.headers } })
}

/** `Date` goes by the emulator's clock, so that a machine whose clock is off can be played. */
function headersOf(api: PlatformApi, requestId: string, context: EmulatorContext): Record<string, string> {
  return { date: new Date(context.clock()).toUTCString(), ...api.headers(requestId) }
}

/** What a fault makes the platform say instead of doing the call. */
function refusalOf(fault: ApiFault, api: PlatformApi, operation: string): Refusal | undefined {
  switch (fault.kind) {
    case '429': {
      const waitMs = fault.delayMs ?? (api.platform === 'line' ? undefined : 1000)
      return { kind: 'rate_limited', operation, ...(waitMs === undefined ? {} : { waitMs }) }
    }
    case '429-no-header':
      return { kind: 'rate_limited', operation }
    case 'quota':
      return { kind: 'quota', operation }
    case '401':
      return { kind: 'unauthorized', operation }
    case '403':
      return { kind: 'forbidden', operation }
    case '500':
      return { kind: 'server_error', operation }
    case 'timeout':
    case 'accept-then-cut':
    case 'slow':
      return undefined
  }
}

/** No answer until the caller gives up, the time is over or the emulator closes its connections. */
async function silence(context: EmulatorContext, res: Response, ms: number | undefined): Promise<void> {
  const gone = new Promise<void>((resolve) => res.once('close', resolve))
  await (ms === undefined ? gone : Promise.race([gone, pause(context, ms)]))
  res.destroy()
}

/** Writes an answer byte by byte as given: Express would add a charset and an entity tag. */
export function writeAnswer(res: Response, answer: ApiAnswer): void {
  const bytes = bytesOf(answer.body)
  const raw = answer.body === undefined || typeof answer.body === 'string' || Buffer.isBuffer(answer.body)
  const type = raw ? {} : { 'content-type': 'application/json' }
  res.writeHead(answer.status, { ...type, 'content-length': bytes.length, ...answer.headers })
  res.end(bytes)
}

function bytesOf(body: unknown): Buffer {
  if (Buffer.isBuffer(body)) return body
  if (body === undefined) return Buffer.alloc(0)
  return Buffer.from(typeof body === 'string' ? body : JSON.stringify(body))
}

function apiCall(req: Request, operation: ApiOperation, concurrent: number): ApiCall {
  return {
    id: randomUUID(),
    endpoint: `${operation.method} ${operation.path}`,
    params: Object.fromEntries(Object.entries(req.params).map(([name, value]) => [name, String(value)])),
    query: new URL(req.originalUrl, 'http://emulator').searchParams,
    header: (name) => req.get(name),
    body: Buffer.isBuffer(req.body) ? req.body : Buffer.alloc(0),
    concurrent,
  }
}

/** The platform's own 404, 413 and 500, for requests that no operation answers. */
export function refuseUnserved(api: PlatformApi, kind: Refusal['kind'], { context, res }: Unserved): void {
  const answer = api.refuse({ kind, operation: 'unknown' })
  const requestId = randomUUID()
  const { status } = answer
  context.ledger.append({ platform: api.platform, kind: 'api', operation: 'unknown', status, requestId })
  writeAnswer(res, { ...answer, headers: { ...headersOf(api, requestId, context), ...answer.headers } })
}

export interface Unserved {
  context: EmulatorContext
  res: Response
}
