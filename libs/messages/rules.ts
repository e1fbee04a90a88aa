import { HooklineError } from '#libs/contract'

/** Throws `message_invalid` for a value that breaks it; `path` is where the value stands. */
export type Rule = (value: unknown, path: string) => void

/** Whose limits they are, for the errors, and how the platform counts characters. */
export interface Measure {
  /** `LINE WORKS`. */
  who: string
  count?: 'units' | 'graphemes'
}

const graphemes = new Intl.Segmenter('ja', { granularity: 'grapheme' })

/** Names the field, its value, what is wrong with it and what to do. */
export function invalid(path: string, problem: string): HooklineError {
  return new HooklineError('message_invalid', path ? `${path}: ${problem}` : problem)
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A value as it goes into an error: long ones may be private. */
export function shown(value: unknown): string {
  if (typeof value === 'string' && value.length > 30) return `A text of ${value.length} characters`
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'A list' : 'An object'
  return typeof value === 'string' ? JSON.stringify(value) : String(value)
}

/** The rules of one platform: they name it and count as it does. */
export function rulesOf({ who, count = 'units' }: Measure) {
  const length = (text: string) => (count === 'units' ? text.length : [...graphemes.segment(text)].length)

  const text =
    (max: number): Rule =>
    (value, path) => {
      if (typeof value !== 'string') throw invalid(path, `${shown(value)} is no text. Give a string.`)
      if (value === '') throw invalid(path, 'The text is empty. Give it at least one character.')
      const size = value.length > max ? length(value) : 0
      if (size > max) {
        throw invalid(
          path,
          `${shown(value)} has ${size} characters, ${who} takes at most ${max}. Shorten it.`,
        )
      }
    }

  const url =
    (max: number, scheme = /^https:\/\/[^\s/]/i): Rule =>
    (value, path) => {
      if (typeof value !== 'string' || !scheme.test(value) || /\s/.test(value)) {
        throw invalid(
          path,
          `${shown(value)} is no ${scheme.source.startsWith('^https:') ? 'https ' : ''}URL.`,
        )
      }
      if (value.length > max) {
        throw invalid(path, `The URL has ${value.length} characters, ${who} takes at most ${max}.`)
      }
    }

  const list =
    (item: Rule, min: number, max: number): Rule =>
    (value, path) => {
      if (!Array.isArray(value)) throw invalid(path, `${shown(value)} is no list. Give an array.`)
      if (value.length < min || value.length > max) {
        const range = min === max ? `exactly ${max}` : min === 0 ? `at most ${max}` : `${min} to ${max}`
        throw invalid(path, `There are ${value.length} items, ${who} takes ${range}.`)
      }
      value.forEach((each, i) => item(each, `${path}[${i}]`))
    }

  const jsonSize =
    (maxBytes: number): Rule =>
    (value, path) => {
      const bytes = Buffer.byteLength(JSON.stringify(value))
      if (bytes > maxBytes)
        throw invalid(path, `It has ${bytes} bytes as JSON, ${who} takes at most ${maxBytes}.`)
    }

  const oneOf =
    (...values: (string | number)[]): Rule =>
    (value, path) => {
      if (!(values as unknown[]).includes(value)) {
        throw invalid(path, `${shown(value)} is none of those that ${who} takes: ${values.join(', ')}.`)
      }
    }

  /** Rules by the object's `type`. */
  const byType =
    (rules: Record<string, Rule>): Rule =>
    (value, path) => {
      if (!isRecord(value)) throw invalid(path, `${shown(value)} is no object.`)
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
      throw invalid(path, `${shown(value)} is no number from ${min} to ${max}.`)
    }
  }

/** An object with these properties; a key that ends in `?` may be missing. Others are let through. */
export const record =
  (properties: Record<string, Rule>, ...more: Rule[]): Rule =>
  (value, path) => {
    if (!isRecord(value)) throw invalid(path, `${shown(value)} is no object.`)
    for (const [key, rule] of Object.entries(properties)) {
      const name = key.replace(/\?$/, '')
      const there = value[name] !== undefined
      if (!there && key === name) throw invalid(join(path, name), 'It is missing.')
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
    if (missing !== undefined) throw invalid(join(path, missing), `It is missing. Give either ${words}.`)
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
