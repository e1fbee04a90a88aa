import { HooklineError, countGraphemes } from '#libs/contract'

/** Throws `message_invalid` for a value that breaks it; `path` is where the value stands. */
export type Rule = (value: unknown, path: string) => void

/** Whose limits they are, for the errors, and how the platform counts characters. */
export interface Measure {
  /** `LINE WORKS`. */
  who: string
  count?: 'units' | 'graphemes'
}

/** Names the field, then what it is and what it may be: `text: has 5001 characters; LINE takes at most 5000.` */
export function invalid(path: string, problem: string): HooklineError {
  return new HooklineError('message_invalid', path ? `${path}: ${problem}` : problem)
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A value as it goes into an error, after its field. Words like `huge` help; a long text may be private. */
export function shown(value: unknown): string {
  if (value === undefined) return 'is missing'
  if (typeof value === 'string')
    return value.length <= 30 ? `is ${JSON.stringify(value)}` : `has ${value.length} characters`
  if (Array.isArray(value)) return 'is a list'
  return typeof value === 'number' || typeof value === 'boolean' || value === null
    ? `is ${String(value)}`
    : `is ${/^[aeiou]/.test(typeof value) ? 'an' : 'a'} ${typeof value}`
}

/** The scheme of a URL; undefined where it is none, or has blanks. */
function schemeOf(value: unknown): string | undefined {
  if (typeof value !== 'string' || /\s/.test(value)) return undefined
  const scheme = /^([a-z][a-z0-9+.-]*):./i.exec(value)?.[1]?.toLowerCase()
  return scheme?.startsWith('http') && !URL.canParse(value) ? undefined : scheme
}

/** The rules of one platform: they name it and count as it does. */
export function rulesOf({ who, count = 'units' }: Measure) {
  const tooLong = (size: number, max: number) => `has ${size} characters; ${who} takes at most ${max}.`
  const length = (text: string) => (count === 'units' ? text.length : countGraphemes(text))

  const text =
    (max: number): Rule =>
    (value, path) => {
      if (typeof value !== 'string') throw invalid(path, `${shown(value)}; ${who} takes a string.`)
      if (value === '') throw invalid(path, 'is empty.')
      const size = value.length > max ? length(value) : 0
      if (size > max) throw invalid(path, tooLong(size, max))
    }

  const url =
    (max: number, schemes: readonly string[] = ['https']): Rule =>
    (value, path) => {
      const scheme = schemeOf(value)
      if (scheme === undefined || (schemes.length > 0 && !schemes.includes(scheme))) {
        const wanted = schemes.length > 0 ? `a URL that begins with ${schemes.join(':, ')}:` : 'a URL'
        throw invalid(path, `${shown(value)}; ${who} takes ${wanted}.`)
      }
      text(max)(value, path)
    }

  const list =
    (item: Rule, min: number, max: number): Rule =>
    (value, path) => {
      if (!Array.isArray(value)) throw invalid(path, `${shown(value)}; ${who} takes a list.`)
      if (value.length < min || value.length > max) {
        const range = min === max ? `exactly ${max}` : min === 0 ? `at most ${max}` : `${min} to ${max}`
        throw invalid(path, `has ${value.length} items; ${who} takes ${range}.`)
      }
      value.forEach((each, i) => item(each, `${path}[${i}]`))
    }

  const jsonSize =
    (maxBytes: number): Rule =>
    (value, path) => {
      const bytes = Buffer.byteLength(JSON.stringify(value))
      if (bytes > maxBytes)
        throw invalid(path, `is ${bytes} bytes of JSON; ${who} takes at most ${maxBytes}.`)
    }

  const oneOf =
    (...values: (string | number)[]): Rule =>
    (value, path) => {
      if (!(values as unknown[]).includes(value)) {
        throw invalid(
          path,
          `${shown(value)}; ${who} takes ${values.map((each) => JSON.stringify(each)).join(', ')}.`,
        )
      }
    }

  /** Rules by the object's `type`. */
  const byType =
    (rules: Record<string, Rule>): Rule =>
    (value, path) => {
      if (!isRecord(value)) throw invalid(path, `${shown(value)}; it must be an object.`)
      const rule =
        typeof value.type === 'string' && Object.hasOwn(rules, value.type) ? rules[value.type] : undefined
      if (!rule) oneOf(...Object.keys(rules))(value.type, join(path, 'type'))
      rule?.(value, path)
    }

  return { text, url, list, jsonSize, oneOf, byType }
}

export const number =
  (min: number, max: number): Rule =>
  (value, path) => {
    if (typeof value !== 'number' || !(value >= min && value <= max)) {
      throw invalid(path, `${shown(value)}; it must be a number from ${min} to ${max}.`)
    }
  }

/** An object with these properties; a key that ends in `?` may be missing. Others are let through. */
export const record =
  (properties: Record<string, Rule>, ...more: Rule[]): Rule =>
  (value, path) => {
    if (!isRecord(value)) throw invalid(path, `${shown(value)}; it must be an object.`)
    for (const [key, rule] of Object.entries(properties)) {
      const name = key.replace(/\?$/, '')
      const there = value[name] !== undefined
      if (!there && key === name) throw invalid(join(path, name), 'is missing.')
      if (there) rule(value[name], join(path, name))
    }
    for (const rule of more) rule(value, path)
  }

/** Exactly one of these groups of properties, none of the others. */
export const eitherOf =
  (...groups: [string, ...string[]][]): Rule =>
  (value, path) => {
    const holder = isRecord(value) ? value : {}
    const given = groups.filter((group) => group.some((name) => holder[name] !== undefined))
    const words = groups.map((group) => group.join(' with ')).join(', or ')
    if (given.length !== 1) throw invalid(path, `Give either ${words}.`)
    const missing = given[0]?.find((name) => holder[name] === undefined)
    if (missing !== undefined) throw invalid(join(path, missing), `is missing. Give either ${words}.`)
  }

/** At most one of these properties. */
export const notBoth =
  (...names: string[]): Rule =>
  (value, path) => {
    const given = names.filter((name) => isRecord(value) && value[name] !== undefined)
    if (given.length > 1) throw invalid(path, `Give only one of ${given.join(' and ')}.`)
  }

export function join(path: string, name: string): string {
  return path ? `${path}.${name}` : name
}
