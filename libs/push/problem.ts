import type { ErrorAnswer, ErrorCode } from './answer-schemas'

export interface FieldProblem {
  /** Where in the request; empty for all of it. */
  path: readonly PropertyKey[]
  /** What is wrong; follows the name of the field, or stands alone where it begins with a capital. */
  message: string
}

/** A request that is refused because of what it says. */
export class PushProblem extends Error {
  constructor(
    readonly code: ErrorCode,
    readonly problems: [FieldProblem, ...FieldProblem[]],
  ) {
    super(problems[0].message)
  }

  /** The answer's body. */
  answer(): ErrorAnswer {
    const problems = this.problems.slice(0, 10).map(worded)
    const [first] = problems
    return {
      error: {
        code: this.code,
        message: first?.message ?? '',
        ...(first?.field === undefined ? {} : { field: first.field }),
        ...(problems.length > 1 ? { problems } : {}),
      },
    }
  }
}

function worded({ path, message }: FieldProblem): { field?: string; message: string } {
  const field = fieldName(path)
  if (field === '') return { message: /^[A-Z]/.test(message) ? message : `The request ${message}.` }
  return { field, message: `${field} ${message}${message.endsWith('.') ? '' : '.'}` }
}

const maxName = 200

/** `messages[0].quickReplies[13]` */
function fieldName(path: readonly PropertyKey[]): string {
  const name = path.reduce<string>(
    (text, key) =>
      typeof key === 'number' ? `${text}[${key}]` : text === '' ? String(key) : `${text}.${String(key)}`,
    '',
  )
  return name.length > maxName ? `${name.slice(0, maxName)}…` : name
}
