import { randomUUID } from 'node:crypto'
import { jsonBody, type ApiAnswer, type ApiCall } from './api-call'
import type { EmulatorContext } from './context'
import { closedRoom, lineworksError } from './lineworks-answers'
import type { BotOperation, LineworksParts } from './lineworks-api'

const base = '/v1.0/bots/:botId/channels'
const writing = ['bot', 'bot.message']
const reading = [...writing, 'bot.read']

/** Talk rooms: create, look, leave [seen S2, S3; doc rate-limits@en]. */
export function lineworksRoomOperations(options: LineworksParts): BotOperation[] {
  const { account, context } = options
  const titles = new Map<string, string>()
  const create = (call: ApiCall): ApiAnswer => {
    const { members, title = '' } = jsonBody(call) ?? {}
    const refused = roomFault(members, title)
    if (refused) return refused
    const channelId = randomUUID()
    for (const user of members as string[]) context.directory.saw('lineworks', { user, room: channelId })
    titles.set(channelId, String(title))
    return { status: 201, body: { channelId, title } }
  }
  const get = ({ params: { id = '' } }: ApiCall): ApiAnswer => {
    const channelType = { type: 'MULTI_USERS' }
    const body = { domainId: account.domainId, channelId: id, title: titles.get(id) ?? id, channelType }
    return closedRoom(id, context) ?? { status: 200, body }
  }
  return [
    { name: 'channels.create', method: 'post', path: base, scopes: writing, perMinute: 10, handle: create },
    { name: 'channels.get', method: 'get', path: `${base}/:id`, scopes: reading, handle: get },
    {
      name: 'channels.leave',
      method: 'delete',
      path: `${base}/:id`,
      scopes: writing,
      handle: ({ params: { id = '' } }) => {
        const refused = closedRoom(id, context)
        if (!refused) context.directory.left('lineworks', id)
        return refused ?? { status: 204 }
      },
    },
    {
      name: 'channels.members',
      method: 'get',
      path: `${base}/:id/members`,
      scopes: reading,
      handle: (call) => closedRoom(call.params.id ?? '', context) ?? members(call, context),
    },
  ]
}

function roomFault(members: unknown, title: unknown): ApiAnswer | undefined {
  if (!Array.isArray(members)) return lineworksError(400, 'MISSING_PARAMETER', 'members is required')
  const unique = new Set(members as unknown[])
  const valid = members.every((member) => typeof member === 'string' && member !== '')
  if (!valid || unique.size !== members.length || members.length < 1 || members.length > 100)
    return lineworksError(400, 'INVALID_PARAMETER', 'members must be 1 to 100 unique ids')
  return typeof title === 'string' && title.length <= 1000
    ? undefined
    : lineworksError(400, 'LIMIT_EXCEEDED', 'title must have at most 1000 characters')
}

/** `count` at most 100; the cursor is opaque to bots. */
function members({ params: { id = '' }, query }: ApiCall, context: EmulatorContext): ApiAnswer {
  const count = Number(query.get('count') ?? 100)
  if (!Number.isInteger(count) || count < 1 || count > 100)
    return lineworksError(400, 'OUT_OF_RANGE', 'count must be between 1 and 100')
  const from = Number(Buffer.from(query.get('cursor') ?? '', 'base64').toString() || 0)
  const known = [...(context.directory.room('lineworks', id)?.members ?? [])]
  const rest = from + count < known.length
  const nextCursor = rest ? Buffer.from(String(from + count)).toString('base64') : ''
  return { status: 200, body: { members: known.slice(from, from + count), responseMetaData: { nextCursor } } }
}
