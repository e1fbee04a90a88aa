import { createHash } from 'node:crypto'
import type { ApiAnswer, ApiCall } from './api-call'
import type { EmulatorContext } from './context'
import { lineError } from './line-answers'

interface AcceptedKey {
  requestId: string
  at: number
  bodyHash: string
  sentMessages: unknown[] | undefined
}

/** Keys of accepted requests, for 24 hours [doc D/retrying-api-request]. */
export interface LineRetryKeys {
  /** 400 for a malformed key, 409 for one already accepted; undefined: go on. */
  check(call: ApiCall): ApiAnswer | undefined
  accepted(call: ApiCall, sentMessages: unknown[] | undefined): void
}

const day = 24 * 60 * 60_000
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

/** [assumed] A key counts for the whole channel, whatever the endpoint; refused requests do not use it up. */
export function createLineRetryKeys(context: EmulatorContext): LineRetryKeys {
  const keys = new Map<string, AcceptedKey>()

  return {
    check: (call) => {
      const key = retryKeyOf(call)
      if (key === undefined) return undefined
      // The words for a malformed key are not documented.
      if (!uuid.test(key)) return lineError(400, "The value for the 'X-Line-Retry-Key' header is invalid")
      const first = keys.get(key)
      if (!first || first.at + day <= context.clock()) return undefined
      if (first.bodyHash !== hash(call.body)) {
        context.log(
          `LINE: retry key ${key} came with a different body; LINE leaves that undefined. Keep it identical.`,
        )
      }
      return alreadyAccepted(first)
    },
    accepted: (call, sentMessages) => {
      const key = retryKeyOf(call)
      if (key === undefined) return
      const at = context.clock()
      for (const [old, first] of keys)
        if (first.at + day <= at) keys.delete(old)
        else break
      keys.set(key, { requestId: call.id, at, bodyHash: hash(call.body), sentMessages })
    },
  }
}

export function retryKeyOf(call: ApiCall): string | undefined {
  return call.header('x-line-retry-key')
}

/** `sentMessages` is documented for push only. */
function alreadyAccepted({ requestId, sentMessages }: AcceptedKey): ApiAnswer {
  const message = 'The retry key is already accepted'
  return {
    status: 409,
    headers: { 'x-line-accepted-request-id': requestId },
    body: { message, ...(sentMessages ? { sentMessages } : {}) },
  }
}

function hash(body: Buffer): string {
  return createHash('sha256').update(body).digest('hex')
}
