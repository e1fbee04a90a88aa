import type { ApiAnswer, Refusal } from './api-call'
import type { LineDetail } from './line-message-rules'

/** LINE's error shape [openapi M ErrorResponse]: `details` is left out when empty. */
export function lineError(status: number, message: string, details: LineDetail[] = []): ApiAnswer {
  return { status, body: { message, ...(details.length > 0 ? { details } : {}) } }
}

/** 400 with one entry per thing that is wrong [doc R#error-messages]. */
export function lineInvalid(details: LineDetail[]): ApiAnswer {
  return lineError(400, `The request body has ${details.length} error(s)`, details)
}

/** 400 for a property outside of the messages; LINE prints the place, which we do not know. */
export function lineInvalidProperty(property: string): ApiAnswer {
  return lineError(400, `The property, '${property}', in the request body is invalid (line: -, column: -)`)
}

/** What LINE says whatever was asked. The words of 401, 413 and 500 are not documented. */
export function lineRefusal({ kind, waitMs }: Refusal): ApiAnswer {
  switch (kind) {
    case 'unauthorized':
      return lineError(401, 'Authentication failed due to the following reason: invalid token')
    case 'forbidden':
      return lineError(403, 'Access to this API is not available for your account')
    case 'rate_limited': {
      const answer = lineError(429, 'The API rate limit has been exceeded. Try again later.')
      // LINE documents no Retry-After; only a fault that asks for one gets it.
      return waitMs === undefined
        ? answer
        : { ...answer, headers: { 'retry-after': String(Math.ceil(waitMs / 1000)) } }
    }
    case 'quota':
      return lineError(429, 'You have reached your monthly limit.')
    case 'server_error':
      return lineError(500, 'Internal server error')
    case 'not_found':
      return lineError(404, 'Not found')
    case 'too_large':
      return lineError(413, 'The request body is larger than 2 MB')
  }
}
