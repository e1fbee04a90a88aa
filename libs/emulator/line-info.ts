import { emulatedBotName, type LineAccount } from './accounts'
import { jsonBody, type ApiAnswer, type ApiCall } from './api-call'
import type { EmulatorContext } from './context'
import { lineError, lineInvalid } from './line-answers'
import { lineConversation, newLineToken } from './line-ids'
import type { LineOperation } from './line-operation'
import type { LineQuota } from './line-quota'

export interface LineInfoOptions {
  account: LineAccount
  context: EmulatorContext
  quota: LineQuota
}

/** Profiles, groups, bot info, quota and the loading animation. */
export function lineInfoOperations({ account, context, quota }: LineInfoOptions): LineOperation[] {
  const get = (name: string, path: string, handle: (call: ApiCall) => ApiAnswer): LineOperation => ({
    name,
    method: 'get',
    path,
    handle,
  })
  const post = (name: string, path: string, handle: (call: ApiCall) => ApiAnswer): LineOperation => ({
    name,
    method: 'post',
    path,
    handle,
  })
  return [
    get('profile', '/v2/bot/profile/:userId', (call) => lineProfile(call.params.userId, context)),
    get('followers', '/v2/bot/followers/ids', (call) => followers(call, context)),
    post('linkToken', '/v2/bot/user/:userId/linkToken', (call) =>
      lineConversation(call.params.userId)?.kind === 'user'
        ? { status: 200, body: { linkToken: newLineToken() } }
        : lineError(400, "The value for the 'userId' parameter is invalid"),
    ),
    get('delivery', '/v2/bot/message/delivery/:kind', (call) => delivered(call, context)),
    get('progress', '/v2/bot/message/progress/narrowcast', (call) => progress(call, context)),
    post('markAsRead', '/v2/bot/chat/markAsRead', (call) =>
      typeof jsonBody(call)?.markAsReadToken === 'string'
        ? { status: 200, body: {} }
        : lineInvalid([{ message: 'must be specified', property: 'markAsReadToken' }]),
    ),
    get('info', '/v2/bot/info', () => ({ status: 200, body: botInfo(account, context) })),
    get('quota', '/v2/bot/message/quota', () => ({ status: 200, body: quotaOf(context) })),
    get('quota.consumption', '/v2/bot/message/quota/consumption', () => ({
      status: 200,
      body: { totalUsage: quota.used() },
    })),
    post('loading', '/v2/bot/chat/loading/start', startLoading),
  ]
}

export function lineProfile(id: string | undefined, context: EmulatorContext): ApiAnswer {
  if (lineConversation(id)?.kind !== 'user')
    return lineError(400, "The value for the 'userId' parameter is invalid")
  const userId = String(id)
  const known = context.directory.userName('line', userId)
  if (known === undefined && context.settings().strictRecipients) return lineError(404, 'Not found')
  const displayName = known ?? `User ${userId.slice(0, 6)}`
  return { status: 200, body: { displayName, userId, language: context.settings().userLanguage } }
}

/** Friends by pages; only for verified accounts [doc R#get-follower-ids]. */
function followers(call: ApiCall, context: EmulatorContext): ApiAnswer {
  const limit = Number(call.query.get('limit') ?? 300)
  if (!Number.isInteger(limit) || limit < 1 || limit > 1000)
    return lineError(400, "The value for the 'limit' parameter is invalid")
  const ids = context.directory.users('line').map(({ id }) => id)
  return lineIdPage(call, context, { ids, limit, field: 'userIds' })
}

/** One page of ids; the `next` of one is the `start` of the other. */
export function lineIdPage(
  call: ApiCall,
  context: EmulatorContext,
  { ids, limit, field }: { ids: string[]; limit: number; field: string },
): ApiAnswer {
  if (!context.settings().lineVerified)
    return lineError(403, 'Access to this API is not available for your account')
  const from = Number(call.query.get('start') ?? 0)
  const next = from + limit < ids.length ? { next: String(from + limit) } : {}
  return { status: 200, body: { [field]: ids.slice(from, from + limit), ...next } }
}

/** Messages of a day in UTC+9. */
function delivered(call: ApiCall, { ledger }: EmulatorContext): ApiAnswer {
  const date = call.query.get('date') ?? ''
  if (!/^\d{8}$/.test(date)) return lineError(400, "The value for the 'date' parameter is invalid")
  const dayOf = (at: number) => new Date(at + 9 * 3_600_000).toISOString().slice(0, 10).replaceAll('-', '')
  const sent = ledger
    .messages({ platform: 'line' })
    .filter(({ operation, at }) => operation === call.params.kind && dayOf(at) === date)
  return { status: 200, body: { status: 'ready', success: sent.length } }
}

/** A narrowcast is done at once here. */
function progress(call: ApiCall, { ledger, directory }: EmulatorContext): ApiAnswer {
  const requestId = call.query.get('requestId')
  const sent = ledger
    .messages({ platform: 'line' })
    .find((entry) => entry.operation === 'narrowcast' && entry.requestId === requestId)
  if (!sent) return lineError(404, 'Not found')
  const successCount = directory.users('line').length
  const time = new Date(sent.at).toISOString()
  const counts = { successCount, failureCount: 0, targetCount: successCount }
  return { status: 200, body: { phase: 'succeeded', ...counts, acceptedTime: time, completedTime: time } }
}

function botInfo(account: LineAccount, context: EmulatorContext): Record<string, string> {
  return {
    userId: account.botUserId,
    basicId: '@emulator',
    displayName: emulatedBotName,
    chatMode: context.settings().lineChatMode,
    markAsReadMode: 'auto',
  }
}

function quotaOf(context: EmulatorContext): Record<string, unknown> {
  const value = context.settings().lineMonthlyQuota
  return value === null ? { type: 'none' } : { type: 'limited', value }
}

/** [doc R#display-a-loading-indicator] */
function startLoading(call: ApiCall): ApiAnswer {
  const { chatId, loadingSeconds = 20 } = jsonBody(call) ?? {}
  const property = 'loadingSeconds'
  if (lineConversation(chatId)?.kind !== 'user') {
    return lineInvalid([{ message: 'must be specified', property: 'chatId' }])
  }
  if (typeof loadingSeconds !== 'number' || loadingSeconds < 5 || loadingSeconds > 60) {
    return lineInvalid([{ message: 'Must be between 5 and 60', property }])
  }
  return loadingSeconds % 5 === 0
    ? { status: 202, body: {} }
    : lineInvalid([{ message: 'must be a multiple of five', property }])
}
