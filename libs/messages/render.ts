import { HooklineError, type Message, type PlatformName, type Target, splitText } from '#libs/contract'

/** Who a message is for, as far as it changes what goes out: a mention is for rooms only. */
export interface Recipient {
  platform: PlatformName
  kind?: Target['kind'] | 'none'
}

/** UTF-16 units of one text [doc D/text-character-count; bot-send-text; Tocaro's is not documented]. */
const textLimits: Record<PlatformName, number> = { line: 5000, lineworks: 2000, tocaro: 2000 }

/**
 * The platform's own message objects for one message, in order; a long text becomes several. Pure.
 * @throws HooklineError `message_invalid` with the field, its value and the platform's limit.
 */
export function render(message: Message, { platform }: Recipient): Record<string, unknown>[] {
  if (message.type === 'native') {
    if (message.platform === platform) return [message.message]
    throw invalid(
      `A native message for "${message.platform}" can't go to "${platform}". Look at ctx.platform first.`,
    )
  }
  if (message.type !== 'text') throw invalid(`A ${message.type} can't be rendered.`)
  if (message.text === '') throw invalid('The text is empty. Give it at least one character.')
  const type = platform === 'tocaro' ? {} : { type: 'text' }
  return splitText(message.text, textLimits[platform]).map((text) => ({ ...type, text }))
}

/** Throws what `render` throws for any of them. */
export function checkMessages(messages: Message[], recipient: Recipient): void {
  for (const message of messages) render(message, recipient)
}

function invalid(message: string): HooklineError {
  return new HooklineError('message_invalid', message)
}
