import { bearerToken, type ApiAnswer, type ApiCall, type ApiOperation } from './api-call'
import type { EmulatorContext } from './context'
import { lineError, lineRefusal } from './line-answers'
import { createTokenBuckets } from './rate-limit'
import type { TokenStore } from './token-store'

export interface LineOperation extends ApiOperation {
  /** `X-Line-Retry-Key` is refused where this is not set [doc R#retry-api-request]. */
  retryKey?: true
  /** Endpoints that issue tokens need none. */
  open?: true
  /** What the body may be besides JSON: an image, say. */
  bodyType?: RegExp
}

export interface LineGuardOptions {
  context: EmulatorContext
  tokens: TokenStore
  /** The channel's long-lived token. */
  longLived: string | undefined
}

const second = 1000
const minute = 60 * second
const hour = 60 * minute

/** Limits other than 2,000 per second [doc R#rate-limits], by endpoint. */
const ownLimits: Record<string, { amount: number; perMs: number }> = {
  'post /v2/bot/message/narrowcast': { amount: 60, perMs: hour },
  'post /v2/bot/message/broadcast': { amount: 60, perMs: hour },
  'post /v2/bot/channel/webhook/test': { amount: 60, perMs: hour },
  'put /v2/bot/channel/webhook/endpoint': { amount: 1000, perMs: minute },
  'get /v2/bot/channel/webhook/endpoint': { amount: 1000, perMs: minute },
  'post /v2/bot/message/multicast': { amount: 200, perMs: second },
  'post /v2/bot/chat/loading/start': { amount: 100, perMs: second },
  'get /v2/bot/message/delivery/:kind': { amount: 60, perMs: hour },
  'post /v2/bot/richmenu': { amount: 100, perMs: hour },
  'delete /v2/bot/richmenu/:id': { amount: 100, perMs: hour },
  'delete /v2/bot/richmenu/alias/:alias': { amount: 100, perMs: hour },
  'get /v2/bot/richmenu/list': { amount: 10, perMs: second },
  'post /v2/oauth/accessToken': { amount: 370, perMs: second },
}

/** Puts authentication, the rate limit and the header checks before each operation. */
export function guardLine(operations: LineOperation[], options: LineGuardOptions): ApiOperation[] {
  const buckets = createTokenBuckets(() => options.context.clock())
  const overLimit = (call: ApiCall) => {
    const general = { amount: options.context.settings().lineRatePerSecond, perMs: second }
    return !buckets.take(call.endpoint, ownLimits[call.endpoint] ?? general)
  }
  return operations.map((operation) => ({
    ...operation,
    handle: (call) => {
      if (!operation.open && !authentic(call, options)) return refuse('unauthorized', operation)
      if (overLimit(call)) return refuse('rate_limited', operation)
      return refusedHeader(call, operation) ?? operation.handle(call)
    },
  }))
}

function refuse(kind: 'unauthorized' | 'rate_limited', { name }: LineOperation): ApiAnswer {
  return lineRefusal({ kind, operation: name })
}

function authentic(call: ApiCall, { tokens, longLived }: LineGuardOptions): boolean {
  const token = bearerToken(call)
  return token !== undefined && (token === longLived || tokens.find(token) !== undefined)
}

function refusedHeader(call: ApiCall, operation: LineOperation): ApiAnswer | undefined {
  if (call.header('x-line-retry-key') !== undefined && !operation.retryKey) {
    // That it is a 400 is documented, the words are not.
    return lineError(400, "The 'X-Line-Retry-Key' header is not supported by this API")
  }
  const type = call.header('content-type') ?? ''
  const json = (operation.bodyType ?? /^application\/json\b/i).test(type)
  if (call.body.length > 0 && !operation.open && !json) {
    return lineError(415, `The content type, ${type || '(none)'}, is not supported`)
  }
  return undefined
}
