import { isRecord } from './api-call'
import type { Look, Problem } from './field-rules'
import { lineActions } from './line-action-rules'
import {
  among,
  byType,
  flag,
  integer,
  list,
  object,
  optional,
  shape,
  text,
  url,
  wrong,
} from './line-rule-words'

const action = optional(object('action', lineActions('flex')))
const place = [optional(integer('flex')), optional(among('position', 'relative', 'absolute'))]
const gravity = optional(among('gravity', 'top', 'bottom', 'center'))
const align = optional(among('align', 'start', 'end', 'center'))
const letters = [
  optional(among('weight', 'regular', 'bold')),
  optional(among('style', 'normal', 'italic')),
  optional(among('decoration', 'none', 'underline', 'line-through')),
]
const shrink = [optional(among('adjustMode', 'shrink-to-fit')), optional(flag('scaling'))]
/** An empty text is no fault that LINE documents here, so only its type is looked at. */
const words: Look = (value, path) =>
  value.text === undefined || typeof value.text === 'string' ? [] : wrong(`${path}.text`)

const component: Look = (value, path) => components(value, path)
const box = shape(
  among('layout', 'horizontal', 'vertical', 'baseline'),
  list('contents', component, 0, Infinity),
  ...place,
  action,
  optional(
    among(
      'justifyContent',
      'center',
      'flex-start',
      'flex-end',
      'space-between',
      'space-around',
      'space-evenly',
    ),
  ),
  optional(among('alignItems', 'center', 'flex-start', 'flex-end')),
)
const span: Look = (value, path) => [...shape(...letters)(value, path), ...words(value, path)]
const paragraph = shape(
  ...place,
  ...letters,
  ...shrink,
  align,
  gravity,
  action,
  optional(flag('wrap')),
  optional(integer('maxLines')),
  optional(list('contents', byType({ span }), 0, Infinity)),
)

const components = byType({
  box,
  button: shape(
    object('action', lineActions('flexButton')),
    ...place,
    ...shrink,
    gravity,
    optional(among('style', 'primary', 'secondary', 'link')),
    optional(among('height', 'md', 'sm')),
  ),
  image: shape(
    url('url'),
    ...place,
    align,
    gravity,
    action,
    optional(among('aspectMode', 'fit', 'cover')),
    optional(flag('animated')),
  ),
  video: shape(url('url'), url('previewUrl'), object('altContent', component), action),
  icon: shape(url('url'), ...place, optional(flag('scaling'))),
  text: (value, path) => [...paragraph(value, path), ...words(value, path)],
  span,
  separator: shape(),
  filler: shape(optional(integer('flex'))),
})

const block = (field: string) => optional(object(field, byType({ box })))
const bubble = shape(
  optional(among('size', 'nano', 'micro', 'deca', 'hecto', 'kilo', 'mega', 'giga')),
  optional(among('direction', 'ltr', 'rtl')),
  block('header'),
  optional(object('hero', component)),
  block('body'),
  block('footer'),
  action,
)
const carousel = shape(list('contents', byType({ bubble }), 1, 12))

/** KB is taken as 1024 bytes of the JSON [doc R#flex-message]. */
const limited =
  (look: Look, kilobytes: number): Look =>
  (value, path) => [
    ...look(value, path),
    ...(Buffer.byteLength(JSON.stringify(value)) > kilobytes * 1024 ? tooLarge(path) : []),
    ...((JSON.stringify(value).match(/"animated":true/g)?.length ?? 0) > 10 ? wrong(path) : []),
  ]

const tooLarge = (property: string): Problem[] => [{ property, problem: 'size', rule: text('contents') }]

const oneSize: Look = ({ contents }, path) => {
  const sizes = Array.isArray(contents) ? contents.filter(isRecord).map(({ size = 'mega' }) => size) : []
  return new Set(sizes).size > 1 ? wrong(path) : []
}

/** The contents of a flex message. */
export const lineFlex = byType({
  bubble: limited(bubble, 30),
  carousel: (value, path) => [...limited(carousel, 50)(value, path), ...oneSize(value, path)],
})
