import { join } from 'node:path'
import { Worker } from 'node:worker_threads'

/** What the thread is given. */
export interface WatchdogData {
  /** Counts up while the event loop turns. */
  beats: Int32Array
  limitMs: number
}

const beatMs = 250

/**
 * Ends the process when its event loop stands still for longer than `limitMs`, as under `while (true) {}` in a
 * handler: no timer of this thread would ever fire again, so another thread watches. Whoever starts the process
 * again finds the item that did it counted as a crash. Does not keep the process alive.
 */
export function startWatchdog(limitMs: number): void {
  const beats = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT))
  setInterval(() => Atomics.add(beats, 0, 1), beatMs).unref()
  const workerData: WatchdogData = { beats, limitMs }
  // No environment: it needs none, and it holds the secrets.
  new Worker(join(__dirname, 'watchdog-thread.js'), { workerData, env: {} }).unref()
}
