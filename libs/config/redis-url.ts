import { HooklineError } from '#libs/contract'

export interface RedisHost {
  host: string
  port: number
}

interface Access {
  tls: boolean
  hosts: RedisHost[]
  username?: string
  password?: string
}

/** Where Redis is and how to log in, as REDIS_URL says it. */
export type RedisPlace =
  | ({ kind: 'server'; db: number; url: string } & Access)
  | ({
      kind: 'sentinel'
      /** What the Sentinels call the primary. */
      primary: string
      db: number
      sentinelUsername?: string
      sentinelPassword?: string
    } & Access)
  | ({ kind: 'cluster' } & Access)

export const redisUrlForms =
  'redis://HOST:6379, rediss://HOST:6379, redis+sentinel://HOST:26379,HOST:26379/PRIMARY or redis+cluster://HOST:7000,HOST:7001'

/** A message that follows the name of the setting. */
class Wrong extends Error {}

/** What is wrong with the Redis URL, or undefined. Never repeats a part of it: any part may be a password. */
export function redisUrlProblem(text: string): string | undefined {
  try {
    readRedisUrl(text)
    return undefined
  } catch (error) {
    if (error instanceof Wrong) return error.message
    throw error
  }
}

/** @throws HooklineError `config_invalid`; settings are checked before, so this is for URLs from elsewhere. */
export function parseRedisUrl(text: string): RedisPlace {
  const problem = redisUrlProblem(text)
  if (problem !== undefined) throw new HooklineError('config_invalid', `The URL of Redis ${problem}.`)
  return readRedisUrl(text)
}

/** The Redis URL without user name, password and options: fit for a log. */
export function showRedisUrl(text: string): string {
  const place = parseRedisUrl(text)
  if (place.kind === 'server') {
    const { protocol, host, pathname } = new URL(text)
    return `${protocol}//${host}${pathname}`
  }
  const hosts = place.hosts.map(({ host, port }) => `${host.includes(':') ? `[${host}]` : host}:${port}`)
  const path = place.kind === 'sentinel' ? `/${encodeURIComponent(place.primary)}/${place.db}` : ''
  return `redis${place.tls ? 's' : ''}+${place.kind}://${hosts.join(',')}${path}`
}

interface Parts {
  tls: boolean
  hosts: string
  path: string
  query: string
  username?: string
  password?: string
}

function readRedisUrl(text: string): RedisPlace {
  const [, secure, kind, rest = ''] = /^redis(s?)(?:[+-](sentinel|cluster))?:\/\/(.*)$/s.exec(text) ?? []
  if (secure === undefined) {
    throw new Wrong(URL.canParse(text) ? `must have one of the forms ${redisUrlForms}` : 'is not a URL')
  }
  const parts = split(rest, secure === 's')
  if (kind === 'sentinel') return readSentinels(parts)
  if (kind === 'cluster') return readCluster(parts)
  return readServer(text, parts)
}

function readServer(text: string, { tls, hosts, path, ...login }: Parts): RedisPlace {
  if (hosts.includes(','))
    throw new Wrong('names several servers: begin it with redis+sentinel:// or redis+cluster://')
  const db = databaseOf(path)
  return { kind: 'server', tls, hosts: readHosts(hosts, 6379), db, url: text, ...loginOf(login) }
}

function readSentinels({ tls, hosts, path, query, ...login }: Parts): RedisPlace {
  const [primary = '', db = '', ...more] = path.slice(1).split('/')
  if (primary === '')
    throw new Wrong('lacks the name that the Sentinels have for the primary: …:26379/mymaster')
  if (more.length > 0) throw new Wrong('has more in its path than the name of the primary and a database')
  const options = new URLSearchParams(query)
  const { sentinelUsername, sentinelPassword, ...others } = Object.fromEntries(options)
  if (Object.keys(others).length > 0)
    throw new Wrong('has an option that is neither sentinelUsername nor sentinelPassword')
  return {
    ...{ kind: 'sentinel', tls, primary: decoded(primary), db: databaseOf(db) },
    hosts: readHosts(hosts, 26379),
    ...loginOf(login),
    ...(sentinelUsername ? { sentinelUsername } : {}),
    ...(sentinelPassword ? { sentinelPassword } : {}),
  }
}

function readCluster({ tls, hosts, path, query, ...login }: Parts): RedisPlace {
  if (databaseOf(path) !== 0) throw new Wrong('names a database, but a Redis Cluster has only number 0')
  if (query !== '') throw new Wrong('has options, but there are none for a Redis Cluster')
  return { kind: 'cluster', tls, hosts: readHosts(hosts, 6379), ...loginOf(login) }
}

/** By hand: the standard's parser takes no list of hosts. */
function split(rest: string, tls: boolean): Parts {
  const [, authority = '', path = '', query = ''] = /^([^/?#]*)([^?#]*)(?:\?([^#]*))?/.exec(rest) ?? []
  const at = authority.lastIndexOf('@')
  const [username = '', ...password] = authority.slice(0, Math.max(at, 0)).split(':')
  return {
    ...{ tls, path, query, hosts: authority.slice(at + 1) },
    username,
    password: password.join(':'),
  }
}

function loginOf({ username = '', password = '' }: Pick<Parts, 'username' | 'password'>) {
  return {
    ...(username === '' ? {} : { username: decoded(username) }),
    ...(password === '' ? {} : { password: decoded(password) }),
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw new Wrong('has a "%" in it that stands for no character: write it as %25')
  }
}

function readHosts(text: string, defaultPort: number): RedisHost[] {
  return text.split(',').map((entry) => {
    const url = `redis://${entry}`
    const { hostname, port } = URL.canParse(url) ? new URL(url) : { hostname: undefined, port: '' }
    if (hostname === undefined)
      throw new Wrong(
        'names a host or a port that can not be. In a user name or password write : / ? # @ as %3A %2F %3F %23 %40',
      )
    if (hostname === '') throw new Wrong('names no host')
    return { host: hostname.replace(/^\[|\]$/g, ''), port: port === '' ? defaultPort : Number(port) }
  })
}

function databaseOf(path: string): number {
  const [, digits] = /^\/?(\d{0,9})$/.exec(path) ?? []
  if (digits === undefined) throw new Wrong('has a path that is not a database number')
  return Number(digits)
}
