import type { z } from 'zod'
import type { Target } from '#libs/contract'
import { lineAction, type LineActionPlace } from './line-actions'
import { lineMessage } from './line-messages'
import { invalid, shown } from './rules'

/** @internal */
export interface LineCheckOptions {
  /** Where the message goes, if that is known: mentions are for groups and rooms, tracking ids for users. */
  kind?: Target['kind'] | 'none'
  /** What to do with a type that this version does not know: LINE may have added it. Default `pass`. */
  unknownTypes?: 'pass' | 'refuse'
}

/**
 * Checks a LINE message object against every limit that LINE documents. Unknown fields pass.
 * @param path How the error names the message: `messages[0]`.
 * @throws HooklineError `message_invalid` that names the field, what was given (a text by its length) and the limit.
 * @internal
 */
export function checkLineMessage(message: object, path = 'message', options: LineCheckOptions = {}): void {
  check(lineMessage, message, path, options.unknownTypes)
  const problem = placeProblem(message, options.kind)
  if (problem) throw invalid(path + problem.at, `${problem.what}.`)
}

const actions: Partial<Record<LineActionPlace, z.ZodType>> = {}

/** The same for an action object. The place decides about its label and whether its type is allowed there. @internal */
export function checkLineAction(action: object, place: LineActionPlace, path = 'action'): void {
  check((actions[place] ??= lineAction(place)), action, path)
}

/** [doc R#send-push-message, R#video-message] */
function placeProblem(
  message: object,
  kind: LineCheckOptions['kind'],
): { at: string; what: string } | undefined {
  const { trackingId, substitution } = message as { trackingId?: string; substitution?: object }
  if ((kind === 'group' || kind === 'room') && trackingId !== undefined)
    return { at: '.trackingId', what: `can't be used in a ${kind}; LINE takes it in one-to-one chats only` }
  const mention = Object.entries(substitution ?? {}).find(
    ([, value]: [string, { type?: string }]) => value.type === 'mention',
  )
  if (kind === 'user' && mention)
    return { at: `.substitution.${mention[0]}`, what: 'is a mention; LINE takes it in groups and rooms only' }
  return undefined
}

/** More would bury the first. */
const maxProblems = 3

function check(schema: z.ZodType, value: object, path: string, unknownTypes = 'pass'): void {
  const { error } = schema.safeParse(value, { reportInput: true })
  const issues = (error?.issues ?? []).filter((issue) => unknownTypes === 'refuse' || !isUnknownType(issue))
  if (issues.length === 0) return
  const problems = issues.slice(0, maxProblems).map((issue) => `${pathOf(issue, path)}: ${problemOf(issue)}`)
  const more = issues.length > maxProblems ? `, and ${issues.length - maxProblems} more` : ''
  throw invalid('', `${problems.join('; ')}${more}.`)
}

type Issue = z.core.$ZodIssue

const pathOf = (issue: Issue, path: string): string =>
  issue.path.reduce<string>(
    (sum, part) => (typeof part === 'number' ? `${sum}[${part}]` : `${sum}.${String(part)}`),
    path,
  )

/** No `type` at all is an error, one that we don't know may be new. */
function isUnknownType(issue: Issue): boolean {
  return issue.code === 'invalid_union' && typeof typeOf(issue.input) === 'string'
}

const typeOf = (value: unknown): unknown =>
  typeof value === 'object' && value !== null && 'type' in value ? value.type : undefined

function problemOf(issue: Issue): string {
  switch (issue.code) {
    case 'custom':
      return issue.message
    case 'too_big':
      return `${sizeOf(issue.input)}; LINE takes at most ${issue.maximum}`
    case 'too_small':
      return issue.input === '' ? 'is empty' : `${sizeOf(issue.input)}; LINE takes at least ${issue.minimum}`
    case 'invalid_value':
      return `${shown(issue.input)}; LINE takes ${issue.values.map((value) => JSON.stringify(value)).join(', ')}`
    case 'invalid_type':
      return `${shown(issue.input)}; LINE takes ${article(issue.expected)}`
    case 'invalid_union':
      return typeOf(issue.input) === undefined
        ? 'is missing'
        : `${shown(typeOf(issue.input))}, which is not known here`
    case 'invalid_element':
    case 'invalid_format':
    case 'invalid_key':
    case 'not_multiple_of':
    case 'unrecognized_keys':
      return 'is not what LINE takes'
  }
}

function sizeOf(input: unknown): string {
  if (typeof input === 'string') return `has ${input.length} characters`
  return Array.isArray(input) ? `has ${input.length} items` : `is ${String(input)}`
}

const article = (type: string): string => {
  const word = { array: 'list', int: 'whole number' }[type] ?? type
  return /^[aeiou]/.test(word) ? `an ${word}` : `a ${word}`
}
