import type { ApiAnswer } from './api-call'
import type { EmulatorContext } from './context'

export function lineworksError(status: number, code: string, description: string): ApiAnswer {
  return { status, body: { code, description } }
}

/** The cause is in `www-authenticate`, after RFC 6750 [doc error-codes@kr]. */
export function lineworksUnauthorized(presented: boolean): ApiAnswer {
  const description = presented ? 'The access token is invalid or has expired' : 'The access token is missing'
  const challenge = presented ? `Bearer error="invalid_token", error_description="${description}"` : 'Bearer'
  return { ...lineworksError(401, 'UNAUTHORIZED', description), headers: { 'www-authenticate': challenge } }
}

/** The answer for a room that the bot is not in. */
export function closedRoom(id: string, context: EmulatorContext): ApiAnswer | undefined {
  const unknown = context.settings().strictRecipients && !context.directory.room('lineworks', id)
  const closed = unknown || context.directory.hasLeft('lineworks', id)
  return closed ? lineworksError(403, 'ACCESS_DENIED', 'Access is denied for the room.') : undefined
}
