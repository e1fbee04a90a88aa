import type { LineAccount } from './accounts'
import type { PlatformApi } from './api-call'
import type { EmulatorContext } from './context'
import { lineRefusal } from './line-answers'
import { lineContentOperations, type LineContents } from './line-contents'
import { lineInfoOperations } from './line-info'
import { guardLine } from './line-operation'
import { createLineQuota } from './line-quota'
import { lineRoomOperations } from './line-rooms'
import type { LineReplyTokens } from './line-reply-tokens'
import { createLineRetryKeys } from './line-retry-keys'
import type { LineRichMenus } from './line-rich-menus'
import { lineSendOperations } from './line-send'
import { lineTokenOperations } from './line-tokens'
import { lineEndpointOperations } from './line-webhook-endpoint'
import type { LineWebhooks } from './line-webhooks'
import type { TokenStore } from './token-store'
import type { WebhookSender } from './webhook-sender'

export interface LineApiOptions {
  account: LineAccount
  context: EmulatorContext
  tokens: TokenStore
  replyTokens: LineReplyTokens
  webhooks: LineWebhooks
  sender: WebhookSender
  contents: LineContents
  richMenus: LineRichMenus
}

/** LINE's Messaging API, as far as bots of this project and the official SDK's basics need it. */
export function createLineApi(options: LineApiOptions): PlatformApi {
  const { account, context, tokens } = options
  const quota = createLineQuota(context)
  const retryKeys = createLineRetryKeys(context)
  const operations = [
    ...lineSendOperations({ ...options, quota, retryKeys }),
    ...lineContentOperations(options.contents, context),
    ...lineRoomOperations(context),
    ...lineInfoOperations({ account, context, quota }),
    ...options.richMenus.operations,
    ...lineEndpointOperations(options),
    ...lineTokenOperations(options),
  ]
  return {
    platform: 'line',
    operations: guardLine(operations, { context, tokens, longLived: account.channelAccessToken }),
    owns: /^\/(v2|oauth2\/v2\.1|oauth2\/v3)\//,
    refuse: lineRefusal,
    headers: (requestId) => ({ 'x-line-request-id': requestId }),
  }
}
