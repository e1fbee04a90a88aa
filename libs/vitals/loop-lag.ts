import { monitorEventLoopDelay } from 'node:perf_hooks'

const resolutionMs = 20
/** A beat of five seconds twelve times. */
const beatsPerMinute = 12

export interface LoopLag {
  /** p99 of the last minute, asked once per beat: milliseconds by which timers come late. */
  read(): number
  close(): void
}

/** Watches how late the event loop is, by a timer of its own in libuv: nothing of ours runs between beats. */
export function watchLoopLag(): LoopLag {
  const histogram = monitorEventLoopDelay({ resolution: resolutionMs })
  histogram.enable()
  let beats = 0
  let lastMinute = 0
  return {
    read: () => {
      // What it measures is from timer to timer.
      const now = Math.max(0, histogram.percentile(99) / 1e6 - resolutionMs)
      const shown = Math.max(now, lastMinute)
      beats += 1
      if (beats % beatsPerMinute === 0) {
        lastMinute = now
        histogram.reset()
      }
      return Math.round(shown * 10) / 10
    },
    close: () => histogram.disable(),
  }
}
