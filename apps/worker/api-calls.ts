import { setTimeout as pause } from 'node:timers/promises'
import {
  ApiError,
  type ApiCall,
  type ApiRequest,
  type ApiResponse,
  HooklineError,
  type Sent,
  type Step,
} from '#libs/contract'
import type { CallResult, Permit } from '#libs/limiter'
import type { Item } from '#libs/mailbox'
import { inSpan } from '#libs/observability'
import type { EffectNames } from './effect-names'
import { type LinkedAbort, linkedAbort } from './linked-abort'
import { Postpone } from './outcome'
import { ask, spread, waitWords } from './permit'
import { type SendDeps, isNoFailure, retryKey } from './send-calls'
import { noteAfter, noteCall } from './steps'

/** Tries of a call that may be repeated, and the pause before the second; each further pause is twice as long. */
const tries = 4
const firstPauseMs = 500
/** Before a call is tried again after a 429, where Redis does not say how long. */
const shortMs = 1000

/** The calls that one run of a handler makes. */
export interface OpenCalls {
  call: ApiCall
  /** Refuses calls from now on, and ends streams that are still open. */
  end(): void
  /** The first call that may not be made yet: the item comes back, whatever the handler made of it. */
  postponed?: Postpone
}

/** One call of a run. */
interface Todo {
  item: Item
  request: ApiRequest
  operation: string
  /** The same when the handler runs again and makes the same calls. */
  id: string
  retryKey: string
  /** Unix milliseconds: the end of the handler's time. */
  deadline: number
}

export interface Opening {
  handlerTimeoutMs: number
  names: Pick<EffectNames, 'next'>
  /** Asked for with the first call. */
  deps: () => SendDeps
}

/** Opens the platform's API for one run of a handler: limits, repeats, metrics. */
export function openCalls(item: Item, { handlerTimeoutMs, names, deps: given }: Opening): OpenCalls {
  /** Made by the first call: most handlers make none. */
  let abort: LinkedAbort | undefined
  let isOver = false
  const deadline = Date.now() + handlerTimeoutMs
  let made = 0
  const calls: OpenCalls = {
    call: (request) => {
      if (isOver) return Promise.reject(tooLate(item, request))
      if (calls.postponed) return Promise.reject(calls.postponed)
      const deps = given()
      const key = (name: string) => retryKey(deps.bot, item.id, name)
      const id = key(`call.${made++}`)
      const operation = deps.caller.operationOf(request)
      const call = makeCall(
        {
          ...{ item, request, operation, id, deadline },
          // Counted by themselves: reads before them may come and go between two runs.
          retryKey: request.retryKey ? key(names.next('keyed')) : id,
        },
        { ...deps, signal: (abort ??= linkedAbort(deps.signal)).signal },
      )
      call.catch((error: unknown) => {
        if (error instanceof Postpone) calls.postponed ??= error
      })
      return call
    },
    end: () => {
      isOver = true
      abort?.abort()
      abort?.unlink()
    },
  }
  return calls
}

async function makeCall(todo: Todo, deps: SendDeps): Promise<ApiResponse> {
  for (let attempt = 1; ; attempt++) {
    const permit = await permitFor(todo, deps)
    try {
      return await callOnce(todo, permit, deps)
    } catch (error) {
      const closedForMs = await report(permit, { ...todo, error }, deps)
      const pauseMs = pauseBefore(todo, { error, attempt, closedForMs })
      if (pauseMs === undefined || deps.signal.aborted) throw error
      await pause(pauseMs, undefined, { signal: deps.signal }).catch(() => undefined)
    }
  }
}

async function callOnce(todo: Todo, permit: Permit, deps: SendDeps): Promise<ApiResponse> {
  const { item, request, operation } = todo
  const { bot, metrics, caller, signal } = deps
  const end = metrics.apiCallSeconds.startTimer({ bot, operation })
  try {
    const { limit, ...response }: ApiResponse & Sent = await noteCall(
      deps.effort,
      { name: 'api', operation },
      (onToken) => caller.request(request, { retryKey: todo.retryKey, signal, onToken }),
    )
    metrics.apiCalls.inc({ bot, operation, result: 'ok' })
    void deps.limiter.report(permit, {
      result: concerns(request) ? 'ok' : 'unclear',
      item: item.id,
      stated: limit,
    })
    return response
  } catch (error) {
    const result = error instanceof HooklineError ? error.code : 'error'
    metrics.apiCalls.inc({ bot, operation, result })
    throw error
  } finally {
    end()
  }
}

