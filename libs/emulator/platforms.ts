import type { Accounts, LineAccount, LineworksAccount, TocaroAccount } from './accounts'
import type { PlatformApi } from './api-call'
import type { EmulatorContext } from './context'
import { createLineApi } from './line-api'
import { createLineContents } from './line-contents'
import { createLineReplyTokens } from './line-reply-tokens'
import { createLineWebhooks } from './line-webhooks'
import { createLineworksApi } from './lineworks-api'
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

/** Those that have an account. */
export interface Platforms {
  line?: EmulatedPlatform
  lineworks?: EmulatedPlatform
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

function createLine(account: LineAccount, context: EmulatorContext, sender: WebhookSender): EmulatedPlatform {
  const tokens = createTokenStore('line', context)
  const replyTokens = createLineReplyTokens(context)
  const contents = createLineContents(context)
  const webhooks = createLineWebhooks({ account, context, sender, replyTokens, contents })
  const api = createLineApi({ account, context, tokens, replyTokens, webhooks, sender, contents })
  return { api, webhooks, expireTokens: tokens.expireAll }
}

function createLineworks(
  account: LineworksAccount,
  context: EmulatorContext,
  sender: WebhookSender,
): EmulatedPlatform {
  const tokens = createTokenStore('lineworks', context)
  return {
    api: createLineworksApi({ account, context, tokens }),
    webhooks: createLineworksWebhooks({ account, context, sender }),
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
