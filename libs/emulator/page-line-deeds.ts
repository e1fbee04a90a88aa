import { HooklineError } from '#libs/contract'
import { emulatedBotName, type LineAccount } from './accounts'
import { newLineMessageId } from './line-ids'
import {
  bytesOf,
  needed,
  no,
  pickedImage,
  pickedPlace,
  tapped,
  textField,
  type Actor,
  type DeedOf,
  type DeedsOf,
  type Doing,
} from './page-deeds'
import type { EmulatedLine } from './platforms'
import type { RawEvent } from './platform-webhooks'
import { samplePicture } from './sample-picture'

/** What LINE users do, as the events of the Messaging API [doc R#webhook-event-objects]. */
export function lineDeeds({ contents, richMenus }: EmulatedLine, account: LineAccount): DeedsOf {
  const message = (actor: Actor, fields: RawEvent, content?: string): Doing => ({
    event: { type: 'message', source: sourceOf(actor, true), message: fields },
    ...(content === undefined ? {} : { content }),
  })
  const upload = (actor: Actor, fields: RawEvent, file: { bytes: Buffer; contentType: string }): Doing => {
    const id = newLineMessageId()
    contents.put(id, file)
    return message(actor, { id, ...fields }, `/__emulator/page/contents/${id}`)
  }
  const postback = (actor: Actor, fields: RawEvent, shownText?: unknown): Doing => ({
    event: { type: 'postback', source: sourceOf(actor, true), postback: fields },
    ...(typeof shownText === 'string' ? { message: { type: 'text', text: shownText } } : {}),
  })
  const image: DeedsOf['image'] = ({ data, contentType = 'image/png' }, actor) => {
    const file = data === undefined ? sample() : { bytes: bytesOf(data), contentType }
    return upload(actor, { type: 'image', contentProvider: { type: 'line' } }, file)
  }
  const location: DeedsOf['location'] = ({ kind: _kind, ...place }, actor) =>
    message(actor, { type: 'location', ...place })

  return {
    text: (deed, actor) => message(actor, textMessage(deed, account)),
    sticker: ({ packageId, stickerId }, actor) =>
      message(actor, { type: 'sticker', packageId, stickerId, stickerResourceType: 'STATIC' }),
    image,
    file: ({ name, data, contentType = 'application/octet-stream' }, actor) => {
      const bytes = bytesOf(data)
      return upload(actor, { type: 'file', fileName: name, fileSize: bytes.length }, { bytes, contentType })
    },
    location,
    tap: ({ action, params = {} }, actor) => {
      switch (action.type) {
        case 'postback':
          return postback(actor, { data: textField(action, 'data') }, action.displayText ?? action.text)
        case 'message':
          return message(actor, { type: 'text', text: textField(action, 'text') })
        case 'datetimepicker':
          return postback(actor, { data: textField(action, 'data'), params: pickedTime(action, params) })
        case 'richmenuswitch': {
          const newRichMenuAliasId = textField(action, 'richMenuAliasId')
          const status = richMenus.switchTo(actor.user.id, newRichMenuAliasId)
          return postback(actor, { data: action.data ?? '', params: { newRichMenuAliasId, status } })
        }
        case 'camera':
        case 'cameraRoll':
          return image(pickedImage(params), actor)
        case 'location':
          return location(pickedPlace(params), actor)
        default:
          return tapped('line', action) ?? no('LINE', `action ${JSON.stringify(action.type)}`)
      }
    },
    follow: (_deed, actor) => ({
      event: { type: 'follow', source: alone(actor), follow: { isUnblocked: actor.user.follows === false } },
    }),
    unfollow: (_deed, actor) => ({ event: { type: 'unfollow', source: alone(actor) } }),
    join: (_deed, actor) => ({ event: { type: 'join', source: roomOf(actor) } }),
    leave: (_deed, actor) => ({ event: { type: 'leave', source: roomOf(actor) } }),
    unsend: ({ messageId }, actor) => {
      own(messageId, actor)
      return { event: { type: 'unsend', source: sourceOf(actor, true), unsend: { messageId } } }
    },
    edit: ({ messageId, text }, actor) => {
      // Only in group chats, and only text [doc R#edit-event].
      if (actor.room?.kind !== 'group') return no('LINE', 'edited messages outside of groups')
      if (own(messageId, actor).message?.type !== 'text') return no('LINE', 'edited messages but texts')
      const edited = { type: 'text', id: messageId, text }
      return { event: { type: 'messageEdited', source: sourceOf(actor, true), message: edited } }
    },
  }
}

function sample() {
  return { bytes: samplePicture(), contentType: 'image/png' }
}

/** Rooms name their user only in some events [doc R#common-properties]. */
function sourceOf({ user, room }: Actor, withUser: boolean): RawEvent {
  const userId = withUser ? { userId: user.id } : {}
  if (!room) return { type: 'user', userId: user.id }
  return room.kind === 'room'
    ? { type: 'room', roomId: room.id, ...userId }
    : { type: 'group', groupId: room.id, ...userId }
}

function alone(actor: Actor): RawEvent {
  if (actor.room) return no('LINE', 'follow or unfollow in a room')
  return sourceOf(actor, true)
}

function roomOf(actor: Actor): RawEvent {
  needed(actor.room, 'Name the room that the bot is to join or leave.')
  return sourceOf(actor, false)
}

/** A mention names its place in UTF-16 units, and says when it is the bot that is meant. */
function textMessage({ text, mentionsBot, replyTo }: DeedOf<'text'>, account: LineAccount): RawEvent {
  const quoted = replyTo === undefined ? {} : { quotedMessageId: replyTo }
  if (!mentionsBot) return { type: 'text', text, ...quoted }
  const name = `@${emulatedBotName}`
  const whole = text.includes(name) ? text : `${name} ${text}`
  const mentionee = { type: 'user', userId: account.botUserId, isSelf: true }
  const mentionees = [{ index: whole.indexOf(name), length: name.length, ...mentionee }]
  return { type: 'text', text: whole, mention: { mentionees }, ...quoted }
}

const times: Record<string, RegExp> = {
  date: /^\d{4}-\d{2}-\d{2}$/,
  time: /^\d{2}:\d{2}$/,
  datetime: /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}$/,
}

function pickedTime(action: Record<string, unknown>, params: Record<string, unknown>): RawEvent {
  const mode = textField(action, 'mode')
  const value = params[mode]
  if (typeof value === 'string' && times[mode]?.test(value)) return { [mode]: value }
  throw new HooklineError(
    'config_invalid',
    `Give what was picked as params: {"${mode}": "…"}, as 2026-10-01, 10:30 or 2026-10-01T10:30.`,
  )
}

/** A user takes back and edits only what they sent here. */
function own(messageId: string, { chat, user }: Actor) {
  const line = chat.byMessage('line', messageId)
  if (line?.from.kind === 'user' && line.from.id === user.id && !line.unsent) return line
  throw new HooklineError('config_invalid', `${user.name} has no message ${messageId} to take back or edit.`)
}
