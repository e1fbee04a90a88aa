import { fieldProblem, type FieldRule, type Look, type Problem } from './field-rules'

// The words in which the rules of LINE's messages are written.

export const text = (field: string, max = Infinity): FieldRule => ({ field, is: 'text', max })
export const graphemes = (field: string, max: number): FieldRule => ({ ...text(field, max), graphemes: true })
export const among = (field: string, ...values: string[]): FieldRule => ({ ...text(field), among: values })
export const url = (field: string): FieldRule => ({ field, is: 'https', max: 2000 })
export const number = (field: string): FieldRule => ({ field, is: 'number' })
export const integer = (field: string): FieldRule => ({ field, is: 'integer' })
export const flag = (field: string): FieldRule => ({ field, is: 'boolean' })
export const object = (field: string, inside: Look): FieldRule => ({ field, is: 'object', inside })
export const list = (field: string, inside: Look, min: number, max: number): FieldRule => ({
  field,
  is: 'list',
  min,
  max,
  inside,
})
export const optional = (rule: FieldRule): FieldRule => ({ ...rule, optional: true })

export const shape =
  (...rules: FieldRule[]): Look =>
  (value, path) =>
    rules.flatMap((rule) => fieldProblem(value, rule, path))

/** What `type` decides about. */
export const byType =
  (types: Record<string, Look>, what = 'type'): Look =>
  (value, path) => {
    const { type } = value
    const look = typeof type === 'string' && Object.hasOwn(types, type) ? types[type] : undefined
    return look ? look(value, path) : [{ property: `${path}.type`, problem: 'unknown', rule: text(what) }]
  }

/** A value that has the right form, but not here. */
export const wrong = (property: string): Problem[] => [{ property, problem: 'value', rule: text('') }]
