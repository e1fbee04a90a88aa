import { ApiError, HooklineError, type Sent, type Step, type TokenNote } from '#libs/contract'
import type { Effort } from './effort'
import { Park, Postpone } from './outcome'

type Known = Omit<Step, 'at' | 'ms'>

/** Notes a step that may stand on the item before it is over; its end is filled in however it ends. */
export async function noteOpenly<T>({ note }: Effort, known: Known, work: () => Promise<T>): Promise<T> {
  const step: Step = { ...known, at: Date.now() }
  note?.(step)
  return run(step, work)
}

/** Notes a step when it is over. What is found out meanwhile can be put on it. */
export async function noteAfter<T>(
  { note }: Effort,
  known: Known,
  work: (step: Step) => Promise<T>,
): Promise<T> {
  const step: Step = { ...known, at: Date.now() }
  try {
    return await run(step, () => work(step))
  } finally {
    note?.(step)
  }
}

async function run<T>(step: Step, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    Object.assign(step, failureOf(error))
    throw error
  } finally {
    // `at` may have been moved meanwhile.
    step.ms = Math.max(0, Date.now() - step.at)
  }
}

/** Nothing that was said: of a handler's own error not a word. */
function failureOf(error: unknown): Partial<Step> {
  if (error instanceof Postpone) return { code: error.reason }
  if (error instanceof Park) return { code: error.park.reason }
  if (!(error instanceof ApiError))
    return { code: error instanceof HooklineError ? error.code : 'handler_threw' }
  const { code, status, requestId } = error
  return {
    code,
    ...(status === undefined ? {} : { status }),
    ...(requestId === undefined ? {} : { requestId }),
  }
}

/** One try of a call: the wait for its token is a step of its own, and the try begins after it. */
export async function noteCall<T extends Pick<Sent, 'status' | 'requestId'>>(
  { note }: Effort,
  known: Known,
  make: (onToken: TokenNote) => Promise<T>,
): Promise<T> {
  const step: Step = { ...known, at: Date.now() }
  const tokens = { failed: false }
  const onToken: TokenNote = (fetch) => {
    note?.({ name: 'token', ...fetch })
    tokens.failed = fetch.code !== undefined
    step.at = fetch.at + fetch.ms
  }
  try {
    return await run(step, async () => {
      const answer = await make(onToken)
      const { status, requestId } = answer
      Object.assign(step, {
        ...(status === undefined ? {} : { status }),
        ...(requestId === undefined ? {} : { requestId }),
      })
      return answer
    })
  } finally {
    // Without a token nothing was tried.
    if (!tokens.failed) note?.(step)
  }
}
