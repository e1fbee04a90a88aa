import { isRecord } from './api-call'

/** What one property of a message must be. Required unless `optional`. Sizes: UTF-16 units or items. */
export interface FieldRule {
  field: string
  is: 'text' | 'number' | 'integer' | 'boolean' | 'https' | 'object' | 'list'
  min?: number
  max?: number
  optional?: true
  /** Counts what a reader calls characters (grapheme clusters). */
  graphemes?: true
  /** What the text or the number must be one of. */
  among?: readonly (string | number)[]
  /** The form of the text. */
  like?: RegExp
  /** Looks into the object, or into each item of the list. */
  inside?: Look
}

export interface Problem {
  property: string
  problem: 'missing' | 'empty' | 'type' | 'size' | 'uri' | 'value' | 'unknown'
  rule: FieldRule
}

/** Finds what is wrong in a value that stands at `path`. */
export type Look = (value: Record<string, unknown>, path: string) => Problem[]

/** A type may be written in several ways: one list of rules for each. */
export type MessageRules = Record<string, FieldRule[][]>

/** What is wrong with the message; none if one of the ways of its type fits. Undefined: unknown type. */
export function messageProblems(
  message: Record<string, unknown>,
  rules: MessageRules,
  path: string,
): Problem[] | undefined {
  const ways =
    typeof message.type === 'string' && Object.hasOwn(rules, message.type) ? rules[message.type] : undefined
  if (!ways) return undefined
  const found = ways.map((way) => way.flatMap((rule) => fieldProblem(message, rule, path)))
  return found.find((problems) => problems.length === 0) ?? found[0] ?? []
}

export function fieldProblem(holder: Record<string, unknown>, rule: FieldRule, path: string): Problem[] {
  const property = path ? `${path}.${rule.field}` : rule.field
  const value = holder[rule.field]
  if (value === undefined || value === null)
    return rule.optional ? [] : [{ property, problem: 'missing', rule }]
  const problem = judge(value, rule)
  if (problem) return [{ property, problem, rule }]
  return rule.inside ? lookInside(value, rule, rule.inside, property) : []
}

function lookInside(value: unknown, rule: FieldRule, inside: Look, property: string): Problem[] {
  if (!Array.isArray(value)) return inside(value as Record<string, unknown>, property)
  return value.flatMap((item: unknown, i) => {
    const at = `${property}[${i}]`
    return isRecord(item) ? inside(item, at) : [{ property: at, problem: 'type', rule }]
  })
}

function judge(value: unknown, rule: FieldRule): Problem['problem'] | undefined {
  switch (rule.is) {
    case 'number':
    case 'boolean':
      return typeof value === rule.is ? undefined : 'type'
    case 'integer':
      return Number.isInteger(value) ? judgeValue(value as number, rule) : 'type'
    case 'object':
      return isRecord(value) ? undefined : 'type'
    case 'list':
      return Array.isArray(value) ? judgeSize(value.length, rule) : 'type'
    case 'https':
      if (typeof value !== 'string') return 'type'
      if (!/^https:\/\/[!-~]+$/.test(value)) return 'uri'
      return judgeSize(value.length, rule) ?? judgeValue(value, rule)
    case 'text':
      if (typeof value !== 'string') return 'type'
      return value === '' ? 'empty' : (judgeSize(lengthOf(value, rule), rule) ?? judgeValue(value, rule))
  }
}

function judgeValue(value: string | number, { among, like }: FieldRule): 'value' | undefined {
  const wrong = (among && !among.includes(value)) ?? (like && !like.test(String(value)))
  return wrong ? 'value' : undefined
}

function judgeSize(size: number, { min = 0, max = Infinity }: FieldRule): 'size' | undefined {
  return size < min || size > max ? 'size' : undefined
}

const segmenter = new Intl.Segmenter('ja')

function lengthOf(text: string, rule: FieldRule): number {
  return rule.graphemes ? Array.from(segmenter.segment(text)).length : text.length
}
