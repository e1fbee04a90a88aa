import { z } from 'zod'

/*
 * What the push API takes: validation, types and the OpenAPI document all come from here. The limits of the platforms
 * are not in it, but those of the portable messages themselves: `render` knows what each platform can take.
 */

const some = z.string().min(1)
const optional = some.exactOptional()

const targetId = z.string().regex(/^(?!\.{1,2}$)\S{1,200}$/, {
  error: 'must be an id of the platform: 1 to 200 characters without blanks',
})

export const targetKinds = ['user', 'group', 'room', 'channel'] as const

const target = z
  .strictObject({
    user: targetId.exactOptional(),
    group: targetId.exactOptional(),
    room: targetId.exactOptional(),
    channel: targetId.exactOptional(),
  })
  .refine((given) => Object.keys(given).length === 1, {
    error: 'must name exactly one of user, group, room and channel',
  })
  .meta({
    description:
      'Where the messages go: one of the platform’s own ids. LINE: user, group, room. LINE WORKS: user, channel. Tocaro: group (channel means the same).',
    minProperties: 1,
    maxProperties: 1,
  })

const messageAction = { type: z.literal('message'), label: some, text: optional }
const postbackAction = { type: z.literal('postback'), label: some, data: some, text: optional }
const linkAction = { type: z.literal('link'), label: some, url: some }

const action = z
  .discriminatedUnion('type', [
    z.strictObject(messageAction),
    z.strictObject(postbackAction),
    z.strictObject(linkAction),
  ])
  .describe('A choice that the user taps.')

const imageUrl = { imageUrl: optional }

const quickReply = z
  .union([
    some,
    z.discriminatedUnion('type', [
      z.strictObject({ ...messageAction, ...imageUrl }),
      z.strictObject({ ...postbackAction, ...imageUrl }),
      z.strictObject({ ...linkAction, ...imageUrl }),
      z.strictObject({ type: z.enum(['location', 'camera', 'cameraRoll']), label: some, ...imageUrl }),
    ]),
  ])
  .describe('A choice above the keyboard. A string says itself.')

const base = { quickReplies: z.array(quickReply).max(13).exactOptional() }
const stickerId = z.strictObject({ packageId: some, stickerId: some })
const card = { text: some, title: optional, imageUrl: optional }

const portable = {
  TextMessage: z.strictObject({
    ...base,
    type: z.literal('text'),
    text: some,
    mentions: z
      .record(z.string(), z.union([some, z.strictObject({ userId: some, name: optional })]))
      .describe('Who stands for which {name} in the text: a user id, or "all".')
      .exactOptional(),
  }),
  ImageMessage: z.strictObject({
    ...base,
    type: z.literal('image'),
    url: some,
    previewUrl: optional,
    alt: optional,
  }),
  FileMessage: z.strictObject({ ...base, type: z.literal('file'), url: some, name: some }),
  LinkMessage: z.strictObject({ ...base, type: z.literal('link'), text: some, label: some, url: some }),
  LocationMessage: z.strictObject({
    ...base,
    type: z.literal('location'),
    title: some,
    address: some,
    latitude: z.number().min(-90).max(90),
    longitude: z.number().min(-180).max(180),
  }),
  StickerMessage: z.strictObject({
    ...base,
    type: z.literal('sticker'),
    line: stickerId.exactOptional(),
    lineworks: stickerId.exactOptional(),
    alt: some,
  }),
  ButtonsMessage: z.strictObject({
    ...base,
    ...card,
    type: z.literal('buttons'),
    actions: z.array(action).min(1).max(4),
  }),
  CarouselMessage: z.strictObject({
    ...base,
    type: z.literal('carousel'),
    cards: z
      .array(z.strictObject({ ...card, actions: z.array(action).min(1).max(3) }))
      .min(1)
      .max(10),
    alt: optional,
  }),
}

const native = z
  .strictObject({
    type: z.literal('native'),
    platform: z.enum(['line', 'lineworks', 'tocaro']),
    message: z.record(z.string(), z.unknown()),
  })
  .describe(
    'One of the platform’s own message objects, sent as it is: LINE a message object, LINE WORKS the content, Tocaro the body of a post.',
  )

const message = z
  .discriminatedUnion('type', [
    portable.TextMessage,
    portable.ImageMessage,
    portable.FileMessage,
    portable.LinkMessage,
    portable.LocationMessage,
    portable.StickerMessage,
    portable.ButtonsMessage,
    portable.CarouselMessage,
    native,
  ])
  .describe('What is sent. docs/guide/messages.md')

/** More would keep one conversation busy for minutes, on platforms with one call per message. */
const maxMessages = 50

export const pushRequest = z.strictObject({ to: target, messages: z.array(message).min(1).max(maxMessages) })

/** A request to send messages, as it comes in. */
export type PushRequest = z.infer<typeof pushRequest>

/** By their names in the OpenAPI document. */
export const requestSchemas = {
  Target: target,
  Action: action,
  QuickReply: quickReply,
  ...portable,
  NativeMessage: native,
  Message: message,
  PushRequest: pushRequest,
}
