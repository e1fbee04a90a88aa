import { createHash } from 'node:crypto'
import { HooklineError, type Message, type PlatformName, type Target } from '#libs/contract'
import { checkMessages } from '#libs/messages'
import { pushTarget } from '#libs/platforms'
import type { z } from 'zod'
import { checkJson } from './check-json'
import { type FieldProblem, PushProblem } from './problem'
import { type PushRequest, pushRequest, targetKinds } from './request-schema'

/** A request that can be queued. */
export interface ReadPush {
  target: Target
  messages: Message[]
  /** The same for equal requests, whatever the order of their keys. */
  digest: string
}

/** Reads and checks the body of a request to a bot of this platform. Throws `PushProblem`. */
export function readPushRequest(body: Uint8Array, platform: PlatformName): ReadPush {
  const json = parse(body)
  checkJson(json)
  const result = pushRequest.safeParse(json, { reportInput: true })
  if (!result.success) throw new PushProblem('request_invalid', problemsOf(result.error))
  const target = targetOf(result.data.to, platform)
  // What the schema takes is what the contract says (request-schema.test.ts); only its lists are not counted by types.
  const messages = result.data.messages as unknown as Message[]
  messages.forEach((message, i) => checkMessage(message, i, { platform, kind: target.kind }))
  return { target, messages, digest: digestOf({ target, messages }) }
}

function parse(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body)) as unknown
  } catch (error) {
    const isText = error instanceof SyntaxError
    const what = isText
      ? `The body is no JSON: ${error.message}.`
      : 'The body is not UTF-8. Send JSON in UTF-8.'
    throw new PushProblem('not_json', [{ path: [], message: what }])
  }
}

function targetOf(to: PushRequest['to'], platform: PlatformName): Target {
  const kind = targetKinds.find((one) => to[one] !== undefined) ?? 'user'
  const { target, problem } = pushTarget(platform, { kind, id: to[kind] ?? '' })
  if (!target) throw new PushProblem('target_invalid', [{ path: ['to', kind], message: problem }])
  return target
}

type Recipient = Parameters<typeof checkMessages>[1]

function checkMessage(message: Message, index: number, recipient: Recipient): void {
  try {
    checkMessages([message], recipient)
  } catch (error) {
    if (!(error instanceof HooklineError)) throw error
    const [field, words] = splitField(error.message)
    const place = `messages[${index}]${field === '' ? '' : `.${field}`}`
    throw new PushProblem('message_invalid', [{ path: [place], message: `can't be sent: ${words}` }])
  }
}

/** The errors of `checkMessages` begin with the field, where it is one: `actions[0].label: …` */
function splitField(message: string): [field: string, words: string] {
  const [, field = '', words = message] = /^([A-Za-z]\w*(?:\[\d+\]|\.\w+)*): (.*)$/s.exec(message) ?? []
  return [field, words]
}

function digestOf(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value, sorted)).digest('hex')
}

function sorted(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
}

type Issue = z.core.$ZodIssue

function problemsOf({ issues }: z.ZodError): [FieldProblem, ...FieldProblem[]] {
  const [first = { path: [], message: 'is not valid' }, ...others] = issues.flatMap((issue) =>
    problemOf(issue),
  )
  return [first, ...others]
}

function problemOf(issue: Issue): FieldProblem[] {
  const { path, code } = issue
  if (code === 'unrecognized_keys')
    return issue.keys.map((key) => ({ path: [...path, key], message: 'is not a field of this. Remove it' }))
  if (code === 'invalid_union') return unionProblems(issue)
  if (issue.input === undefined) return [{ path, message: 'is missing' }]
  if (code === 'invalid_type') return [{ path, message: `must be ${withArticle(issue.expected)}` }]
  if (code === 'too_big' && issue.origin === 'array') {
    const most = Number(issue.maximum)
    return [{ path: [...path, most], message: `is one too many: at most ${most} may stand there` }]
  }
  const isEmpty = code === 'too_small' && (issue.origin === 'array' || issue.origin === 'string')
  return [{ path, message: isEmpty ? 'is empty' : lowerFirst(issue.message) }]
}

function lowerFirst(text: string): string {
  return text.replace(/^[A-Z]/, (letter) => letter.toLowerCase())
}

/** The problems of the variant that was probably meant: the one that was understood furthest. */
function unionProblems(issue: Extract<Issue, { code: 'invalid_union' }>): FieldProblem[] {
  const { path } = issue
  if ('options' in issue && Array.isArray(issue.options))
    return [{ path, message: `must be one of ${issue.options.join(', ')}` }]
  const depth = (issues: Issue[]) => Math.max(...issues.map((inner) => inner.path.length))
  const variants = [...issue.errors].sort((a, b) => depth(b) - depth(a))
  const [best] = variants
  if (!best || depth(best) === 0)
    return [{ path, message: 'must be a text or an object that this field takes' }]
  return best.flatMap(problemOf).map((problem) => ({ ...problem, path: [...path, ...problem.path] }))
}

const articles: Record<string, string> = { array: 'a list', object: 'an object', record: 'an object' }

function withArticle(expected: string): string {
  return articles[expected] ?? `a ${expected}`
}