/** An answer from elsewhere says nothing about the platform's API. */
function concerns({ url, host }: ApiRequest): boolean {
  return url === undefined && host !== 'data'
}

/**
 * Waits for leave to make the call, as long as the handler has time; a wait that is longer brings the item back when
 * it is over, and is no failed try.
 */
function permitFor(todo: Todo, deps: SendDeps): Promise<Permit> {
  const { operation, request, id, deadline } = todo
  const { bot, metrics, limiter, signal, stopping } = deps
  const wait = async (step: Step) => {
    for (let asks = 1; ; asks++) {
      signal.throwIfAborted()
      const answer = await ask(limiter, {
        id,
        limit: deps.caller.limitOfRequest(request),
        evenHeld: request.method === 'GET',
      })
      if (answer.kind === 'exhausted') throw quotaUsedUp(operation)
      if (answer.kind === 'granted') {
        metrics.permitWaitSeconds.observe({ bot, operation }, answer.waitedMs / 1000)
        return answer.permit
      }
      const { reason } = answer
      if (asks === 1) metrics.callsHeld.inc({ bot, reason })
      step.code = reason
      const ms = reason === 'breaker' ? spread(answer.ms) : answer.ms
      if (stopping.aborted || Date.now() + ms > deadline) throw new Postpone(ms, reason, waitWords[reason])
      await pause(ms, undefined, { signal: AbortSignal.any([signal, stopping]) }).catch(() => undefined)
    }
  }
  return noteAfter(
    deps.effort,
    { name: 'permit', operation },
    (step) =>
      inSpan('permit', { attributes: { 'hookline.operation': operation }, isNoFailure }, () => wait(step)),
    'permitWaitMs',
  )
}

/** Tells the limiter how the call failed; for how long its scope is closed now. */
async function report(
  permit: Permit,
  { item, request, operation, error }: Todo & { error: unknown },
  { bot, limiter, metrics, signal }: SendDeps,
): Promise<number> {
  if (!(error instanceof ApiError)) {
    await limiter.giveBack(permit)
    return 0
  }
  const result = signal.aborted ? 'unclear' : resultOf(error, request)
  const reason = result === 'limited' ? 'rate' : result === 'quota' ? 'quota' : undefined
  if (reason) metrics.scopeClosed.inc({ bot, operation, reason })
  const { limit: stated, retryAfterMs: waitMs } = error
  const view = await limiter.report(permit, { result, item: item.id, stated, waitMs })
  return view.closedForMs
}

function resultOf({ code }: ApiError, request: ApiRequest): CallResult {
  if (code === 'api_rate_limited') return 'limited'
  if (code === 'api_quota_exhausted') return 'quota'
  // Also with a new token: a call beyond the token's scopes must not hold the bot's messages.
  if (!concerns(request) || code === 'api_unauthorized') return 'unclear'
  return code === 'api_unavailable' || code === 'api_outcome_unknown' ? 'failed' : 'answered'
}

interface Failure {
  error: unknown
  attempt: number
  closedForMs: number
}

/** How long to wait before the call is made again; undefined when it is not. */
function pauseBefore({ request }: Todo, { error, attempt, closedForMs }: Failure): number | undefined {
  if (!(error instanceof ApiError)) return undefined
  // The limiter makes it wait with all others who share the limit.
  if (error.code === 'api_rate_limited') return closedForMs > 0 ? 0 : shortMs
  const failed = error.code === 'api_unavailable' || error.code === 'api_outcome_unknown'
  const mayRepeat = request.method === 'GET' || request.retryKey === true || error.neverSent
  if (!failed || !mayRepeat || attempt >= tries) return undefined
  return error.retryAfterMs ?? firstPauseMs * 2 ** (attempt - 1) * (1 + Math.random() / 2)
}

function quotaUsedUp(operation: string): ApiError {
  return new ApiError(
    'api_quota_exhausted',
    `The platform said a short while ago that the monthly quota is used up, so "${operation}" was not called.`,
    { neverSent: true },
  )
}

function tooLate({ event }: Item, { method, path }: ApiRequest): HooklineError {
  return new HooklineError(
    'no_target',
    `The handler of the ${event.type} event has ended, so ${method} ${path} was not called. Await calls before it returns.`,
  )
}
