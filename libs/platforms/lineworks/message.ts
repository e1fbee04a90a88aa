import { HooklineError, type Call, type Limit, type PlanRequest, type Target } from '#libs/contract'
import { render } from '#libs/messages'
import type { LineworksOutSettings } from './api'

/** There is no reply token: an answer and a push are the same two operations [doc bot]. */
const operations: Partial<Record<Target['kind'], string>> = {
  user: 'users.messages',
  channel: 'channels.messages',
}

/**
 * Counted per domain that registered the app and per API operation [doc rate-limits], so bots of one domain share
 * it; the service account tells the domain. Five calls at once per domain are reported as the most; four are made.
 */
export function limitOf(
  { operation }: Call,
  { serviceAccount, limits }: Pick<LineworksOutSettings, 'serviceAccount' | 'limits'>,
): Limit {
  const domain = domainOf({ serviceAccount })
  return { scope: `lineworks:${domain}:${operation}`, amount: limits.perMinute, perMs: 60_000, atOnce: 4 }
}

export function domainOf({ serviceAccount }: Pick<LineworksOutSettings, 'serviceAccount'>): string {
  return serviceAccount.slice(serviceAccount.lastIndexOf('@') + 1)
}

/**
 * One call per content object: a call takes no more [doc bot-channel-message-send]. A reply goes to the
 * event's conversation, and to nobody where there is none or the bot has just left it.
 */
export function planLineworks(request: PlanRequest, settings: Pick<LineworksOutSettings, 'name'>): Call[] {
  const target = request.kind === 'push' ? request.target : answerable(request.event)
  if (!target) return []
  const operation = operationOf(target, settings.name)
  return request.messages
    .flatMap((message) => render(message, { platform: 'lineworks', kind: target.kind }))
    .map((content) => ({ operation, target, messages: [content] }))
}

function answerable({
  type,
  conversation,
}: Extract<PlanRequest, { kind: 'reply' }>['event']): Target | undefined {
  const { kind, id } = conversation
  return kind === 'none' || type === 'leave' ? undefined : { kind, id }
}

function operationOf({ kind, id }: Target, bot: string): string {
  const operation = operations[kind]
  if (!operation) throw invalid(bot, `LINE WORKS has no ${kind} to send to. Use user or channel`)
  // An id is one segment of the path: these would make another path of it.
  if (['', '.', '..'].includes(id)) throw invalid(bot, `"${id}" is no ${kind} id. Use the one from an event`)
  return operation
}

function invalid(bot: string, what: string): HooklineError {
  return new HooklineError('message_invalid', `Bot "${bot}": ${what}.`)
}
