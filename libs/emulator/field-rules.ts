import { isRecord } from './api-call'

/** What one property of a message must be. Required unless `optional`. Sizes: UTF-16 units or items. */
export interface FieldRule {
  field: string
  is: 'text' | 'number' | 'https' | 'object' | 'list'
  min?: number
  max?: number
  optional?: true
}

export interface Problem {
  property: string
  problem: 'missing' | 'empty' | 'type' | 'size' | 'uri'
  rule: FieldRule
}

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
  const problem =
    value === undefined || value === null ? (rule.optional ? undefined : 'missing') : judge(value, rule)
  return problem ? [{ property, problem, rule }] : []
}

function judge(value: unknown, rule: FieldRule): Problem['problem'] | undefined {
  switch (rule.is) {
    case 'number':
      return typeof value === 'number' ? undefined : 'type'
    case 'object':
      return isRecord(value) ? undefined : 'type'
    case 'list':
      return Array.isArray(value) ? judgeSize(value.length, rule) : 'type'
    case 'https':
      if (typeof value !== 'string') return 'type'
      return /^https:\/\/\S+$/.test(value) ? judgeSize(value.length, rule) : 'uri'
    case 'text':
      if (typeof value !== 'string') return 'type'
      return value === '' ? 'empty' : judgeSize(value.length, rule)
  }
}

function judgeSize(size: number, { min = 0, max = Infinity }: FieldRule): 'size' | undefined {
  return size < min || size > max ? 'size' : undefined
}
