import type { Conversation } from '#libs/contract'
import { isRecord } from './api-call'
import { fieldProblem, type FieldRule, type Look, type Problem } from './field-rules'
import { lineActions } from './line-action-rules'
import { lineFlex } from './line-flex-rules'
import {
  among,
  byType,
  graphemes,
  integer,
  list,
  number,
  object,
  optional,
  shape,
  text,
  url,
  wrong,
} from './line-rule-words'

/** An entry of `details` in LINE's error body. */
export interface LineDetail {
  message: string
  property: string
}

const quickReplyItem = shape(
  among('type', 'action'),
  optional(url('imageUrl')),
  object('action', lineActions('quickReply')),
)

/** They go with every type. */
const common = [
  optional(object('quickReply', shape(list('items', quickReplyItem, 0, 13)))),
  optional(
    object(
      'sender',
      shape(optional({ ...text('name', 20), like: /^(?!.*LINE)/s }), optional(url('iconUrl'))),
    ),
  ),
]

const quoteToken = optional(text('quoteToken'))
const emoji = [text('productId'), text('emojiId')]
const area = object('area', shape(integer('x'), integer('y'), integer('width'), integer('height')))
const altText = text('altText', 1500)
const picture = [url('originalContentUrl'), url('previewImageUrl')]

const mapAction = (...rules: FieldRule[]) => shape(...rules, area, optional(graphemes('label', 100)))
const mapVideo = shape(
  ...picture,
  area,
  optional(object('externalLink', shape(text('linkUri', 1000), text('label', 30)))),
)

const substitutes = byType({
  mention: shape(object('mentionee', byType({ user: shape(text('userId')), all: shape() }))),
  emoji: shape(...emoji),
})

const cardImage = [optional(url('thumbnailImageUrl')), optional(graphemes('title', 40))]
const imageForm = [
  optional(among('imageAspectRatio', 'rectangle', 'square')),
  optional(among('imageSize', 'cover', 'contain')),
]
const buttons = (min: number, max: number) => list('actions', lineActions('template'), min, max)
const defaultAction = optional(object('defaultAction', lineActions('default')))

/** The text is shorter beside an image or a title. */
const card =
  (max: number): Look =>
  (value, path) =>
    fieldProblem(value, graphemes('text', value.title || value.thumbnailImageUrl ? 60 : max), path)

const templates = byType({
  buttons: both(shape(...cardImage, ...imageForm, defaultAction, buttons(1, 4)), card(160)),
  confirm: shape(graphemes('text', 240), buttons(2, 2)),
  carousel: both(
    shape(
      ...imageForm,
      list('columns', both(shape(...cardImage, defaultAction, buttons(1, 3)), card(120)), 1, 10),
    ),
    columnsAlike,
  ),
  image_carousel: shape(
    list('columns', shape(url('imageUrl'), object('action', lineActions('imageCarousel'))), 1, 10),
  ),
})

/** Limits of [doc R#message-objects]. */
const messages = byType(
  {
    text: both(
      shape(
        text('text', 5000),
        optional(list('emojis', shape(integer('index'), ...emoji), 0, 20)),
        quoteToken,
      ),
      emojisAtDollars,
    ),
    textV2: both(
      shape(text('text', 5000), optional(object('substitution', substitutions)), quoteToken),
      placeholders,
    ),
    sticker: shape(text('packageId'), text('stickerId'), quoteToken),
    image: shape(...picture),
    video: shape(...picture, optional(text('trackingId', 100))),
    audio: shape(url('originalContentUrl'), integer('duration')),
    location: shape(text('title', 100), text('address', 100), number('latitude'), number('longitude')),
    coupon: shape(text('couponId'), optional({ ...text('deliveryTag', 30), like: /^\w+$/ })),
    imagemap: shape(
      { ...url('baseUrl'), like: /(?<!\.(png|jpe?g))$/i },
      altText,
      object('baseSize', shape({ ...integer('width'), among: [1040] }, integer('height'))),
      list(
        'actions',
        byType({
          uri: mapAction(text('linkUri', 1000)),
          message: mapAction(text('text', 400)),
          clipboard: mapAction(text('clipboardText', 1000)),
        }),
        0,
        50,
      ),
      optional(object('video', mapVideo)),
    ),
    template: shape(altText, object('template', templates)),
    flex: shape(altText, object('contents', lineFlex)),
  },
  'message type',
)

