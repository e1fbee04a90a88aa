import type { ApiAnswer, ApiCall } from './api-call'
import type { EmulatorContext } from './context'
import type { Room } from './directory'
import { lineError } from './line-answers'
import { lineIdPage, lineProfile } from './line-info'
import type { LineOperation } from './line-operation'

/** Groups and rooms: what they are called, who is in them, and how to leave [openapi M]. */
export function lineRoomOperations(context: EmulatorContext): LineOperation[] {
  const known = (call: ApiCall, handle: (room: Room) => ApiAnswer) => {
    const room = context.directory.room('line', call.params.roomId ?? '')
    return room ? handle(room) : lineError(404, 'Not found')
  }
  const ofKind = (kind: 'group' | 'room'): LineOperation[] => {
    const path = `/v2/bot/${kind}/:roomId`
    return [
      {
        name: 'profile',
        method: 'get',
        path: `${path}/member/:userId`,
        handle: ({ params }) => lineProfile(params.userId, context),
      },
      {
        name: 'members',
        method: 'get',
        path: `${path}/members/count`,
        handle: (call) => known(call, ({ members }) => ({ status: 200, body: { count: members.size } })),
      },
      {
        name: 'members.ids',
        method: 'get',
        path: `${path}/members/ids`,
        handle: (call) =>
          known(call, ({ members }) =>
            lineIdPage(call, context, { ids: [...members], limit: 100, field: 'memberIds' }),
          ),
      },
      {
        name: 'leave',
        method: 'post',
        path: `${path}/leave`,
        handle: (call) =>
          known(call, ({ id }) => {
            context.directory.left('line', id)
            return { status: 200, body: {} }
          }),
      },
    ]
  }
  return [
    ...ofKind('group'),
    ...ofKind('room'),
    {
      name: 'summary',
      method: 'get',
      path: '/v2/bot/group/:roomId/summary',
      handle: (call) =>
        known(call, ({ id }) => ({
          status: 200,
          body: {
            groupId: id,
            groupName: context.directory.roomName('line', id) ?? `Group ${id.slice(0, 6)}`,
          },
        })),
    },
  ]
}
