import { z } from 'zod'
import { countGraphemes } from '#libs/contract'
import { urlCharacters } from './encoded-urls'

// The kinds of fields that LINE's messages are made of. What LINE may add passes: objects are loose.

/** What is wrong with a value, or with something inside of it. */
type Problem = string | { path: (string | number)[]; problem: string }

/** Adds to a schema what it can't say itself. */
export function also<Schema extends z.ZodType>(
  schema: Schema,
  problemsOf: (value: z.output<Schema>) => Problem | Problem[] | undefined,
): Schema {
  return schema.superRefine((value, context) => {
    for (const found of [problemsOf(value) ?? []].flat()) {
      const { path, problem } = typeof found === 'string' ? { path: [], problem: found } : found
      context.addIssue({ code: 'custom', path, message: problem })
    }
  })
}

/** UTF-16 units, as LINE counts unless it says otherwise [doc D/text-character-count]. */
export const text = (max: number) => z.string().min(1).max(max)

/** Grapheme clusters: what a reader calls characters [doc D/text-character-count]. */
export const characters = (max: number) =>
  also(z.string().min(1), (value) => {
    const count = value.length > max ? countGraphemes(value) : 0
    return count > max ? `has ${count} characters; LINE takes at most ${max}` : undefined
  })

export const pattern = (expression: RegExp, words: string) =>
  also(z.string(), (value) => (expression.test(value) ? undefined : `must be ${words}`))

/** A URL of at most `max` units, percent-encoded [doc R#message-objects]. */
export const url = (schemes = ['https'], max = 2000) =>
  also(text(max), (value) => {
    const scheme = /^([a-z]+):/i.exec(value)?.[1]?.toLowerCase()
    if (!scheme || !schemes.includes(scheme) || (/^http/.test(scheme) && !URL.canParse(value)))
      return `must be a URL that begins with ${schemes.map((name) => `${name}:`).join(', ')}`
    return urlCharacters.test(value)
      ? undefined
      : "has characters that a URL can't have: encode it, for instance with new URL(…).href"
  })

export const https = () => url()

/** The first and last count that LINE takes. */
export const list = <Item extends z.ZodType>(item: Item, min: number, max: number) =>
  z.array(item).min(min).max(max)

type Fields = Record<string, z.ZodType>

export const object = (fields: Fields) => z.looseObject(fields)

/** One of several objects, told apart by `type`. */
export const oneOf = (types: Record<string, z.ZodObject>) => {
  const [first, ...others] = Object.entries(types).map(([type, fields]) =>
    fields.safeExtend({ type: z.literal(type) }),
  )
  if (!first) throw new RangeError('no types')
  return z.discriminatedUnion('type', [first, ...others])
}

/** All optional. */
export const optional = (fields: Fields): Fields =>
  Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, field.optional()]))

export const byteCount = (value: unknown): number => Buffer.byteLength(JSON.stringify(value))
