import { ApiError, HooklineError, type Sent, type Step, type TokenNote } from '#libs/contract'
import type { Effort, Spent } from './effort'
import { Park, Postpone } from './outcome'

type Known = Omit<Step, 'at' | 'ms'>

/** Notes a step that may stand on the item before it is over; its end is filled in however it ends. */
export function noteOpenly<T>(
  effort: Effort,
  known: Known,
  work: () => Promise<T>,
  spends?: Spent,
): Promise<T> {
  const step: Step = { ...known, at: Date.now() }
  effort.note?.(step)
  return run({ effort, step, spends }, work)
}

/** Notes a step when it is over. What is found out meanwhile can be put on it. */
export function noteAfter<T>(
  effort: Effort,
  known: Known,
  work: (step: Step) => Promise<T>,
  spends?: Spent,
): Promise<T> {
  const step: Step = { ...known, at: Date.now() }
  return run({ effort, step, spends, isNoted: () => true }, () => work(step))
}

interface Run<T> {
  effort: Effort
  step: Step
  /** What the time counts as. */
  spends: Spent | undefined
  /** Whether the step is noted when it is over. */
  isNoted?: () => boolean
  /** Puts what the step tells of a result on it. */
  found?: (step: Step, result: T) => void
}

/** One function for all of it: each that stands around another one costs a promise or two per item. */
async function run<T>({ effort, step, spends, isNoted, found }: Run<T>, work: () => Promise<T>): Promise<T> {
  const startedAt = performance.now()
  try {
    const result = await work()
    found?.(step, result)
    return result
  } catch (error) {
    Object.assign(step, failureOf(error))
    throw error
  } finally {
    if (spends) effort[spends] = (effort[spends] ?? 0) + performance.now() - startedAt
    // `at` may have been moved meanwhile.
    step.ms = Math.max(0, Date.now() - step.at)
    if (isNoted?.()) effort.note?.(step)
  }
}

/** Nothing that was said: of a handler's own error not a word. */
function failureOf(error: unknown): Partial<Step> {
  if (error instanceof Postpone) return { code: error.reason }
  if (error instanceof Park) return { code: error.park.reason }
  if (!(error instanceof ApiError))
    return { code: error instanceof HooklineError ? error.code : 'handler_threw' }
  const known: Partial<Step> = { code: error.code }
  identify(known, error)
  return known
}

/** What tells one exchange with a platform from others. */
type Identified = { [K in 'status' | 'requestId']?: Sent[K] | undefined }

/** One try of a call: the wait for its token is a step of its own, and the try begins after it. */
export function noteCall<T extends Pick<Sent, 'status' | 'requestId'>>(
  effort: Effort,
  known: Known,
  make: (onToken: TokenNote) => Promise<T>,
  spends?: Spent,
): Promise<T> {
  const step: Step = { ...known, at: Date.now() }
  let hasNoToken = false
  const onToken: TokenNote = (fetch) => {
    effort.note?.({ name: 'token', ...fetch })
    hasNoToken = fetch.code !== undefined
    step.at = fetch.at + fetch.ms
  }
  // Without a token nothing was tried.
  return run({ effort, step, spends, isNoted: () => !hasNoToken, found: identify }, () => make(onToken))
}

/** One by one: a spread for each takes longer than the rest of a step. */
function identify(step: Partial<Step>, { status, requestId }: Identified): void {
  if (status !== undefined) step.status = status
  if (requestId !== undefined) step.requestId = requestId
}
