import { writeSync } from 'node:fs'
import { workerData } from 'node:worker_threads'
import type { WatchdogData } from './watchdog'

const { beats, limitMs } = workerData as WatchdogData
const tickMs = 500
let seen = 0
let stillMs = 0

// Its own ticks are the measure, not a clock: a process that was stopped, or slept with its machine, is not blamed.
setInterval(() => {
  const now = Atomics.load(beats, 0)
  stillMs = now === seen ? stillMs + tickMs : 0
  seen = now
  if (stillMs > limitMs) endProcess()
}, tickMs)

function endProcess(): void {
  const seconds = Math.round(stillMs / 1000)
  writeSync(
    2,
    `The event loop has been blocked for ${seconds} s: code of a bot that never gives way, like an endless loop. Ending this worker; the item counts as crashed.\n`,
  )
  process.kill(process.pid, 'SIGKILL')
}
