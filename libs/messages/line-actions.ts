import { z } from 'zod'
import { also, characters, list, object, oneOf, pattern, text, url } from './line-fields'

/** Where an action stands: that decides its label and whether it is allowed [doc R#action-object-label-spec]. @internal */
export type LineActionPlace = keyof typeof labels

const labels = {
  template: characters(20),
  /** What a tap beside the buttons of a template does. */
  default: characters(20).optional(),
  imageCarousel: characters(12).optional(),
  quickReply: characters(20),
  flexButton: characters(40),
  flex: characters(40).optional(),
  richmenu: characters(20).optional(),
}

const data = text(300)

const postback = also(
  object({
    data,
    displayText: characters(300).optional(),
    text: characters(300).optional(),
    inputOption: z.enum(['closeRichMenu', 'openRichMenu', 'openKeyboard', 'openVoice']).optional(),
    fillInText: characters(300).optional(),
  }),
  ({ displayText, text: spoken, fillInText, inputOption }) => {
    if (displayText !== undefined && spoken !== undefined)
      return { path: ['text'], problem: "can't stand beside displayText" }
    if (fillInText !== undefined && inputOption !== 'openKeyboard')
      return { path: ['fillInText'], problem: 'needs inputOption "openKeyboard"' }
    return undefined
  },
)

const moments = {
  date: { shape: /^\d{4}-\d\d-\d\d$/, example: '2026-10-01', toDate: (value: string) => value },
  time: { shape: /^\d\d:\d\d$/, example: '10:30', toDate: (value: string) => `2000-01-01T${value}` },
  // The reference's own examples have a small t.
  datetime: {
    shape: /^\d{4}-\d\d-\d\d[tT]\d\d:\d\d$/,
    example: '2026-10-01T10:30',
    toDate: (value: string) => value,
  },
}

const moment = z.string().optional()
const datetimepicker = also(
  object({ data, mode: z.enum(['date', 'time', 'datetime']), initial: moment, min: moment, max: moment }),
  (action) => {
    const { mode, initial, min, max } = action as Record<string, string | undefined> & {
      mode: keyof typeof moments
    }
    const shape = moments[mode]
    const wrong = Object.entries({ initial, min, max }).filter(
      ([, value]) => value !== undefined && !isMoment(value, shape),
    )
    if (
      wrong.length === 0 &&
      min !== undefined &&
      max !== undefined &&
      max.toUpperCase() <= min.toUpperCase()
    )
      return { path: ['max'], problem: 'must be later than min' }
    return wrong.map(([name]) => ({
      path: [name],
      problem: `must be like "${shape.example}", from 1900 to 2100`,
    }))
  },
)

/** 1900-01-01 to 2100-12-31, days and hours that exist. */
function isMoment(value: string, { shape, toDate }: (typeof moments)['date']): boolean {
  if (!shape.test(value)) return false
  const text = toDate(value).toUpperCase().padEnd(11, 'T').padEnd(16, '00:00')
  const date = new Date(`${text}Z`)
  const year = date.getUTCFullYear()
  // A 31st of February would come back as a day in March.
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text) && year >= 1900 && year <= 2100
}

const everywhere = {
  postback,
  message: object({ text: characters(300) }),
  uri: object({
    uri: url(['http', 'https', 'line', 'tel'], 1000),
    altUri: object({ desktop: url(['http', 'https', 'line', 'tel'], 1000).optional() }).optional(),
  }),
  datetimepicker,
  clipboard: object({ clipboardText: text(1000) }),
}

const quickReplyOnly = { camera: object({}), cameraRoll: object({}), location: object({}) }

const richmenuOnly = {
  richmenuswitch: object({
    richMenuAliasId: pattern(/^[a-z0-9_-]{1,32}$/, '1 to 32 of a-z, 0-9, _ and -'),
    data,
  }),
}

/** Known, but not here: without this they would pass as types that LINE has added. */
const refused = (types: Record<string, z.ZodObject>, place: string) =>
  Object.fromEntries(
    Object.keys(types).map((type) => [type, also(object({}), () => `of type "${type}" ${place}`)]),
  )

/** The actions of one place. */
export function lineAction(place: LineActionPlace) {
  const types = {
    ...everywhere,
    ...(place === 'quickReply' ? quickReplyOnly : refused(quickReplyOnly, 'is for quick replies only')),
    ...(place === 'richmenu' ? richmenuOnly : refused(richmenuOnly, 'is for rich menus only')),
  }
  return oneOf(
    Object.fromEntries(
      Object.entries(types).map(([type, fields]) => [type, fields.safeExtend({ label: labels[place] })]),
    ),
  )
}

/** Actions of a template. */
export const lineButtons = (min: number, max: number) => list(lineAction('template'), min, max)
