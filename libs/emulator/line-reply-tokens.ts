import { randomBytes } from 'node:crypto'
import type { Conversation } from '#libs/contract'
import type { EmulatorContext } from './context'

interface ReplyToken {
  conversation: Conversation
  eventAt: number
  deliveredAt: number
}

/** Reply tokens of the events sent: single use, and timed by the emulator's clock [doc R#send-reply-message]. */
export interface LineReplyTokens {
  /** A new token, or the given one. Its time starts now. */
  issue(conversation: Conversation, given?: string): string
  /** The event is delivered once more: the minute starts anew, up to 20 minutes after the event. */
  redelivered(token: string): void
  /** Where the reply goes; undefined for a token that is unknown, used or too old. */
  conversation(token: string): Conversation | undefined
  use(token: string): void
}

const twentyMinutes = 20 * 60_000

export function createLineReplyTokens(context: EmulatorContext): LineReplyTokens {
  const tokens = new Map<string, ReplyToken>()
  const tooOld = (token: ReplyToken) =>
    context.clock() > token.deliveredAt + context.settings().replyTokenLifeMs
  /** Tokens no redelivery can bring back: first in, first out. */
  const forget = () => {
    for (const [value, token] of tokens) {
      if (context.clock() <= token.eventAt + 2 * twentyMinutes) return
      tokens.delete(value)
    }
  }

  return {
    issue: (conversation, given = randomBytes(16).toString('hex')) => {
      forget()
      const now = context.clock()
      tokens.set(given, { conversation, eventAt: now, deliveredAt: now })
      return given
    },
    redelivered: (value) => {
      const token = tokens.get(value)
      const now = context.clock()
      if (token && now <= token.eventAt + twentyMinutes) token.deliveredAt = now
    },
    conversation: (value) => {
      const token = tokens.get(value)
      return token && !tooOld(token) ? token.conversation : undefined
    },
    use: (value) => void tokens.delete(value),
  }
}
