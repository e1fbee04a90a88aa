import { type ChildProcess, spawn } from 'node:child_process'
import { accessSync, constants, mkdirSync } from 'node:fs'
import { createServer } from 'node:net'
import { delimiter, join } from 'node:path'
import { Redis } from 'ioredis'

// Imports nothing of ours: jest's global setup loads this file too, where #libs is not mapped to sources.

/** A private Redis for development and tests. Production processes never start one. */
export interface DevRedis {
  url: string
  /** What is running: a real server keeps its data under `dir`, the embedded one in memory only. */
  kind: 'redis-server' | 'valkey-server' | 'js-redis-server'
  close(): Promise<void>
  /** An outage on purpose: the server ends, keeps its file, and comes back on the same port. Not of the embedded one. */
  outage?: { begin(): Promise<void>; end(): Promise<void> }
}

export interface DevRedisOptions {
  /** Where the append-only file goes. */
  dir: string
  /** The PATH to search for a server. */
  path: string | undefined
}

/** The ladder: a redis-server or valkey-server on the PATH, else the embedded JavaScript one. */
export async function startDevRedis(options: DevRedisOptions): Promise<DevRedis> {
  for (const kind of ['redis-server', 'valkey-server'] as const) {
    const binary = findOnPath(kind, options.path)
    if (binary) return startBinary(kind, binary, options.dir)
  }
  return startEmbedded()
}

/** The full path of a program. */
export function findOnPath(name: string, path: string | undefined): string | undefined {
  const candidates = (path ?? '').split(delimiter).filter(Boolean)
  return candidates.map((folder) => join(folder, name)).find(isExecutable)
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}

async function startBinary(
  kind: 'redis-server' | 'valkey-server',
  binary: string,
  dir: string,
): Promise<DevRedis> {
  mkdirSync(dir, { recursive: true })
  const port = await freePort()
  const args = [
    '--port',
    String(port),
    '--bind',
    '127.0.0.1',
    '--dir',
    dir,
    '--save',
    '',
    '--appendonly',
    'yes',
  ]
  const url = `redis://127.0.0.1:${port}`
  // Its own process group: Ctrl-C in the terminal must not stop Redis before the workers have finished.
  const start = async () => {
    const child = spawn(binary, args, { stdio: 'ignore', detached: true })
    await untilReady(url, child, binary)
    return child
  }
  let child = await start()
  const outage = {
    begin: () => stop(child),
    end: async () => {
      if (hasEnded(child)) child = await start()
    },
  }
  return { url, kind, close: () => stop(child), outage }
}

async function untilReady(url: string, child: ChildProcess, binary: string): Promise<void> {
  const redis = new Redis(url, { lazyConnect: true, retryStrategy: () => 50, maxRetriesPerRequest: null })
  redis.on('error', () => undefined)
  const died = new Promise<never>((_resolve, reject) => {
    child.once('error', (cause) => reject(new Error(`${binary} does not start.`, { cause })))
    child.once('exit', (code) =>
      reject(new Error(`${binary} ended at once with code ${code}. Run it by hand to see why.`)),
    )
  })
  try {
    await Promise.race([redis.ping(), died])
  } finally {
    redis.disconnect()
  }
}

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null
}

/** SIGTERM: Redis writes what it has to its file before it ends. */
function stop(child: ChildProcess): Promise<void> {
  if (hasEnded(child)) return Promise.resolve()
  return new Promise((resolve) => {
    child.removeAllListeners('exit')
    child.once('exit', () => resolve())
    child.kill('SIGTERM')
  })
}

async function startEmbedded(): Promise<DevRedis> {
  const { createRedisServer } = await import('js-redis-server').catch((cause: unknown) => {
    throw new Error('There is no Redis here (the image has none). Set REDIS_URL.', { cause })
  })
  const server = await createRedisServer({ port: 0 })
  return { url: `redis://127.0.0.1:${server.port}`, kind: 'js-redis-server', close: () => server.close() }
}

/** A port of this machine that nobody listens on. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
}
