import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { findOnPath, freePort } from '../../libs/cli/dev-redis'

/** A Redis server of the test's own, which it may kill, freeze and fill. */
export interface RedisServer {
  url: string
  /** A connection for looking at it; it waits while the server is away. */
  redis: Redis
  /** Starts it, again on the same port and with the same data. */
  start(): Promise<void>
  /** Ends it as a power cut would. */
  kill(): Promise<void>
  freeze(): void
  thaw(): void
  /** Ends everything and removes the data. */
  remove(): Promise<void>
}

const { PATH } = process.env
const binary = findOnPath('redis-server', PATH) ?? findOnPath('valkey-server', PATH)

/** Without a server there is nothing to kill; in CI that is a failure, elsewhere these suites are skipped. */
export const describeWithRedisServer = ((name: string, suite: () => void) =>
  binary || process.env['CI']
    ? describe(name, suite)
    : describe.skip(`${name} (skipped: no redis-server or valkey-server on the PATH)`, suite)) as (
  name: string,
  suite: () => void,
) => void

export async function createRedisServer(args: string[] = []): Promise<RedisServer> {
  if (!binary) throw new Error('no redis-server or valkey-server on the PATH')
  const program = binary
  const dir = mkdtempSync(join(tmpdir(), 'hookline-redis-'))
  const port = await freePort()
  const options = ['--port', String(port), '--bind', '127.0.0.1', '--dir', dir, '--save', '']
  const redis = new Redis(port, '127.0.0.1', {
    lazyConnect: true,
    maxRetriesPerRequest: null,
    retryStrategy: () => 50,
  })
  redis.on('error', () => undefined)
  let child: ChildProcess | undefined

  const start = async () => {
    child = spawn(program, [...options, '--appendonly', 'yes', ...args], { stdio: 'ignore' })
    await redis.ping()
  }
  const kill = async () => {
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const gone = once(child, 'exit')
    child.kill('SIGKILL')
    await gone
  }
  return {
    url: `redis://127.0.0.1:${port}`,
    redis,
    start,
    kill,
    freeze: () => void child?.kill('SIGSTOP'),
    thaw: () => void child?.kill('SIGCONT'),
    remove: async () => {
      redis.disconnect()
      await kill()
      rmSync(dir, { recursive: true, force: true })
    },
  }
}
