import type { NativeMessage } from '#libs/contract'
import { checkLineMessage } from './line-check'
import type { LineMessage } from './line-types'

/**
 * One of LINE's own message objects, checked against LINE's limits; to be said where `ctx.platform` is `line`.
 * A type that LINE has added since is not taken here; `{ type: 'native', platform: 'line', message }` carries it.
 * @throws HooklineError `message_invalid` that names the field, what was given and the limit.
 */
export function nativeLine(message: LineMessage): NativeMessage<'line'> {
  checkLineMessage(message, 'message', { unknownTypes: 'refuse' })
  return { type: 'native', platform: 'line', message: { ...message } }
}
