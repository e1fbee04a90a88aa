import { defaultTocaroGroup } from './accounts'
import { isRecord } from './api-call'
import { lineConversation } from './line-ids'
import type { People } from './page-people'
import type { WatchedCall } from './watch'

export interface KnownLanes {
  /** LINE: where a reply token leads, also one that is used or too old. */
  replyLanes: ReadonlyMap<string, string>
  people: People
}

/** The chat that a call of the bot concerns; undefined for those of no single chat. */
export function laneOfCall(call: WatchedCall, { replyLanes, people }: KnownLanes): string | undefined {
  const { platform, operation, params } = call
  if (platform === 'tocaro') {
    if (operation === 'inbound_webhook') return `group:${defaultTocaroGroup}`
    return params.group === undefined ? undefined : `group:${params.group}`
  }
  if (platform === 'lineworks') {
    if (params.id === undefined || !/^(users|channels)\./.test(operation)) return undefined
    const kind = operation.startsWith('users.') ? 'user' : 'channel'
    return people.laneOf(platform, { kind, id: params.id })
  }
  const body = operation === 'reply' || operation === 'push' || operation === 'loading' ? bodyOf(call) : {}
  if (typeof body.replyToken === 'string') return replyLanes.get(body.replyToken)
  const conversation = lineConversation(body.to ?? body.chatId ?? params.roomId ?? params.userId)
  return conversation && people.laneOf(platform, conversation)
}

function bodyOf({ body }: WatchedCall): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(body.toString('utf8'))
    return isRecord(value) ? value : {}
  } catch {
    return {}
  }
}
