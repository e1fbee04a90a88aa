import type { TocaroAccount } from './accounts'
import {
  bearerToken,
  jsonBody,
  type ApiAnswer,
  type ApiCall,
  type ApiOperation,
  type PlatformApi,
} from './api-call'
import type { EmulatorContext } from './context'
import { tocaroHookOperation } from './tocaro-hook'
import { createTocaroErrors, type TocaroErrors } from './tocaro-errors'
import { createTokenBuckets } from './rate-limit'

export interface TocaroApiOptions {
  account: TocaroAccount
  context: EmulatorContext
  /** The bot posted: the platform may tell the bot itself. */
  onPost: (post: { group: string; text: string; mentions: string[] }) => void
}

/**
 * Tocaro's Web API and inbound webhook. Known are base, bearer token, scopes, status codes and the queries of
 * `/users` [Tocaro Web API reference]; path, body and limits of posting and all bodies of answers are [assumed].
 */
export function createTocaroApi(options: TocaroApiOptions): PlatformApi {
  const errors = createTocaroErrors()
  const operations: ApiOperation[] = [
    {
      name: 'groups.messages',
      method: 'post',
      path: '/groups/:group/messages',
      handle: (call) => post(call, options, errors),
    },
    { name: 'users', method: 'get', path: '/users', handle: (call) => listUsers(call, options, errors) },
    { name: 'groups', method: 'get', path: '/groups', handle: (call) => listGroups(call, options, errors) },
    tocaroHookOperation(options, errors),
  ]
  return {
    platform: 'tocaro',
    operations: guard(operations, options, errors),
    owns: /^\/(groups|users|integrations)(\/|$)/,
    refuse: ({ kind, waitMs }) => errors.refuse(kind, waitMs),
    headers: () => ({}),
  }
}

/** Token and scope, except for the inbound webhook, then the rate: [assumed] one bucket per operation. */
function guard(operations: ApiOperation[], options: TocaroApiOptions, errors: TocaroErrors): ApiOperation[] {
  const buckets = createTokenBuckets(() => options.context.clock())
  const overLimit = (call: ApiCall) => {
    const perSecond = options.context.settings().tocaroRatePerSecond
    return perSecond > 0 && !buckets.take(call.endpoint, { amount: perSecond, perMs: 1000 })
  }
  return operations.map((operation) => ({
    ...operation,
    handle: (call) => {
      const refused =
        operation.name === 'inbound_webhook' ? undefined : refusedToken(call, operation, { options, errors })
      if (refused) return refused
      return overLimit(call) ? errors.refuse('rate_limited', 1000) : operation.handle(call)
    },
  }))
}

interface Guarding {
  options: TocaroApiOptions
  errors: TocaroErrors
}

/** Scopes exclude each other: `read` is GET only, `write` the rest only [Tocaro Web API reference]. */
function refusedToken(
  call: ApiCall,
  { method }: ApiOperation,
  { options, errors }: Guarding,
): ApiAnswer | undefined {
  const { accessToken } = options.account
  if (accessToken === undefined || bearerToken(call) !== accessToken) return errors.refuse('unauthorized')
  const needed = method === 'get' ? 'read' : 'write'
  const scope = options.context.settings().tocaroScope
  return scope === 'both' || scope === needed
    ? undefined
    : errors.answer(403, `The token lacks the scope ${needed}`)
}

/** [assumed] At most 2,000 characters; 422 is documented as "validation failed". */
function post(call: ApiCall, { context, onPost }: TocaroApiOptions, errors: TocaroErrors): ApiAnswer {
  const body = jsonBody(call)
  if (!body) return errors.answer(400, 'The body is not a JSON object')
  const { text, mentions = [] } = body
  if (typeof text !== 'string' || text === '') return errors.answer(422, "text can't be blank")
  if (text.length > 2000) return errors.answer(422, 'text is too long (maximum is 2000 characters)')
  if (!isListOfStrings(mentions)) return errors.answer(422, 'mentions is invalid')
  const group = call.params.group ?? ''
  const { directory } = context
  const unknown = context.settings().strictRecipients && !directory.room('tocaro', group)
  if (unknown || directory.hasLeft('tocaro', group)) return errors.answer(403, 'The bot is not in this group')

  const status = context.settings().tocaroPostStatus
  context.ledger.append({
    platform: 'tocaro',
    kind: 'message',
    operation: 'groups.messages',
    via: 'api',
    status,
    requestId: call.id,
    conversation: { kind: 'group', id: group },
    to: [group],
    messages: [body],
  })
  onPost({ group, text, mentions })
  return { status, body: { type: 'message', group, text, mentions, ts: context.clock() } }
}

function isListOfStrings(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((entry) => typeof entry === 'string')
}

function listUsers(call: ApiCall, { context }: TocaroApiOptions, errors: TocaroErrors): ApiAnswer {
  const query = call.query.get('query') ?? ''
  const users = context.directory.users('tocaro').filter((user) => user.name.startsWith(query))
  return paged(
    call,
    errors,
    users.map(({ id, name }) => ({ code: id, name })),
  )
}

function listGroups(call: ApiCall, { context }: TocaroApiOptions, errors: TocaroErrors): ApiAnswer {
  const query = call.query.get('query') ?? ''
  const groups = context.directory.rooms('tocaro').filter((room) => room.id.includes(query))
  return paged(
    call,
    errors,
    groups.map(({ id }) => ({ code: id, name: id })),
  )
}

/** `page` and `perPage` are 1 to 100, 1 and 20 by default. */
function paged(call: ApiCall, errors: TocaroErrors, rows: unknown[]): ApiAnswer {
  const page = Number(call.query.get('page') ?? 1)
  const perPage = Number(call.query.get('perPage') ?? 20)
  const wrong = [page, perPage].some((value) => !Number.isInteger(value) || value < 1 || value > 100)
  if (wrong) return errors.answer(422, 'page and perPage must be between 1 and 100')
  return { status: 200, body: rows.slice((page - 1) * perPage, page * perPage) }
}
