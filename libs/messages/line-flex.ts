import { z } from 'zod'
import { lineAction } from './line-actions'
import { also, byteCount, https, list, object, oneOf, optional, text } from './line-fields'

// Enumerations: as in LINE's OpenAPI description. Sizes, margins and colours are checked by LINE alone.
const oneOfThese = (...values: string[]) => z.enum(values)
const gravity = oneOfThese('top', 'bottom', 'center')
const align = oneOfThese('start', 'end', 'center')
const placed = { flex: z.int(), position: oneOfThese('relative', 'absolute') }
const letters = {
  weight: oneOfThese('regular', 'bold'),
  style: oneOfThese('normal', 'italic'),
  decoration: oneOfThese('none', 'underline', 'line-through'),
}
const adjustMode = oneOfThese('shrink-to-fit')
const action = lineAction('flex')

const component: z.ZodType = z.lazy(() => components)

const box = object({
  layout: oneOfThese('horizontal', 'vertical', 'baseline'),
  contents: z.array(component),
  ...optional({
    ...placed,
    action,
    justifyContent: oneOfThese(
      'center',
      'flex-start',
      'flex-end',
      'space-between',
      'space-around',
      'space-evenly',
    ),
    alignItems: oneOfThese('center', 'flex-start', 'flex-end'),
  }),
})
const span = object(optional({ text: z.string(), ...letters }))

const components = oneOf({
  box,
  button: object({
    action: lineAction('flexButton'),
    ...optional({
      ...placed,
      style: oneOfThese('primary', 'secondary', 'link'),
      gravity,
      height: oneOfThese('md', 'sm'),
      adjustMode,
      scaling: z.boolean(),
    }),
  }),
  image: object({
    url: https(),
    ...optional({
      ...placed,
      align,
      gravity,
      aspectMode: oneOfThese('fit', 'cover'),
      action,
      animated: z.boolean(),
    }),
  }),
  video: object({ url: https(), previewUrl: https(), altContent: component, ...optional({ action }) }),
  icon: object({ url: https(), ...optional({ ...placed, scaling: z.boolean() }) }),
  text: object(
    optional({
      ...placed,
      ...letters,
      text: z.string(),
      align,
      gravity,
      wrap: z.boolean(),
      maxLines: z.int(),
      contents: z.array(oneOf({ span })),
      adjustMode,
      scaling: z.boolean(),
      action,
    }),
  ),
  span,
  separator: object({}),
  filler: object(optional({ flex: z.int() })),
})

const block = oneOf({ box })
const bubble = object(
  optional({
    size: oneOfThese('nano', 'micro', 'deca', 'hecto', 'kilo', 'mega', 'giga'),
    direction: oneOfThese('ltr', 'rtl'),
    header: block,
    hero: component,
    body: block,
    footer: block,
    action,
  }),
)

const contents = oneOf({
  bubble,
  carousel: object({ contents: list(oneOf({ bubble }), 1, 12) }),
})

/** The documents say KB; taken as 1024 bytes. */
const maxKilobytes = { bubble: 30, carousel: 50 }
const maxAnimated = 10
type Container = keyof typeof maxKilobytes

/** [doc R#flex-message] */
export const flexMessage = object({ altText: text(1500), contents: also(contents, contentsProblems) })

function contentsProblems(value: Record<string, unknown>): string[] {
  const { type, contents: bubbles = [] } = value as { type: Container; contents?: { size?: string }[] }
  const bytes = byteCount(value)
  const kilobytes = maxKilobytes[type]
  const sizes = new Set(bubbles.map(({ size = 'mega' }) => size))
  const animated = countAnimated(value)
  const problems = [
    bytes > kilobytes * 1024 &&
      `is ${bytes} bytes of JSON; LINE takes at most ${kilobytes} KB (${kilobytes * 1024}) in a ${type}`,
    sizes.size > 1 && `has bubbles of the sizes ${[...sizes].join(', ')}; LINE takes one size in a carousel`,
    animated > maxAnimated && `has ${animated} animated images; LINE takes at most ${maxAnimated}`,
  ]
  return problems.filter((problem) => problem !== false)
}

function countAnimated(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0
  const own = 'animated' in value && value.animated === true ? 1 : 0
  return Object.values(value).reduce<number>((sum, inner) => sum + countAnimated(inner), own)
}