/** What LINE would say about the `messages` of a request; empty when nothing is wrong. */
export function lineMessageDetails(given: unknown, kind?: Conversation['kind']): LineDetail[] {
  if (!Array.isArray(given) || given.length < 1 || given.length > 5) {
    return [{ message: 'Size must be between 1 and 5', property: 'messages' }]
  }
  return given.flatMap((message: unknown, i) => oneMessage(message, `messages[${i}]`, kind))
}

function oneMessage(message: unknown, path: string, kind?: Conversation['kind']): LineDetail[] {
  if (!isRecord(message)) return [{ message: 'must be specified', property: path }]
  return [
    ...messages(message, path),
    ...shape(...common)(message, path),
    ...misplaced(message, path, kind),
  ].map(lineDetail)
}

function both(...looks: Look[]): Look {
  return (value, path) => looks.flatMap((look) => look(value, path))
}

function records(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value.filter(isRecord) : []
}

/** Mentions are for groups and rooms, tracking ids for users [doc R#send-push-message, R#video-message]. */
function misplaced(message: Record<string, unknown>, path: string, kind?: Conversation['kind']): Problem[] {
  const shared = kind === 'group' || kind === 'room'
  if (shared && message.trackingId !== undefined) return wrong(`${path}.trackingId`)
  const substitution = isRecord(message.substitution) ? message.substitution : {}
  const mention = Object.keys(substitution).find((key) => {
    const value = substitution[key]
    return isRecord(value) && value.type === 'mention'
  })
  return kind === 'user' && mention !== undefined ? wrong(`${path}.substitution.${mention}`) : []
}

function emojisAtDollars(message: Record<string, unknown>, path: string): Problem[] {
  const words = String(message.text)
  return records(message.emojis).flatMap(({ index }, i) =>
    words[Number(index)] === '$' ? [] : wrong(`${path}.emojis[${i}].index`),
  )
}

function substitutions(value: Record<string, unknown>, path: string): Problem[] {
  const entries = Object.entries(value)
  const many = ['mention', 'emoji'].filter(
    (type) => records(Object.values(value)).filter((one) => one.type === type).length > 20,
  )
  return [
    ...(entries.length > 100 || many.length > 0 ? wrong(path) : []),
    ...entries.flatMap(([name, one]) => [
      ...(/^[A-Za-z0-9_]{1,20}$/.test(name) ? [] : wrong(`${path}.${name}`)),
      ...(isRecord(one) ? substitutes(one, `${path}.${name}`) : wrong(`${path}.${name}`)),
    ]),
  ]
}

/** [assumed] A placeholder without a substitution and a brace of its own are refused; `{{` and `}}` are braces. */
function placeholders({ text: words, substitution }: Record<string, unknown>, path: string): Problem[] {
  if (typeof words !== 'string') return []
  const left = words
    .replaceAll(/\{\{|\}\}/g, '')
    .replaceAll(/\{([A-Za-z0-9_]+)\}/g, (all, name: string) =>
      isRecord(substitution) && Object.hasOwn(substitution, name) ? '' : all,
    )
  return /[{}]/.test(left) ? wrong(`${path}.text`) : []
}

/** All columns have an image or none has, likewise titles, and all have the same number of actions. */
function columnsAlike({ columns }: Record<string, unknown>, path: string): Problem[] {
  const looks = records(columns).map(({ thumbnailImageUrl, title, actions }) =>
    [Boolean(thumbnailImageUrl), Boolean(title), Array.isArray(actions) && actions.length].join(),
  )
  const other = looks.findIndex((look) => look !== looks[0])
  return other < 0 ? [] : wrong(`${path}.columns[${other}]`)
}

/** LINE's phrases, as far as the reference shows them [doc R#error-responses]; those of `type`, `value` and `unknown` are invented. */
function lineDetail({ property, problem, rule }: Problem): LineDetail {
  const range = `between ${rule.min ?? 0} and ${rule.max ?? 0}`
  const phrases: Record<Problem['problem'], string> = {
    missing: rule.is === 'text' ? 'May not be empty' : 'must be specified',
    empty: 'May not be empty',
    type: `must be a ${rule.is}`,
    size: rule.is === 'list' ? `Size must be ${range}` : `Length must be ${range}`,
    uri: 'invalid uri',
    value: 'invalid value',
    unknown: `Unknown ${rule.field}`,
  }
  return { property, message: phrases[problem] }
}
