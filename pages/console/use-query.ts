import { useCallback, useMemo } from 'preact/hooks'
import { useLocation, useSearch } from 'wouter-preact'
import { type Query, readQuery, writeQuery } from './url-state'

/** What the address says, and how to change it without a new entry in the history for each key. */
export function useQuery(): [Query, (changed: Record<string, string | undefined>) => void] {
  // Wouter unescapes what it gives; the raw address is read so that nothing is unescaped twice.
  const changes = useSearch()
  const [, navigate] = useLocation()
  const query = useMemo(() => readQuery(location.search), [changes])
  const change = useCallback(
    (changed: Record<string, string | undefined>) =>
      navigate(location.pathname + writeQuery({ ...readQuery(location.search), ...changed }), {
        replace: true,
      }),
    [navigate],
  )
  return [query, change]
}
