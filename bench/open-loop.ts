import { join } from 'node:path'
import { type Bench, runTool } from './bench'
import { checkAnswered } from './load'
import type { Pool } from './pool'

export interface OpenLoopOptions {
  url: string
  seconds: number
  pool: Pool
  /** The first request of the pool to send. */
  from: number
  /** Requests per second, whatever the answers do. */
  rate: number
  dir: string
}

/** Latencies from the moment at which each request was due. */
export interface Latencies {
  answered: number
  failed: number
  p50Ms: number
  p99Ms: number
  mostMs: number
}

/** Many, so that a request that is due seldom waits for one. */
export const openLoopConnections = 256

export async function sendAtRate(bench: Bench, options: OpenLoopOptions): Promise<Latencies> {
  const { url, seconds, pool, from, rate, dir } = options
  const args = [join(bench.root, 'dist/bench/open-loop-main.js'), url, String(seconds), pool.file]
  args.push(String(pool.size), String(from), String(rate), String(openLoopConnections))
  const timeoutMs = seconds * 1000 + 30_000
  const result = await runTool(bench, { file: process.execPath, args, dir, name: 'open-loop', timeoutMs })
  return checkAnswered(result as Latencies)
}
