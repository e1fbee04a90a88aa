import { useState } from 'preact/hooks'

export type Run = (task: () => Promise<unknown>) => void

/** Does something that may fail, and keeps the words of the failure until the next one is tried. */
export function useTask(): { run: Run; problem: string | undefined; busy: boolean } {
  const [problem, setProblem] = useState<string>()
  const [busy, setBusy] = useState(false)
  const run: Run = (task) => {
    setProblem(undefined)
    setBusy(true)
    task()
      .catch((error: unknown) => setProblem(error instanceof Error ? error.message : String(error)))
      .finally(() => setBusy(false))
  }
  return { run, problem, busy }
}
