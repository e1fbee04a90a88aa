import { randomBytes } from 'node:crypto'
import { emulatedBotName } from './accounts'
import { jsonBody, type ApiAnswer, type ApiCall } from './api-call'
import { lineworksError } from './lineworks-answers'
import type { BotOperation, LineworksParts } from './lineworks-api'

type Fields = Record<string, unknown>

/** Needed of a new bot, with their most characters [older doc page, see the sheet]. */
const needed: Record<string, number> = { botName: 100, photoUrl: 1000, description: 100 }
const mostBots = 300

export interface LineworksBots {
  operations: BotOperation[]
  exists(botId: string): boolean
}

/** Registration of bots and of the domains that may use them [seen S2, S7; doc bot-create@en]. */
export function createLineworksBots({ account, context }: LineworksParts): LineworksBots {
  const bots = new Map<string, Fields>([[account.botId, { botName: emulatedBotName }]])
  const domains = new Map<string, Map<string, Fields>>()
  const scopes = ['bot']
  const reading = ['bot', 'bot.read']
  const one = '/v1.0/bots/:botId'
  const idOf = ({ params }: ApiCall) => params.botId ?? ''
  // That the answer has the names of the body that registers a bot is [assumed].
  const inConsole = () => ({
    enableCallback: context.settings().lineworksCallback,
    callbackUrl: account.webhookUrl,
  })
  const bodyOf = (botId: string) => ({
    ...(botId === account.botId ? inConsole() : {}),
    ...{ botId: Number(botId), ...bots.get(botId) },
  })
  const domainsOf = (call: ApiCall) => {
    const known = domains.get(idOf(call)) ?? new Map<string, Fields>()
    domains.set(idOf(call), known)
    return known
  }
  const write = (call: ApiCall, kept: Fields): ApiAnswer => {
    const fields = { ...kept, ...jsonBody(call) }
    const fault = botFault(fields)
    if (fault) return fault
    bots.set(idOf(call), fields)
    return { status: 200, body: bodyOf(idOf(call)) }
  }
  const create = (call: ApiCall): ApiAnswer => {
    const fields = jsonBody(call) ?? {}
    const fault = botFault(fields)
    if (fault) return fault
    if (bots.size >= mostBots) return lineworksError(403, 'LIMIT_EXCEEDED', 'A tenant has at most 300 bots')
    const botId = String(Math.max(...[...bots.keys()].map(Number)) + 1)
    bots.set(botId, fields)
    return { status: 201, body: { ...bodyOf(botId), botSecret: randomBytes(15).toString('base64url') } }
  }
  const operations: BotOperation[] = [
    { name: 'bots.create', method: 'post', path: '/v1.0/bots', scopes, handle: create },
    {
      name: 'bots.list',
      method: 'get',
      path: '/v1.0/bots',
      scopes: reading,
      handle: () => ({
        status: 200,
        body: { bots: [...bots.keys()].map(bodyOf), responseMetaData: { nextCursor: '' } },
      }),
    },
    {
      name: 'bots.get',
      method: 'get',
      path: one,
      scopes: reading,
      handle: (call) => ({ status: 200, body: bodyOf(idOf(call)) }),
    },
    { name: 'bots.put', method: 'put', path: one, scopes, handle: (call) => write(call, {}) },
    {
      name: 'bots.patch',
      method: 'patch',
      path: one,
      scopes,
      handle: (call) => write(call, bots.get(idOf(call)) ?? {}),
    },
    {
      name: 'bots.delete',
      method: 'delete',
      path: one,
      scopes,
      handle: (call) => {
        bots.delete(idOf(call))
        return { status: 204 }
      },
    },
    {
      name: 'bots.secret',
      method: 'post',
      path: `${one}/secret`,
      scopes,
      handle: (call) => {
        const botSecret = randomBytes(15).toString('base64url')
        if (idOf(call) === account.botId) account.botSecret = botSecret
        return { status: 200, body: { botSecret } }
      },
    },
    {
      name: 'bots.domains.list',
      method: 'get',
      path: `${one}/domains`,
      scopes: reading,
      handle: (call) => ({
        status: 200,
        body: {
          domains: [...domainsOf(call)].map(([domainId, fields]) => ({
            domainId: Number(domainId),
            ...fields,
          })),
          responseMetaData: { nextCursor: '' },
        },
      }),
    },
    ...(['post', 'put', 'delete'] as const).map((method): BotOperation => ({
      name: `bots.domains.${method}`,
      method,
      path: `${one}/domains/:domainId`,
      scopes,
      handle: (call) => {
        const { domainId = '' } = call.params
        if (method === 'delete') domainsOf(call).delete(domainId)
        else domainsOf(call).set(domainId, jsonBody(call) ?? {})
        return method === 'delete' ? { status: 204 } : { status: 200, body: { domainId: Number(domainId) } }
      },
    })),
    {
      name: 'bots.domains.members',
      method: 'get',
      path: `${one}/domains/:domainId/members`,
      scopes: reading,
      handle: () => ({ status: 200, body: { members: [], responseMetaData: { nextCursor: '' } } }),
    },
  ]
  return { operations, exists: (botId) => bots.has(botId) }
}

function botFault(fields: Fields): ApiAnswer | undefined {
  for (const [name, most] of Object.entries(needed)) {
    const value = fields[name]
    if (typeof value !== 'string' || value === '')
      return lineworksError(400, 'MISSING_PARAMETER', `${name} is required`)
    if (value.length > most)
      return lineworksError(400, 'LIMIT_EXCEEDED', `${name} must have at most ${most} characters`)
  }
  const { administrators } = fields
  return Array.isArray(administrators) && administrators.length >= 1 && administrators.length <= 3
    ? undefined
    : lineworksError(400, 'INVALID_PARAMETER', 'administrators must be 1 to 3 users')
}
