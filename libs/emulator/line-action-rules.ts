import type { FieldRule, Look } from './field-rules'
import { among, byType, graphemes, object, optional, shape, text, wrong } from './line-rule-words'

/** How long a label may be where, and whether there must be one [doc R#action-object-label-spec]. */
const labels = {
  template: graphemes('label', 20),
  default: optional(graphemes('label', 20)),
  imageCarousel: optional(graphemes('label', 12)),
  quickReply: graphemes('label', 20),
  flexButton: graphemes('label', 40),
  flex: optional(graphemes('label', 40)),
}

/** Letters that a URL may have, after one of the schemes that a tap can open [doc R#uri-action]. */
const link = (field: string): FieldRule => ({ ...text(field, 1000), like: /^(https?|line|tel):[!-~]+$/i })
const data = text('data', 300)

const postback: Look = (action, path) => [
  ...shape(
    data,
    optional(graphemes('displayText', 300)),
    optional(graphemes('text', 300)),
    optional(among('inputOption', 'closeRichMenu', 'openRichMenu', 'openKeyboard', 'openVoice')),
    optional(graphemes('fillInText', 300)),
  )(action, path),
  ...(action.text && action.displayText ? wrong(`${path}.displayText`) : []),
  ...(action.fillInText && action.inputOption !== 'openKeyboard' ? wrong(`${path}.fillInText`) : []),
]

const date = String.raw`(19\d\d|20\d\d|2100)-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])`
const time = String.raw`([01]\d|2[0-3]):[0-5]\d`
const forms: Record<string, RegExp> = {
  date: new RegExp(`^${date}$`),
  time: new RegExp(`^${time}$`),
  datetime: new RegExp(`^${date}[tT]${time}$`),
}

const fields = ['initial', 'min', 'max']

const datetimepicker: Look = (action, path) => {
  const like = forms[String(action.mode)] ?? /^/
  const moments = fields.map((field) => optional({ ...text(field), like }))
  return [
    ...shape(data, among('mode', ...Object.keys(forms)), ...moments)(action, path),
    ...(endsTooEarly(action) ? wrong(`${path}.max`) : []),
    ...fields.filter((field) => isNoDay(action[field])).flatMap((field) => wrong(`${path}.${field}`)),
  ]
}

function endsTooEarly({ min, max }: Record<string, unknown>): boolean {
  return typeof min === 'string' && typeof max === 'string' && max.toLowerCase() <= min.toLowerCase()
}

/** The 30th of February, for instance, which would come back as a day in March. */
function isNoDay(value: unknown): boolean {
  const [day] = (typeof value === 'string' && new RegExp(`^${date}`).exec(value)) || []
  return day !== undefined && new Date(`${day}T00:00Z`).toISOString().slice(0, 10) !== day
}

const everywhere: Record<string, Look> = {
  postback,
  message: shape(graphemes('text', 300)),
  uri: shape(link('uri'), optional(object('altUri', shape(optional(link('desktop')))))),
  datetimepicker,
  clipboard: shape(text('clipboardText', 1000)),
}

const onPhones: Record<string, Look> = { camera: shape(), cameraRoll: shape(), location: shape() }

/** An action object where messages have one. */
export function lineActions(place: keyof typeof labels): Look {
  const known = byType(place === 'quickReply' ? { ...everywhere, ...onPhones } : everywhere)
  const label = shape(labels[place])
  return (action, path) => [...known(action, path), ...label(action, path)]
}
