import { mkdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { connectWorker } from '#libs/redis'
import { createLogger } from '#libs/observability'
import {
  type RedisServer,
  type RedisServerOptions,
  type RedisUnderTest,
  startRedisServer,
} from '../../chaos/redis-server'
import { sleep } from '../../chaos/until'
import { root } from '../support/stack'

/** Several servers of which one takes the place of another that fails. */
export interface RedisSet extends RedisUnderTest {
  /** From now on no replica of the primary that will be killed receives what it is given. */
  cutReplication(): Promise<void>
  /** Ends the primary; resolves when another takes writes, with how long that took: milliseconds. */
  endPrimary(how: Ending): Promise<number>
  /** Brings that server back; resolves when it follows the new primary. */
  revive(): Promise<void>
  /** Hands over to a replica in good order; resolves when it takes writes, with how long that took. */
  handOver(): Promise<number>
}

/** `kill`: kill -9. `hang`: it answers nothing any more, and its connections stay open (SIGSTOP). */
export type Ending = 'kill' | 'hang'

export async function end(server: RedisServer, how: Ending): Promise<void> {
  if (how === 'kill') await server.kill()
  else server.freeze()
}

/** Whatever ended it. */
export async function bringBack(server: RedisServer): Promise<void> {
  server.thaw()
  await server.start()
}

const password = 'p@ss/word'
/** What processes log in with: a user who may do no more than docs/redis.md says. */
export const login = `hookline:${encodeURIComponent(password)}`

function userOfDocs(): string[] {
  const text = readFileSync(join(root, 'docs/redis.md'), 'utf8')
  const [, rules = ''] = /^ *user hookline on >PASSWORD (.*)$/m.exec(text) ?? []
  return ['--user', 'hookline', 'on', `>${password}`, ...rules.trim().split(/ +/)]
}

/** Private authority of the servers; without it they speak plainly. */
export interface Tls {
  certFile: string
  keyFile: string
  caFile: string
  ca: string
}

export interface SetOptions extends RedisServerOptions {
  tls?: Tls | undefined
}

export const serverPassword = password

export function accessOf(tls: Tls | undefined): NonNullable<RedisServerOptions['access']> {
  return { password, ...(tls ? { tls: { ca: tls.ca } } : {}) }
}

export function tlsFiles({ certFile, keyFile, caFile }: Tls): string[] {
  const auth = ['--tls-auth-clients', 'no', '--tls-replication', 'yes']
  return ['--tls-cert-file', certFile, '--tls-key-file', keyFile, '--tls-ca-cert-file', caFile, ...auth]
}

let nextPort = 20_000 + (process.pid % 1000) * 10

/**
 * A port below those that the system gives to outgoing connections: of these sets' many one would soon take the
 * port of a server that is away for a while.
 */
export async function serverPort(): Promise<number> {
  for (;;) {
    const port = nextPort++
    const probe = createServer()
    const isFree = await new Promise<boolean>((resolve) => {
      probe.once('error', () => resolve(false)).listen(port, '127.0.0.1', () => resolve(true))
    })
    await new Promise((closed) => probe.close(closed))
    if (isFree) return port
  }
}

/** One server of a set, in a folder of its own. */
export async function startMember(name: string, { tls, ...options }: SetOptions, args: string[]) {
  const dir = join(options.dir, name)
  mkdirSync(dir, { recursive: true })
  const port = await serverPort()
  const ports = tls ? ['--port', '0', '--tls-port', String(port), ...tlsFiles(tls)] : []
  const own = [
    ...ports,
    ...userOfDocs(),
    ...['--requirepass', password, '--masterauth', password, '--repl-diskless-sync-delay', '0'],
    ...args,
  ]
  return startRedisServer({ ...options, dir, port, access: accessOf(tls), args: own })
}

/** The settings of processes that use the set, and a connection like theirs. */
export function connectTo(url: string, tls: Tls | undefined) {
  const silent = createLogger({ name: 'test', level: 'silent' })
  const env = { REDIS_URL: url, ...(tls ? { REDIS_CA_FILE: tls.caFile } : {}) }
  return { env, client: connectWorker(url, silent, tls?.ca) }
}

/** Replicas that hang, and whose connections are gone: what the primary takes from now on it has alone. */
export async function cutOff(replicas: RedisServer[], primary: RedisServer): Promise<void> {
  for (const replica of replicas) replica.freeze()
  await primary.client.call('CLIENT', 'KILL', 'TYPE', 'replica')
}

/** When the set took no writes. */
export function createOutages() {
  const times: { from: number; to: number }[] = []
  return {
    times,
    /** Runs what begins with the outage and resolves when writes are taken again. */
    during: async (outage: () => Promise<void>) => {
      const time = { from: Date.now(), to: Infinity }
      times.push(time)
      await outage()
      time.to = Date.now()
      return time.to - time.from
    },
  }
}

/** Until the check neither throws nor says no. */
export async function untilTrue(check: () => Promise<boolean>, what: string, ms = 60_000): Promise<void> {
  const deadline = Date.now() + ms
  while (!(await check().catch(() => false))) {
    if (Date.now() > deadline) throw new Error(`Waited ${ms / 1000} s in vain until: ${what}.`)
    await sleep(50)
  }
}

export async function roleOf({ client }: RedisServer): Promise<string> {
  return /^role:(\w+)/m.exec(await client.info('replication'))?.[1] ?? ''
}

export async function isFollowing(replica: RedisServer, primary: RedisServer): Promise<boolean> {
  const info = await replica.client.info('replication')
  return info.includes(`master_port:${primary.port}\r`) && info.includes('master_link_status:up')
}
