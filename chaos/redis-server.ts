import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { Redis, type RedisOptions } from 'ioredis'
import type { RedisClient } from '#libs/redis'
import { findOnPath, freePort } from '../libs/cli/dev-redis'
import type { Children } from './children'
import { within } from './until'

/** How often Redis forces its append-only file to the disk. */
export type Fsync = 'everysec' | 'always'

/** A time in which Redis took no writes: Unix milliseconds. */
export interface Away {
  from: number
  to: number
}

/** What every scenario needs of its Redis, whether that is one server or several. */
export interface RedisUnderTest {
  /** The settings that lead to it: REDIS_URL and what belongs to it. */
  env: Record<string, string>
  /** The runner's own connection. */
  client: RedisClient
  /** Whatever was done to it is undone. */
  mend(): Promise<void>
  away(): Away[]
  close(): void
}

/** A real redis-server that can be hurt. */
export interface RedisServer extends RedisUnderTest {
  port: number
  /** Resolves when it is gone. */
  kill(): Promise<void>
  /** After a kill: the same folder, the same port. Resolves when it answers. */
  start(): Promise<void>
  freeze(): void
  thaw(): void
  /** No room for anything more. */
  fill(): Promise<void>
  /** Room again. */
  unfill(): Promise<void>
}

export interface RedisServerOptions {
  children: Children
  binary: string
  dir: string
  fsync: Fsync
  /** Of a server that is one of several. */
  args?: string[]
  port?: number
  /** Runs the program in another way: on a core of its own, say. */
  command?: (file: string, args: string[]) => { file: string; args: string[] }
  /** How the runner connects, where the arguments ask for a password or TLS. */
  access?: Pick<RedisOptions, 'password' | 'tls'>
}

/** A redis-server or valkey-server on the PATH; the embedded one of `hookline dev` keeps nothing on a disk. */
export function findRedisServer(path: string | undefined): string | undefined {
  return findOnPath('redis-server', path) ?? findOnPath('valkey-server', path)
}

export async function startRedisServer(options: RedisServerOptions): Promise<RedisServer> {
  const port = options.port ?? (await freePort())
  mkdirSync(join(options.dir, 'redis'), { recursive: true })
  const client = new Redis(port, '127.0.0.1', {
    ...options.access,
    retryStrategy: () => 50,
    maxRetriesPerRequest: null,
    lazyConnect: true,
  })
  client.on('error', () => undefined)
  const server = createServer(client, () => launch(port, options))
  await server.start()
  return { ...server, port, env: { REDIS_URL: `redis://127.0.0.1:${port}` } }
}

function launch(
  port: number,
  { children, binary, dir, fsync, args: more = [], command }: RedisServerOptions,
): ChildProcess {
  const data = join(dir, 'redis')
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--dir', data, '--save', '']
  args.push('--appendonly', 'yes', '--appendfsync', fsync, ...more)
  const program = command?.(binary, args) ?? { file: binary, args }
  return children.start({ ...program, env: {}, cwd: data, logFile: join(dir, 'redis.log') })
}

function createServer(client: Redis, spawn: () => ChildProcess): Omit<RedisServer, 'env' | 'port'> {
  const times: Away[] = []
  let child: ChildProcess | undefined
  const gone = () => {
    if (times.at(-1)?.to !== Infinity) times.push({ from: Date.now(), to: Infinity })
  }
  const back = () => {
    const last = times.at(-1)
    if (last?.to === Infinity) last.to = Date.now()
  }
  const start = async () => {
    if (isAlive(child)) return
    child = spawn()
    await within(15_000, 'Redis answers', client.ping())
    back()
  }
  const thaw = () => {
    child?.kill('SIGCONT')
    back()
  }
  const unfill = async () => {
    await client.config('SET', 'maxmemory', 0)
    back()
  }
  return {
    client,
    start,
    thaw,
    unfill,
    away: () => times,
    kill: async () => {
      gone()
      if (!isAlive(child)) return
      const ended = once(child, 'exit')
      child.kill('SIGKILL')
      await ended
    },
    freeze: () => {
      gone()
      child?.kill('SIGSTOP')
    },
    fill: async () => {
      gone()
      await client.config('SET', 'maxmemory', await usedMemory(client))
    },
    mend: async () => {
      thaw()
      await start()
      await unfill()
    },
    close: () => {
      client.disconnect()
      child?.kill('SIGKILL')
    },
  }
}

function isAlive(child: ChildProcess | undefined): child is ChildProcess {
  return child !== undefined && child.exitCode === null && child.signalCode === null
}

async function usedMemory(client: Redis): Promise<number> {
  return Number(/^used_memory:(\d+)/m.exec(await client.info('memory'))?.[1] ?? 0)
}
