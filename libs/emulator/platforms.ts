import type { Accounts, LineAccount, LineworksAccount, TocaroAccount } from './accounts'
import type { PlatformApi } from './api-call'
import type { EmulatorContext } from './context'
import { createLineApi } from './line-api'
import { createLineContents, type LineContents } from './line-contents'
import { createLineReplyTokens } from './line-reply-tokens'
import { createLineRichMenus, type LineRichMenus } from './line-rich-menus'
import { createLineWebhooks } from './line-webhooks'
import { createLineworksApi } from './lineworks-api'
import { createLineworksAttachments, type LineworksAttachments } from './lineworks-attachments'
import { createLineworksMenus, type LineworksMenus } from './lineworks-menus'
import { createLineworksWebhooks } from './lineworks-webhooks'
import type { PlatformWebhooks } from './platform-webhooks'
import { createTocaroApi } from './tocaro-api'
import { createTocaroWebhooks, type TocaroWebhooks } from './tocaro-webhooks'
import { createTokenStore } from './token-store'
import type { WebhookSender } from './webhook-sender'

/** One platform as the emulator plays it. */
export interface EmulatedPlatform<W extends PlatformWebhooks = PlatformWebhooks> {
  api: PlatformApi
  webhooks: W
  expireTokens(): number
}

export interface EmulatedLine extends EmulatedPlatform {
  contents: LineContents
  richMenus: LineRichMenus
}

export interface EmulatedLineworks extends EmulatedPlatform {
  attachments: LineworksAttachments
  menus: LineworksMenus
}

/** Those that have an account. */
export interface Platforms {
  line?: EmulatedLine
  lineworks?: EmulatedLineworks
  tocaro?: EmulatedPlatform<TocaroWebhooks>
}

export function createPlatforms(
  accounts: Accounts,
  context: EmulatorContext,
  sender: WebhookSender,
): Platforms {
  return {
    ...(accounts.line ? { line: createLine(accounts.line, context, sender) } : {}),
    ...(accounts.lineworks ? { lineworks: createLineworks(accounts.lineworks, context, sender) } : {}),
    ...(accounts.tocaro ? { tocaro: createTocaro(accounts.tocaro, context, sender) } : {}),
  }
}

function createLine(account: LineAccount, context: EmulatorContext, sender: WebhookSender): EmulatedLine {
  const tokens = createTokenStore('line', context)
  const replyTokens = createLineReplyTokens(context)
  const contents = createLineContents(context)
  const richMenus = createLineRichMenus()
  const webhooks = createLineWebhooks({ account, context, sender, replyTokens, contents })
  const api = createLineApi({
    ...{ account, context, tokens, replyTokens, webhooks, sender, contents, richMenus },
  })
  return { api, webhooks, contents, richMenus, expireTokens: tokens.expireAll }
}

function createLineworks(
  account: LineworksAccount,
  context: EmulatorContext,
  sender: WebhookSender,
): EmulatedLineworks {
  const tokens = createTokenStore('lineworks', context)
  const attachments = createLineworksAttachments({ account, context, tokens })
  const menus = createLineworksMenus()
  return {
    api: createLineworksApi({ account, context, tokens, attachments, menus }),
    webhooks: createLineworksWebhooks({ account, context, sender }),
    ...{ attachments, menus },
    expireTokens: tokens.expireAll,
  }
}

/** Tocaro issues no tokens that we know of: there is nothing to expire, use the fault 401. */
function createTocaro(
  account: TocaroAccount,
  context: EmulatorContext,
  sender: WebhookSender,
): EmulatedPlatform<TocaroWebhooks> {
  const webhooks = createTocaroWebhooks({ account, context, sender })
  const echo = (post: { group: string; text: string; mentions: string[] }) => {
    if (!context.settings().echoOwnPosts) return
    const event = { user: account.botUser, item: { ...post, user: account.botUser } }
    void webhooks.send([{ event }], false)
  }
  return { api: createTocaroApi({ account, context, onPost: echo }), webhooks, expireTokens: () => 0 }
}
