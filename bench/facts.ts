import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { cpus, loadavg } from 'node:os'
import { join } from 'node:path'
import type { Bench } from './bench'
import { findGenerator } from './load'

/** About the run as a whole. */
export interface Facts {
  date: string
  hookline: string
  node: string
  /** `Redis 7.0.15`. */
  redis: string
  cores: number
  cpu: string
  /** What else the machine did when the run began. */
  load: string
  pinning: string
  generator: string
  rounds: number
  seconds: number
}

export function readFacts(bench: Bench): Facts {
  const { version } = JSON.parse(readFileSync(join(bench.root, 'package.json'), 'utf8')) as {
    version: string
  }
  const said = execFileSync(bench.redisBinary, ['--version'], { encoding: 'utf8' })
  const cores = cpus()
  return {
    date: new Date().toISOString().slice(0, 10),
    hookline: version,
    node: process.version,
    redis: /^(\w+) server v=(\S+)/.exec(said)?.slice(1, 3).join(' ') ?? 'unknown',
    cores: cores.length,
    cpu: cores[0]?.model.trim() ?? 'unknown',
    load: `load average before the run ${(loadavg()[0] ?? 0).toFixed(1)}`,
    pinning: bench.pinning.note,
    generator: findGenerator(bench).name,
    rounds: bench.rounds,
    seconds: bench.seconds,
  }
}
