import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Children } from '../chaos/children'
import { type Fsync, type RedisServer, startRedisServer } from '../chaos/redis-server'
import { within } from '../chaos/until'
import type { Pinning, Place } from './pinning'

/** What every measurement is given. */
export interface Bench {
  children: Children
  pinning: Pinning
  /** The folder of the project. */
  root: string
  /** A folder of this run. */
  dir: string
  redisBinary: string
  /** Of the runner's environment, for the processes: PATH and HOME. */
  surroundings: Record<string, string>
  rounds: number
  /** Of one measurement, without warming up. */
  seconds: number
  /** How long processes are watched under a steady load. */
  minutes: number
  /** A smoke run: the smallest sizes that still show that everything works. */
  quick: boolean
  print(line: string): void
}

/** A process that runs until it is ended. */
export interface Program {
  pid: number
  /** Where it listens. */
  url: string
  end(): Promise<void>
}

export interface ProgramOptions {
  /** For the name of its log. */
  name: string
  /** Compiled file below dist. */
  script: string
  args?: string[]
  env?: Record<string, string>
  place: Place
  dir: string
}

const startTimeoutMs = 30_000

/** Starts a process of Node and waits until it says where it listens: a line with `"url":"…"`. */
export async function startProgram(bench: Bench, options: ProgramOptions): Promise<Program> {
  const { name, script, args = [], env = {}, place, dir } = options
  const command = bench.pinning.command(place, process.execPath, [join(bench.root, 'dist', script), ...args])
  let found: (url: string) => void = () => undefined
  const url = new Promise<string>((resolve) => (found = resolve))
  const logFile = join(dir, `${name}.log`)
  const child = bench.children.start({
    ...command,
    env: { ...bench.surroundings, ...env },
    cwd: bench.root,
    logFile,
    onLine: (line) => {
      const said = /"url":"([^"]+)"/.exec(line)?.[1]
      if (said !== undefined) found(said)
    },
  })
  const ended = once(child, 'exit')
  const died = ended.then(() => {
    throw new Error(`${name} ended before it listened. Its log: ${logFile} (run with --keep).`)
  })
  return {
    url: await within(startTimeoutMs, `${name} listens`, Promise.race([url, died])),
    pid: child.pid ?? 0,
    end: async () => {
      child.kill('SIGKILL')
      await ended
    },
  }
}

/** Runs a process of Node to its end and gives the JSON that is its last line. */
export async function runTool(
  bench: Bench,
  tool: { file: string; args: string[]; dir: string; name: string; timeoutMs: number },
): Promise<unknown> {
  let last = ''
  const child = bench.children.start({
    ...bench.pinning.command('generator', tool.file, tool.args),
    env: bench.surroundings,
    cwd: bench.root,
    logFile: join(tool.dir, `${tool.name}.log`),
    onLine: (line) => {
      if (line.startsWith('{')) last = line
    },
  })
  // `close`, not `exit`: the last line may come after the end.
  await within(tool.timeoutMs, `${tool.name} ends`, once(child, 'close'))
  if (last === '')
    throw new Error(`${tool.name} gave no result. Its log is in ${tool.dir} (run with --keep).`)
  return JSON.parse(last)
}

/** A Redis of this measurement's own, in the folder of the measurement. */
export interface OwnRedis extends RedisServer {
  pid: number
  url: string
}

export async function startOwnRedis(
  bench: Bench,
  dir: string,
  { fsync = 'everysec', place = 'generator' }: { fsync?: Fsync; place?: Place } = {},
): Promise<OwnRedis> {
  // A rewrite of the file in the middle of one measurement and not of the other would be noise.
  const args = ['--auto-aof-rewrite-percentage', '0']
  const command = (file: string, given: string[]) => bench.pinning.command(place, file, given)
  const redis = await startRedisServer({ ...bench, binary: bench.redisBinary, dir, fsync, args, command })
  return { ...redis, pid: await pidOf(redis), url: `redis://127.0.0.1:${redis.port}` }
}

export async function pidOf({ client }: Pick<RedisServer, 'client'>): Promise<number> {
  return Number(/^process_id:(\d+)/m.exec(await client.info('server'))?.[1] ?? 0)
}

/** A folder for the time of one measurement: its Redis, its logs. What failed stays for `--keep`. */
export async function inFolder<T>(bench: Bench, work: (dir: string) => Promise<T>): Promise<T> {
  const dir = mkdtempSync(join(bench.dir, 'measurement-'))
  const result = await work(dir)
  rmSync(dir, { recursive: true, force: true, maxRetries: 5 })
  return result
}
