import type { LineAccount } from './accounts'
import { jsonBody, type ApiAnswer, type ApiCall } from './api-call'
import type { EmulatorContext } from './context'
import { lineError, lineInvalid } from './line-answers'
import { lineConversation } from './line-ids'
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
  const rooms = ['group', 'room'].flatMap((kind) => [
    get('profile', `/v2/bot/${kind}/:roomId/member/:userId`, (call) => profile(call.params.userId, context)),
    get('members', `/v2/bot/${kind}/:roomId/members/count`, (call) =>
      memberCount(call.params.roomId, context),
    ),
    post('leave', `/v2/bot/${kind}/:roomId/leave`, (call) => leave(call.params.roomId, context)),
  ])
  return [
    get('profile', '/v2/bot/profile/:userId', (call) => profile(call.params.userId, context)),
    ...rooms,
    get('info', '/v2/bot/info', () => ({ status: 200, body: botInfo(account, context) })),
    get('quota', '/v2/bot/message/quota', () => ({ status: 200, body: quotaOf(context) })),
    get('quota.consumption', '/v2/bot/message/quota/consumption', () => ({
      status: 200,
      body: { totalUsage: quota.used() },
    })),
    post('loading', '/v2/bot/chat/loading/start', startLoading),
  ]
}

function profile(id: string | undefined, context: EmulatorContext): ApiAnswer {
  if (lineConversation(id)?.kind !== 'user')
    return lineError(400, "The value for the 'userId' parameter is invalid")
  const userId = String(id)
  const known = context.directory.userName('line', userId)
  if (known === undefined && context.settings().strictRecipients) return lineError(404, 'Not found')
  const displayName = known ?? `User ${userId.slice(0, 6)}`
  return { status: 200, body: { displayName, userId, language: context.settings().userLanguage } }
}

function memberCount(id = '', context: EmulatorContext): ApiAnswer {
  const room = context.directory.room('line', id)
  return room ? { status: 200, body: { count: room.members.size } } : lineError(404, 'Not found')
}

function leave(id = '', context: EmulatorContext): ApiAnswer {
  if (!context.directory.room('line', id)) return lineError(404, 'Not found')
  context.directory.left('line', id)
  return { status: 200, body: {} }
}

function botInfo(account: LineAccount, context: EmulatorContext): Record<string, string> {
  return {
    userId: account.botUserId,
    basicId: '@emulator',
    displayName: 'Emulated bot',
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
