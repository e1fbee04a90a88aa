import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { findOnPath } from '../libs/cli/dev-redis'
import { type Bench, runTool } from './bench'
import type { Pool } from './pool'

/** What a load generator says at its end. */
export interface LoadResult {
  /** Answers with 200. */
  answered: number
  /** Requests that went out; at the end some have no answer yet. */
  sent: number
  /** Other answers, errors and timeouts. */
  failed: number
  seconds: number
  p50Ms: number
  p99Ms: number
}

export interface LoadOptions {
  url: string
  seconds: number
  pool: Pool
  /** The first request of the pool to send: those before it are used up. */
  from: number
  /** Goes through the pool again where it is too small, instead of failing: for servers that remember no event. */
  mayRepeat: boolean
  dir: string
}

/** Sends as fast as the answers come: a next request on each connection after the answer to the last. */
export interface Generator {
  name: string
  run(options: LoadOptions): Promise<LoadResult>
}

/** Of a platform that is busy: LINE keeps some tens of connections to a webhook server. */
export const connections = 64

/** `wrk` where it is on the PATH, since it needs the least CPU; else autocannon. */
export function findGenerator(bench: Bench): Generator {
  const wrk = findOnPath('wrk', bench.surroundings['PATH'])
  return wrk === undefined ? autocannonGenerator(bench) : wrkGenerator(bench, wrk)
}

function wrkGenerator(bench: Bench, wrk: string): Generator {
  return {
    name: `wrk -t1 -c${connections}`,
    run: async ({ url, seconds, pool, from, mayRepeat, dir }) => {
      const script = join(dir, 'load.lua')
      writeFileSync(script, wrkScript)
      const options = [
        '-t1',
        `-c${connections}`,
        `-d${seconds}s`,
        '--timeout',
        '10s',
        '--latency',
        '-s',
        script,
      ]
      const args = [...options, url, '--', pool.file, String(pool.size), String(from)]
      const timeoutMs = seconds * 1000 + 20_000
      const said = await runTool(bench, { file: wrk, args, dir, name: 'wrk', timeoutMs })
      return checked(parseWrk(said), mayRepeat)
    },
  }
}

function autocannonGenerator(bench: Bench): Generator {
  return {
    name: `autocannon, ${connections} connections`,
    run: async ({ url, seconds, pool, from, mayRepeat, dir }) => {
      const args = [join(bench.root, 'dist/bench/autocannon-main.js'), url, String(seconds)]
      args.push(pool.file, String(pool.size), String(from), String(connections))
      const timeoutMs = seconds * 1000 + 30_000
      const tool = { file: process.execPath, args, dir, name: 'autocannon', timeoutMs }
      return checked((await runTool(bench, tool)) as Said, mayRepeat)
    },
  }
}

/** `repeated`: the pool was too small. */
type Said = LoadResult & { repeated: boolean }

function checked({ repeated, ...result }: Said, mayRepeat: boolean): LoadResult {
  if (repeated && !mayRepeat)
    throw new Error('The pool of signed requests was too small: duplicates would have been sent.')
  return checkAnswered(result)
}

/** A measurement counts only where every request had its 200. */
export function checkAnswered<T extends Pick<LoadResult, 'answered' | 'failed'>>(result: T): T {
  if (result.answered === 0) throw new Error('No request was answered with 200.')
  if (result.failed > 0) throw new Error(`${result.failed} requests were not answered with 200.`)
  return result
}

/** Reads request by request from the pool, which costs next to nothing, and prints one line of JSON at the end. */
export const wrkScript = `
local threads = {}
function setup(thread)
  threads[#threads + 1] = thread
end
function init(args)
  pool = io.open(args[1], 'rb')
  size = tonumber(args[2])
  pool:seek('set', size * tonumber(args[3]))
  sent = 0
  repeated = 0
end
function request()
  sent = sent + 1
  local raw = pool:read(size)
  if raw then return raw end
  repeated = 1
  pool:seek('set', 0)
  return pool:read(size)
end
function done(summary, latency)
  local e = summary.errors
  print(string.format(
    '{"requests":%d,"status":%d,"broken":%d,"micros":%d,"p50":%d,"p99":%d,"sent":%d,"repeated":%d}',
    summary.requests, e.status, e.connect + e.read + e.write + e.timeout, summary.duration,
    latency:percentile(50), latency:percentile(99), threads[1]:get('sent'), threads[1]:get('repeated')))
end
`

/** What the script above prints. */
export function parseWrk(said: unknown): Said {
  const of = said as Record<
    'requests' | 'status' | 'broken' | 'micros' | 'p50' | 'p99' | 'sent' | 'repeated',
    number
  >
  return {
    answered: of.requests - of.status,
    // wrk asks for one request more, to look at it.
    sent: of.sent - 1,
    failed: of.status + of.broken,
    seconds: of.micros / 1e6,
    p50Ms: of.p50 / 1000,
    p99Ms: of.p99 / 1000,
    repeated: of.repeated > 0,
  }
}
