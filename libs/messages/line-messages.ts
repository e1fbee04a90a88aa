import { z } from 'zod'
import { lineAction, lineButtons } from './line-actions'
import { also, characters, https, list, object, oneOf, optional, pattern, text } from './line-fields'
import { flexMessage } from './line-flex'

// Every limit of LINE's message objects that can be seen without fetching anything [doc R#message-objects].

const id = z.string().min(1)

const base = optional({
  quickReply: object({
    items: list(
      object({ type: z.literal('action'), imageUrl: https().optional(), action: lineAction('quickReply') }),
      0,
      13,
    ),
  }),
  sender: object(
    optional({
      name: also(text(20), (name) => (name.includes('LINE') ? 'must not contain "LINE"' : undefined)),
      iconUrl: https(),
    }),
  ),
})

const textMessage = also(
  object({
    text: text(5000),
    emojis: list(object({ index: z.int().min(0), productId: id, emojiId: id }), 0, 20).optional(),
    quoteToken: id.optional(),
  }),
  (message) => {
    const { text: words, emojis = [] } = message as { text: string; emojis?: { index: number }[] }
    return emojis
      .map(({ index }, i) => ({
        path: ['emojis', i, 'index'],
        problem: `is ${index}, where the text has no "$"`,
        index,
      }))
      .filter(({ index }) => words[index] !== '$')
  },
)

const substitution = also(
  z.record(
    z.string(),
    oneOf({
      mention: object({ mentionee: oneOf({ user: object({ userId: id }), all: object({}) }) }),
      emoji: object({ productId: id, emojiId: id }),
    }),
  ),
  (values) => {
    const wrong = Object.keys(values).find((key) => !/^\w{1,20}$/.test(key))
    if (wrong !== undefined) return 'has a name that is not 1 to 20 of A-Z, a-z, 0-9 and _'
    const count = (type: string) => Object.values(values).filter((value) => value.type === type).length
    // LINE's limit of 100 names in all is never reached first.
    for (const type of ['mention', 'emoji'])
      if (count(type) > 20) return `has ${count(type)} of type "${type}"; LINE takes at most 20`
    return undefined
  },
)

const textV2Message = also(
  object({ text: text(5000), substitution: substitution.optional(), quoteToken: id.optional() }),
  (message) => {
    const { text: words, substitution: known = {} } = message as { text: string; substitution?: object }
    const wrong = [...words.matchAll(/\{\{|\}\}|\{(\w+)\}|[{}]/g)].find(
      ([found, name]) => found !== '{{' && found !== '}}' && !(name && Object.hasOwn(known, name)),
    )
    if (!wrong) return undefined
    const what = wrong[1]
      ? `has the placeholder {${wrong[1].slice(0, 20)}}, which substitution does not name`
      : `has a lone ${wrong[0]} at ${wrong.index}`
    return { path: ['text'], problem: `${what}; write {{ and }} for braces` }
  },
)

const area = object({ x: z.int(), y: z.int(), width: z.int(), height: z.int() })
const imagemapAction = (fields: Record<string, z.ZodType>) =>
  object({ area, label: characters(100).optional(), ...fields })

const imagemap = object({
  baseUrl: also(https(), (value) =>
    /\.(png|jpe?g)$/i.test(value) ? 'must have no extension: LINE appends a width to it' : undefined,
  ),
  altText: text(1500),
  baseSize: object({ width: z.literal(1040), height: z.int().min(1) }),
  actions: list(
    oneOf({
      uri: imagemapAction({ linkUri: text(1000) }),
      message: imagemapAction({ text: text(400) }),
      clipboard: imagemapAction({ clipboardText: text(1000) }),
    }),
    0,
    50,
  ),
  video: object({
    originalContentUrl: https(),
    previewImageUrl: https(),
    area,
    externalLink: object({ linkUri: text(1000), label: text(30) }).optional(),
  }).optional(),
})

const pictured = {
  title: characters(40).optional(),
  thumbnailImageUrl: https().optional(),
  defaultAction: lineAction('default').optional(),
}
const pictures = optional({
  imageAspectRatio: z.enum(['rectangle', 'square']),
  imageSize: z.enum(['cover', 'contain']),
})

/** A text that must be shorter beside an image or a title. */
const withShorterText = (fields: z.ZodObject) =>
  also(fields, ({ text: words, title, thumbnailImageUrl }) => {
    if (title === undefined && thumbnailImageUrl === undefined) return undefined
    const problem = characters(60).safeParse(words).error?.issues[0]?.message
    return problem ? { path: ['text'], problem: `${problem} beside an image or a title` } : undefined
  })

const column = withShorterText(object({ ...pictured, text: characters(120), actions: lineButtons(1, 3) }))

/** What all columns must have alike. */
const alike: Record<string, (column: Record<string, unknown>) => unknown> = {
  'number of actions': ({ actions }) => (actions as unknown[]).length,
  'presence of an image': ({ thumbnailImageUrl }) => thumbnailImageUrl !== undefined,
  'presence of a title': ({ title }) => title !== undefined,
}

const carousel = object({
  columns: also(list(column, 1, 10), (columns) => {
    const first = columns[0] ?? {}
    return Object.entries(alike).flatMap(([what, of]) => {
      const index = columns.findIndex((each) => of(each) !== of(first))
      return index < 0 ? [] : { path: [index], problem: `differs in the ${what} from the first column` }
    })
  }),
  ...pictures,
})

const template = oneOf({
  buttons: withShorterText(
    object({ ...pictured, ...pictures, text: characters(160), actions: lineButtons(1, 4) }),
  ),
  confirm: object({ text: characters(240), actions: lineButtons(2, 2) }),
  carousel,
  image_carousel: object({
    columns: list(object({ imageUrl: https(), action: lineAction('imageCarousel') }), 1, 10),
  }),
})

const media = { originalContentUrl: https(), previewImageUrl: https() }

const types = {
  text: textMessage,
  textV2: textV2Message,
  sticker: object({ packageId: id, stickerId: id, quoteToken: id.optional() }),
  image: object(media),
  video: object({ ...media, trackingId: text(100).optional() }),
  audio: object({ originalContentUrl: https(), duration: z.int().min(0) }),
  location: object({ title: text(100), address: text(100), latitude: z.number(), longitude: z.number() }),
  coupon: object({
    couponId: id,
    deliveryTag: pattern(/^\w{1,30}$/, '1 to 30 of A-Z, a-z, 0-9 and _').optional(),
  }),
  imagemap,
  template: object({ altText: text(1500), template }),
  flex: flexMessage,
}

export const lineMessage = oneOf(
  Object.fromEntries(Object.entries(types).map(([type, fields]) => [type, fields.safeExtend(base)])),
)
