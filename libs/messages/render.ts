import {
  HooklineError,
  type Message,
  type NativeMessage,
  type PlatformName,
  type Target,
} from '#libs/contract'
import { checkLineworksContent, isKnownContent } from './check-lineworks'
import { checkPortable } from './check-portable'
import { withEncodedUrls } from './encoded-urls'
import { checkLineMessage } from './line-check'
import { renderLine } from './render-line'
import { renderLineworks } from './render-lineworks'
import { renderTocaro } from './render-tocaro'
import { invalid, isRecord, shown } from './rules'
import { checkTocaroPost } from './tocaro-post'

/** Who a message is for, as far as it changes what goes out. @internal */
export interface Recipient {
  platform: PlatformName
  /** Mentions depend on it; absent: as in a one-to-one chat. */
  kind?: Target['kind'] | 'none'
  /** Tocaro's inbound webhook takes pictures as attachments; its Web API gets their URLs in the text. */
  attachments?: boolean
}

/**
 * The platform's own message objects for one message, in order; a long text becomes several. What a platform lacks
 * comes out as docs/guide/messages.md says. Pure.
 * @throws HooklineError `message_invalid` with the field, its value and the platform's limit.
 * @internal
 */
export function render(message: Message, recipient: Recipient): Record<string, unknown>[] {
  return renderAt(message, recipient, '')
}

/** Throws what `render` throws for any of them; of several it names which: `messages[1].text`. @internal */
export function checkMessages(messages: Message[], recipient: Recipient): void {
  messages.forEach((message, i) => renderAt(message, recipient, messages.length > 1 ? `messages[${i}]` : ''))
}

function renderAt(message: Message, recipient: Recipient, path: string): Record<string, unknown>[] {
  const { platform, kind, attachments = false } = recipient
  if (!isRecord(message)) throw invalid(path || 'message', `${shown(message)}; give an object or a text.`)
  if (message.type === 'native') return [nativeOf(message, recipient, path)]
  const portable = withEncodedUrls(message)
  checkPortable(portable, platform, path)
  switch (platform) {
    case 'line':
      return renderLine(portable, kind)
    case 'lineworks': {
      const contents = renderLineworks(portable, kind)
      // Titles and neutralised tags make texts longer.
      contents.forEach((content) => checkLineworksContent(content, path))
      return contents
    }
    case 'tocaro':
      return renderTocaro(portable, attachments)
  }
}

/** Known types are checked; what is not known goes to the platform as it is. */
function nativeOf(
  { platform: its, message }: NativeMessage,
  { platform, kind }: Recipient,
  path: string,
): Record<string, unknown> {
  if (its !== platform) {
    throw new HooklineError(
      'message_invalid',
      `A native message for "${its}" can't go to "${platform}". Look at ctx.platform first.`,
    )
  }
  if (!isRecord(message)) throw invalid(path || 'message', `${shown(message)}; give an object.`)
  const place = kind === 'user' || kind === 'channel' ? kind : undefined
  if (platform === 'line') checkLineMessage(message, path || 'message', kind ? { kind } : {})
  if (platform === 'lineworks' && isKnownContent(message)) checkLineworksContent(message, path, place)
  if (platform === 'tocaro') checkTocaroPost(message, path)
  return message
}
