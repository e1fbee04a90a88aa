import type { Conversation } from '#libs/contract'
import type { LineworksAccount } from './accounts'
import {
  bearerToken,
  jsonBody,
  type ApiAnswer,
  type ApiCall,
  type ApiOperation,
  type PlatformApi,
  type Refusal,
} from './api-call'
import type { EmulatorContext } from './context'
import { closedRoom, lineworksError, lineworksUnauthorized } from './lineworks-answers'
import type { LineworksAttachments } from './lineworks-attachments'
import { createLineworksBots, type LineworksBots } from './lineworks-bots'
import { lineworksContentFault } from './lineworks-content-rules'
import type { LineworksMenus } from './lineworks-menus'
import { lineworksRoomOperations } from './lineworks-rooms'
import { lineworksTokenOperations } from './lineworks-tokens'
import { createSlidingWindows } from './rate-limit'
import type { TokenStore } from './token-store'

/** What its parts share. */
export interface LineworksParts {
  account: LineworksAccount
  context: EmulatorContext
  tokens: TokenStore
}

export interface LineworksApiOptions extends LineworksParts {
  attachments: LineworksAttachments
  menus: LineworksMenus
}

export interface BotOperation extends ApiOperation {
  /** Any one of these will do [doc bot-api@kr]. */
  scopes: string[]
  /** A limit of its own, whatever the plan. */
  perMinute?: number
  /** Not counted, and says nothing of limits: the redirect to a file [doc rate-limits@en]. */
  unlimited?: true
}

const base = '/v1.0/bots/:botId'
const writing = ['bot', 'bot.message']

/** LINE WORKS API 2.0: tokens, sending, rooms. */
export function createLineworksApi(options: LineworksApiOptions): PlatformApi {
  const { attachments, menus } = options
  const bots = createLineworksBots(options)
  const botOperations: BotOperation[] = [
    {
      name: 'users.messages',
      method: 'post',
      path: `${base}/users/:id/messages`,
      scopes: writing,
      handle: (call) => send(call, 'user', options),
    },
    {
      name: 'channels.messages',
      method: 'post',
      path: `${base}/channels/:id/messages`,
      scopes: writing,
      handle: (call) => send(call, 'channel', options),
    },
    ...lineworksRoomOperations(options),
    ...attachments.ofBot,
    ...bots.operations,
    ...menus.operations,
  ]
  return {
    platform: 'lineworks',
    operations: [
      ...guard(botOperations, options, bots),
      ...attachments.ofStorage,
      ...lineworksTokenOperations(options),
    ],
    owns: /^\/(v1\.0|oauth2\/v2\.0|storage)\//,
    refuse: (refusal) => refuse(refusal, options.context),
    headers: () => ({}),
  }
}

/** Token, scope, bot id, concurrency and rate, in this order, before the operation itself. */
function guard(
  operations: BotOperation[],
  { context, tokens }: LineworksParts,
  bots: LineworksBots,
): ApiOperation[] {
  const windows = createSlidingWindows(() => context.clock())
  return operations.map((operation) => ({
    ...operation,
    handle: async (call) => {
      const token = tokens.find(bearerToken(call))
      if (token?.kind !== 'access') return lineworksUnauthorized(call.header('authorization') !== undefined)
      if (!operation.scopes.some((scope) => token.scopes.includes(scope))) {
        return lineworksError(403, 'FORBIDDEN', `One of the scopes ${operation.scopes.join(', ')} is needed`)
      }
      if (call.params.botId !== undefined && !bots.exists(call.params.botId))
        return lineworksError(404, 'NOT_FOUND', 'The bot does not exist')
      const { lineworksMaxConcurrent: most, ...settings } = context.settings()
      const { lineworksRatePerMinute, lineworksRateWindowMs: perMs } = settings
      const amount = operation.perMinute ?? lineworksRatePerMinute
      if (most > 0 && call.concurrent > most) return tooManyRequests()
      if (operation.unlimited) return operation.handle(call)
      const { allowed, used, resetMs } = windows.take(operation.name, { amount, perMs })
      const headers = rateLimitHeaders(amount, used, resetMs)
      const answer = allowed ? await operation.handle(call) : tooManyRequests()
      return { ...answer, headers: { ...headers, ...answer.headers } }
    },
  }))
}

/** The four headers, spelled as in the documentation, `ssed` included [doc rate-limits@en]. */
function rateLimitHeaders(limit: number, used: number, resetMs: number): Record<string, string> {
  return {
    'rateLimit-ssed': String(used),
    'rateLimit-limit': String(limit),
    'rateLimit-remaining': String(Math.max(0, limit - used)),
    'rateLimit-reset': String(Math.ceil(resetMs / 1000)),
  }
}

/** 201 without a body [doc bot-channel-message-send@jp]. */
function send(call: ApiCall, kind: 'user' | 'channel', { context }: LineworksParts): ApiAnswer {
  const { id = '' } = call.params
  const fault = lineworksContentFault(jsonBody(call))
  if (fault) return lineworksError(400, fault.code, fault.description)
  const refused = kind === 'user' ? unknownUser(id, context) : closedRoom(id, context)
  if (refused) return refused
  const conversation: Conversation = { kind, id }
  context.ledger.append({
    platform: 'lineworks',
    kind: 'message',
    operation: `${kind}s.messages`,
    via: 'api',
    status: 201,
    requestId: call.id,
    conversation,
    to: [id],
    messages: [jsonBody(call)?.content],
  })
  return { status: 201 }
}

function unknownUser(id: string, context: EmulatorContext): ApiAnswer | undefined {
  const unknown =
    context.settings().strictRecipients && context.directory.userName('lineworks', id) === undefined
  return unknown ? lineworksError(404, 'NOT_FOUND', 'The user does not exist') : undefined
}

function refuse({ kind, operation, waitMs }: Refusal, context: EmulatorContext): ApiAnswer {
  switch (kind) {
    case 'unauthorized': {
      const error = { error: 'invalid_client', error_description: 'client authentication failed' }
      return operation.startsWith('token') ? { status: 401, body: error } : lineworksUnauthorized(true)
    }
    case 'rate_limited':
    case 'quota': {
      const limit = context.settings().lineworksRatePerMinute
      const headers = waitMs === undefined ? {} : rateLimitHeaders(limit, limit, waitMs)
      return { ...tooManyRequests(), headers }
    }
    case 'forbidden':
      return lineworksError(403, 'FORBIDDEN', 'The app has no right to do this')
    case 'server_error':
      return lineworksError(500, 'INTERNAL_SERVER_ERROR', 'An unspecified error has occurred')
    case 'not_found':
      return lineworksError(404, 'NOT_FOUND', 'The resource does not exist')
    case 'too_large':
      // Neither a limit nor its answer is documented.
      return lineworksError(413, 'LIMIT_EXCEEDED', 'The request body is larger than 2 MB')
  }
}

function tooManyRequests(): ApiAnswer {
  return lineworksError(429, 'TOO_MANY_REQUESTS', 'API rate limit exceeded')
}
