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
        await serve({ api, operation, context, call, req, res })
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
  req: Request
  res: Response
}

async function serve({ api, operation, context, call, req, res }: Serving): Promise<void> {
  const started = performance.now()
  await pause(context, context.settings().latencyMs)
  const isDown = context.outages.hits('platform-down', api.platform)
  const fault = isDown ? undefined : context.faults.forCall(api.platform, operation.name)
  const refusal = fault && refusalOf(fault, api, operation.name)
  if (fault?.kind === 'slow') await pause(context, fault.delayMs ?? 5000)
  const isSilent = isDown || fault?.kind === 'timeout'
  const done = isSilent ? undefined : refusal ? api.refuse(refusal) : await operation.handle(call)
  const answer = done && { ...done, headers: { ...headersOf(api, call.id, context), ...done.headers } }
  const name = isDown ? 'platform-down' : fault?.kind
  record(context, {
    ...{ api, operation: operation.name, req, params: call.params, requestId: call.id },
    ms: Math.round(performance.now() - started),
    ...(answer ? { answer } : {}),
    ...(name === undefined ? {} : { fault: name }),
    wasCut: fault?.kind === 'accept-then-cut',
  })
  if (isDown) res.destroy()
  else if (!answer) await silence(context, res, fault?.delayMs)
  else if (fault?.kind === 'accept-then-cut') res.destroy()
  else writeAnswer(res, answer)
}

interface Recording {
  api: PlatformApi
  operation: string
  req: Request
  params: Record<string, string>
  requestId: string
  answer?: ApiAnswer
  fault?: string
  ms?: number
  /** The answer did not arrive. */
  wasCut?: boolean
}

function record(context: EmulatorContext, call: Recording): void {
  const { api, operation, req, params, requestId, answer, fault, ms, wasCut = false } = call
  const { platform } = api
  const hit = fault === undefined ? {} : { fault }
  context.ledger.append({
    ...{ platform, kind: 'api', operation, status: answer?.status ?? 0, requestId },
    ...(ms === undefined ? {} : { ms }),
    ...hit,
  })
  context.watch.called({
    ...{ platform, operation, method: req.method, url: req.originalUrl, params },
    ...{ headers: req.headers, body: bodyOf(req), ms: ms ?? 0 },
    ...(answer && !wasCut ? { answer } : {}),
    ...hit,
  })
}

function bodyOf(req: Request): Buffer {
  return Buffer.isBuffer(req.body) ? req.body : Buffer.alloc(0)
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
    body: bodyOf(req),
    concurrent,
  }
}

/** The platform's own 404, 413 and 500, for requests that no operation answers. */
export function refuseUnserved(api: PlatformApi, kind: Refusal['kind'], unserved: Unserved): void {
  const { context, req, res } = unserved
  const requestId = randomUUID()
  if (context.outages.hits('platform-down', api.platform)) {
    record(context, { api, operation: 'unknown', req, params: {}, requestId, fault: 'platform-down' })
    res.destroy()
    return
  }
  const refused = api.refuse({ kind, operation: 'unknown' })
  const answer = { ...refused, headers: { ...headersOf(api, requestId, context), ...refused.headers } }
  record(context, { api, operation: 'unknown', req, params: {}, requestId, answer })
  writeAnswer(res, answer)
}

export interface Unserved {
  context: EmulatorContext
  req: Request
  res: Response
}
