import { useCallback, useEffect, useRef, useState } from 'preact/hooks'
import { ApiError, request } from './api'

export interface Loaded<T> {
  /** The last answer; stays while a newer one is on its way or fails. */
  data: T | undefined
  /** When it came: Unix milliseconds. */
  at: number | undefined
  /** Of the last try. */
  error: ApiError | undefined
  busy: boolean
  reload: () => void
}

/** What a path below `/api` answers; asked again every `everyMs` while the page is looked at. */
export function useData<T>(path: string | undefined, everyMs?: number): Loaded<T> {
  const [answer, setAnswer] = useState<{ path: string; data: T; at: number }>()
  const [error, setError] = useState<ApiError>()
  const [busy, setBusy] = useState(path !== undefined)
  const [turn, setTurn] = useState(0)
  const reload = useCallback(() => setTurn((n) => n + 1), [])

  useEffect(() => {
    if (path === undefined) return
    const stop = new AbortController()
    setBusy(true)
    request(path, { signal: stop.signal })
      .then((data) => {
        setAnswer({ path, data: data as T, at: Date.now() })
        setError(undefined)
        setBusy(false)
      })
      .catch((problem: unknown) => {
        if (stop.signal.aborted) return
        setError(problem instanceof ApiError ? problem : new ApiError('unknown', String(problem)))
        setBusy(false)
      })
    return () => stop.abort()
  }, [path, turn])

  useRepeat(reload, everyMs)
  // Another filter of the same list keeps the old rows until the new ones are there; another thing does not.
  const kept = answer && path && withoutQuery(answer.path) === withoutQuery(path) ? answer : undefined
  return { data: kept?.data, at: kept?.at, error, busy, reload }
}

const withoutQuery = (path: string) => path.split('?')[0]

/** Calls it every so often; not while the page is hidden, and at once when it is seen again. */
function useRepeat(call: () => void, everyMs: number | undefined): void {
  const latest = useRef(call)
  latest.current = call
  useEffect(() => {
    if (!everyMs) return
    const timer = setInterval(() => {
      if (!document.hidden) latest.current()
    }, everyMs)
    const onSeen = () => {
      if (!document.hidden) latest.current()
    }
    document.addEventListener('visibilitychange', onSeen)
    return () => {
      clearInterval(timer)
      document.removeEventListener('visibilitychange', onSeen)
    }
  }, [everyMs])
}
