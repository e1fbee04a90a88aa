import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import type { RedisServer } from '../../chaos/redis-server'
import { root } from '../support/stack'
import {
  type RedisSet,
  type SetOptions,
  accessOf,
  bringBack,
  connectTo,
  createOutages,
  cutOff,
  end,
  isFollowing,
  login,
  roleOf,
  serverPassword,
  serverPort,
  startMember,
  tlsFiles,
  untilTrue,
} from './redis-set'

const name = 'main'
const sentinelPassword = 'watch&tell'
const quorum = 2
const noticeMs = 1500

/** A primary with two replicas, and three Sentinels that watch them. */
export async function startSentinelSet(options: SetOptions): Promise<RedisSet> {
  const { tls } = options
  const first = await startMember('server-1', options, [])
  const following = ['--replicaof', '127.0.0.1', String(first.port)]
  const others = await Promise.all(
    ['server-2', 'server-3'].map((member) => startMember(member, options, following)),
  )
  const servers = [first, ...others]
  for (const replica of others) await untilTrue(() => isFollowing(replica, first), 'a replica follows')
  const ports = await Promise.all([1, 2, 3].map((n) => startSentinel(`sentinel-${n}`, first.port, options)))
  const sentinels = ports.map((port) => sentinelAt(port, options))
  await untilTrue(
    async () => (await Promise.all(sentinels.map(knowsAll))).every(Boolean),
    'every Sentinel knows all servers and Sentinels',
  )
  const hosts = ports.map((port) => `127.0.0.1:${port}`).join(',')
  const query = `?sentinelUsername=watcher&sentinelPassword=${encodeURIComponent(sentinelPassword)}`
  const url = `redis${tls ? 's' : ''}+sentinel://${login}@${hosts}/${name}${query}`
  return createSet({ servers, sentinels, ...connectTo(url, tls) })
}

/** What docs/redis.md says about the user of the Sentinels. */
function sentinelRules(): string {
  const text = readFileSync(join(root, 'docs/redis.md'), 'utf8')
  return /^ *user watcher on >PASSWORD (.*)$/m.exec(text)?.[1] ?? ''
}

async function startSentinel(folder: string, primary: number, options: SetOptions): Promise<number> {
  const { children, binary, dir, tls } = options
  const port = await serverPort()
  const home = join(dir, folder)
  mkdirSync(home, { recursive: true })
  const file = join(home, 'sentinel.conf')
  const files = tls ? tlsFiles(tls).join(' ').replaceAll(' --', '\n').replace(/^--/, '') : ''
  const listen = tls ? `port 0\ntls-port ${port}\n${files}` : `port ${port}`
  writeFileSync(
    file,
    `${listen}
bind 127.0.0.1
dir ${home}
requirepass ${sentinelPassword}
user watcher on >${sentinelPassword} ${sentinelRules()}
sentinel sentinel-pass ${sentinelPassword}
sentinel monitor ${name} 127.0.0.1 ${primary} ${quorum}
sentinel auth-pass ${name} ${serverPassword}
sentinel down-after-milliseconds ${name} ${noticeMs}
sentinel failover-timeout ${name} 6000
sentinel parallel-syncs ${name} 2
`,
  )
  const logFile = join(home, 'sentinel.log')
  children.start({ file: binary, args: [file, '--sentinel'], env: {}, cwd: home, logFile })
  return port
}

function sentinelAt(port: number, { tls }: SetOptions): Redis {
  const access = { ...accessOf(tls), password: sentinelPassword }
  const sentinel = new Redis(port, '127.0.0.1', { ...access, retryStrategy: () => 50 })
  sentinel.on('error', () => undefined)
  return sentinel
}

async function knowsAll(sentinel: Redis): Promise<boolean> {
  const about = (await sentinel.call('SENTINEL', 'MASTER', name)) as string[]
  const field = (key: string) => about[about.indexOf(key) + 1]
  return field('num-slaves') === '2' && field('num-other-sentinels') === '2'
}

interface Parts extends Pick<RedisSet, 'env' | 'client'> {
  servers: RedisServer[]
  sentinels: Redis[]
}

function createSet({ servers, sentinels, env, client }: Parts): RedisSet {
  const outages = createOutages()
  let ended: RedisServer | undefined

  const primary = async (): Promise<RedisServer> => {
    const [, port] = (await sentinels[0]?.call('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', name)) as [
      string,
      string,
    ]
    const found = servers.find((server) => server.port === Number(port))
    if (!found) throw new Error(`no server has port ${port}`)
    return found
  }
  const replacesOther = (old: RedisServer) =>
    untilTrue(async () => {
      const now = await primary()
      return now !== old && (await roleOf(now)) === 'master'
    }, 'another server is the primary')

  return {
    env,
    client,
    away: () => outages.times,
    cutReplication: async () => {
      const now = await primary()
      await cutOff(
        servers.filter((server) => server !== now),
        now,
      )
    },
    endPrimary: async (how) => {
      const old = await primary()
      ended = old
      return outages.during(async () => {
        await end(old, how)
        for (const server of servers) if (server !== old) server.thaw()
        await replacesOther(old)
      })
    },
    revive: async () => {
      const old = ended
      if (!old) return
      await bringBack(old)
      await untilTrue(async () => isFollowing(old, await primary()), 'the old primary follows the new one')
    },
    handOver: async () => {
      const old = await primary()
      const ms = await outages.during(async () => {
        await sentinels[0]?.call('SENTINEL', 'FAILOVER', name)
        await replacesOther(old)
      })
      // Until then the old one goes on taking writes, and throws them away.
      await untilTrue(async () => isFollowing(old, await primary()), 'the old primary follows the new one')
      return ms
    },
    mend: async () => {
      await Promise.all(servers.map(bringBack))
    },
    close: () => {
      client.disconnect()
      for (const sentinel of sentinels) sentinel.disconnect()
      for (const server of servers) server.close()
    },
  }
}
