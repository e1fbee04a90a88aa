import { emulatedBotName } from './accounts'
import {
  bytesOf,
  needed,
  no,
  pickedImage,
  pickedPlace,
  tapped,
  textField,
  type Actor,
  type DeedsOf,
  type Doing,
} from './page-deeds'
import type { People } from './page-people'
import type { EmulatedLineworks } from './platforms'
import type { RawEvent } from './platform-webhooks'
import { samplePicture } from './sample-picture'

const name = 'LINE WORKS'

/** What LINE WORKS users do, as the events of its callback [doc bot-callback]. */
export function lineworksDeeds({ attachments }: EmulatedLineworks, people: People): DeedsOf {
  /** A message in a one-to-one talk has no `channelId` [doc bot-callback-message@en] … */
  const message = ({ user, room }: Actor, content: RawEvent, file?: string): Doing => ({
    event: { type: 'message', source: { userId: user.id, ...(room ? { channelId: room.id } : {}) }, content },
    ...(file === undefined ? {} : { content: file }),
  })
  /** … every other event has [doc bot-callback-postback@en, -begin@jp]. */
  const event = ({ user, room }: Actor, type: string, fields: RawEvent = {}): RawEvent => ({
    type,
    source: { userId: user.id, channelId: room?.id ?? people.oneToOneRoom(user.id) },
    ...fields,
  })
  const upload = (
    actor: Actor,
    type: string,
    file: { fileName?: string; contentType: string; bytes: Buffer },
  ) => {
    const fileId = attachments.put(file)
    return message(actor, { type, fileId }, `/__emulator/page/files/${encodeURIComponent(fileId)}`)
  }
  const image: DeedsOf['image'] = ({ data, contentType = 'image/png', name: fileName }, actor) => {
    const bytes = data === undefined ? samplePicture() : bytesOf(data)
    return upload(actor, 'image', { bytes, contentType, ...(fileName === undefined ? {} : { fileName }) })
  }
  // The event has no title [seen S6, S18].
  const location: DeedsOf['location'] = ({ address, latitude, longitude }, actor) =>
    message(actor, { type: 'location', address, latitude, longitude })
  const ofRoom = (actor: Actor, type: string): Doing => {
    const room = needed(actor.room, 'Name the room that the bot is to join or leave.')
    return { event: { type, source: { channelId: room.id } } }
  }
  const alone = (actor: Actor, type: string): Doing =>
    actor.room ? no(name, `event ${type} in a room`) : { event: event(actor, type) }

  return {
    // Mentions are plain text: no structured field is documented.
    text: ({ text, mentionsBot }, actor) => {
      const mention = `@${emulatedBotName}`
      const whole = mentionsBot && !text.includes(mention) ? `${mention} ${text}` : text
      return message(actor, { type: 'text', text: whole })
    },
    sticker: ({ packageId, stickerId }, actor) => message(actor, { type: 'sticker', packageId, stickerId }),
    image,
    file: ({ name: fileName, data, contentType = 'application/octet-stream' }, actor) =>
      upload(actor, 'file', { fileName, contentType, bytes: bytesOf(data) }),
    location,
    tap: ({ action, params = {} }, actor) => {
      switch (action.type) {
        case 'postback': {
          const shown = action.displayText
          return {
            event: event(actor, 'postback', { data: textField(action, 'data') }),
            ...(typeof shown === 'string' ? { message: { type: 'text', text: shown } } : {}),
          }
        }
        case 'message': {
          const { text = action.label, postback } = action
          const content = { type: 'text', text: textField({ text }, 'text') }
          return message(actor, typeof postback === 'string' ? { ...content, postback } : content)
        }
        case 'camera':
        case 'cameraRoll':
          return image(pickedImage(params), actor)
        case 'location':
          return location(pickedPlace(params), actor)
        default:
          return tapped('lineworks', action) ?? no(name, `action ${JSON.stringify(action.type)}`)
      }
    },
    follow: (_deed, actor) => alone(actor, 'begin'),
    unfollow: (_deed, actor) => alone(actor, 'end'),
    join: (_deed, actor) => ofRoom(actor, 'join'),
    leave: (_deed, actor) => ofRoom(actor, 'leave'),
    unsend: () => no(name, 'event for a message that is taken back'),
    edit: () => no(name, 'event for an edited message'),
  }
}
