import { dirname, relative } from 'node:path'
import type { Child } from './child-process'
import type { LinePrinter } from './log-lines'
import { watchSources } from './watch-sources'

const pauses = { firstMs: 500, mostMs: 5000, longRunMs: 30_000, unstartedMs: 30_000 }

export interface KeepWorker {
  /** The one that runs. */
  worker: Child
  start: () => Child
  /** Resolves with true when this one is ready, with false when it ended before. */
  untilReady: (worker: Child) => Promise<boolean>
  /** The bot file; its folder is watched. Without it nothing is. */
  watch: string | undefined
  graceMs: number
  isStopping: () => boolean
  print: LinePrinter
}

/**
 * Code of a bot may end its worker. It is started again, as in production, after a pause that grows; and at once when
 * the bot's files change. One that does not start, because of a typing error say, waits for the next change. Messages
 * wait in their lanes meanwhile.
 */
export async function keepWorker({ worker, start, print, isStopping, ...rest }: KeepWorker): Promise<void> {
  let current = worker
  const changes = watchChanges(rest.watch, (path) => {
    if (isStopping()) return
    print('hookline', `${path} changed: starting the worker again`)
    void current.stop(rest.graceMs)
  })
  let pauseMs = pauses.firstMs
  while (!isStopping()) {
    const startedAt = performance.now()
    const ready = rest.untilReady(current)
    const code = await current.ended
    if (isStopping()) break
    if (!changes.taken()) {
      if (performance.now() - startedAt > pauses.longRunMs) pauseMs = pauses.firstMs
      const unstarted = rest.watch !== undefined && !(await ready)
      const waitMs = unstarted ? pauses.unstartedMs : pauseMs
      print('hookline', endText(code, waitMs, unstarted))
      await changes.orAfter(waitMs)
      changes.taken()
      pauseMs = Math.min(pauseMs * 2, pauses.mostMs)
    }
    if (!isStopping()) current = start()
  }
  changes.stop()
}

function endText(code: number | string, waitMs: number, unstarted: boolean): string {
  return unstarted
    ? `the worker did not start (${code}); it is started again when a file changes, or in ${waitMs / 1000} s. Messages wait meanwhile`
    : `the worker ended (${code}); starting it again in ${waitMs / 1000} s`
}

interface Changes {
  /** There was a change since this was asked last. */
  taken: () => boolean
  orAfter: (ms: number) => Promise<void>
  stop: () => void
}

function watchChanges(file: string | undefined, tell: (path: string) => void): Changes {
  let changed = false
  let wake: () => void = () => undefined
  const stop =
    file === undefined
      ? () => undefined
      : watchSources(dirname(file), (path) => {
          changed = true
          tell(relative(dirname(file), path))
          wake()
        })
  return {
    stop,
    taken: () => {
      const was = changed
      changed = false
      return was
    },
    orAfter: (ms) =>
      new Promise((resolve) => {
        const timer = setTimeout(resolve, ms)
        wake = () => {
          clearTimeout(timer)
          resolve()
        }
      }),
  }
}
