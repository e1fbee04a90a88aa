import { HooklineError } from '#libs/contract'
import {
  connectOperator,
  evictionProblem,
  memoryProblem,
  parseInfo,
  primaries,
  type RedisClient,
} from '#libs/redis'
import type { ClockSample } from './doctor-clock'
import { type Finding, ok, problem, skipped, type Subject, warning, wordsOf } from './doctor-finding'

/** What the look at Redis leaves for other checks. */
export interface RedisLook {
  findings: Finding[]
  redis?: RedisClient
  clock?: ClockSample
}

type Info = Map<string, string>
const at = (id: string, name: string): Subject => ({ id: `redis-${id}`, name })
const reach = at('connection', 'Redis')
/** docs/redis.md */
const oldest = [6, 2] as const
/** Every webhook waits for one round trip, and gives up on Redis after 500 ms. */
const slowMs = 50

/** Connects and asks; nothing is written. The caller ends the connection. */
export async function lookAtRedis(url: string | undefined, ca: string | undefined): Promise<RedisLook> {
  if (url === undefined) return { findings: [skipped(reach, 'REDIS_URL is missing or wrong, see above')] }
  let redis: RedisClient
  try {
    redis = await connectOperator(url, ca)
  } catch (error) {
    return { findings: [notUsable(error)] }
  }
  try {
    const servers = await Promise.all(
      primaries(redis).map(async (server) => {
        const info = parseInfo(await server.info())
        const save = (await server.config('GET', 'save').catch(() => [])) as string[]
        return { info, save: save[1] }
      }),
    )
    const [first] = servers
    const { clock, finding } = await timing(redis)
    const findings = [
      version(first?.info ?? new Map<string, string>()),
      ...worst(servers.map(({ info }) => memory(info))),
      ...worst(servers.map(({ info, save }) => persistence(info, save))),
      ...servers.flatMap(({ info }) => role(info)),
      finding,
    ]
    return { redis, findings, ...(clock ? { clock } : {}) }
  } catch (error) {
    return { redis, findings: [notUsable(error)] }
  }
}

/** Of a cluster the one that is in the worst state. */
function worst(findings: Finding[]): Finding[] {
  const order = ['problem', 'warning', 'skipped', 'ok']
  const [first] = [...findings].sort((a, b) => order.indexOf(a.state) - order.indexOf(b.state))
  return first ? [first] : []
}

const start =
  'Start it (docker compose up -d redis, or redis-server --appendonly yes --maxmemory-policy noeviction) or put REDIS_URL right'

/** In the order in which they are looked for: the first that fits the words. */
const causes: [RegExp, what: string, remedy: string][] = [
  [
    /WRONGPASS|invalid (username-)?password/i,
    'wrong password or user',
    'Put the password of `requirepass` (or of the ACL user) into REDIS_URL: redis://:PASSWORD@HOST:6379, with : / ? # @ percent-encoded',
  ],
  [
    /NOAUTH|Authentication required/i,
    'a password is needed and REDIS_URL has none',
    'Put it into REDIS_URL: redis://:PASSWORD@HOST:6379',
  ],
  [
    /NOPERM/i,
    'its user may not do this',
    'Give the user the commands and keys: ACL SETUSER NAME ~* &* +@all',
  ],
  [
    /certificate|self.signed|CERT_|altname/i,
    'its TLS certificate is not trusted',
    'Give the authority of the certificate: REDIS_CA_FILE=/path/to/ca.pem (docs/redis.md)',
  ],
  [/ENOTFOUND|EAI_AGAIN/, 'its host name is not known', 'Correct the host in REDIS_URL'],
  [/ECONNREFUSED/, 'nothing listens there', start],
  [/LOADING/, 'it is still loading its data', 'Wait a moment, then run doctor again'],
]

function notUsable(error: unknown): Finding {
  const words = error instanceof HooklineError ? error.message : wordsOf(error)
  const [, what = 'unreachable', remedy = `${start}; check firewall and port`] =
    causes.find(([pattern]) => pattern.test(words)) ?? []
  return problem(reach, {
    found: `${what}: ${words
      .split(': ')
      .slice(0, 2)
      .join(': ')
      .replace(/\. Check REDIS_URL.*/, '')}`,
    why: 'Without Redis no message is answered; the ingress keeps events in its journal only.',
    remedy,
  })
}

function version(info: Info): Finding {
  const [subject, server] = [at('version', 'Redis version'), info.get('redis_version') ?? 'unknown']
  const valkey = info.get('valkey_version')
  const [major = 0, minor = 0] = server.split('.').map(Number)
  const old = major < oldest[0] || (major === oldest[0] && minor < oldest[1])
  if (!Number.isFinite(major) || info.get('redis_version') === undefined)
    return skipped(subject, 'the server does not tell its version')
  if (!old) return ok(subject, valkey ? `Valkey ${valkey}` : server)
  return problem(subject, {
    found: `${server} is too old`,
    why: 'The scripts and the queue need commands of Redis 6.2.',
    remedy: 'Install Redis 6.2 or newer, or Valkey (docs/redis.md)',
  })
}

function memory(info: Info): Finding {
  const subject = at('policy', 'Redis memory')
  const policy = info.get('maxmemory_policy') ?? 'noeviction'
  const full = memoryProblem(info, 80)
  if (evictionProblem(info) !== undefined)
    return problem(subject, {
      found: `maxmemory-policy is ${policy}`,
      why: 'Redis may throw stored events away; ingress and worker refuse to start with it.',
      remedy:
        'redis-cli CONFIG SET maxmemory-policy noeviction, and the same in redis.conf (maxmemory-policy noeviction)',
    })
  if (full !== undefined)
    return warning(subject, {
      found: full,
      why: 'Above it the ingress keeps new events in its journal.',
      remedy: 'Raise maxmemory, or start more workers: npx hookline status shows what waits',
    })
  return ok(subject, `maxmemory-policy ${policy}, ${info.get('used_memory_human') ?? '?'} used`)
}

function persistence(info: Info, save: string | undefined): Finding {
  const subject = at('persistence', 'Redis persistence')
  const aof = info.get('aof_enabled')
  const turnOn = 'redis-cli CONFIG SET appendonly yes, and the same in redis.conf (appendonly yes)'
  if (info.get('aof_last_write_status') === 'err' || info.get('rdb_last_bgsave_status') === 'err')
    return problem(subject, {
      found: 'Redis could not write to its disk the last time',
      why: 'It then takes no writes, or loses them at its next restart.',
      remedy: "Look into Redis' log and at its disk: df -h, then redis-cli BGSAVE",
    })
  if (aof === '1') return ok(subject, 'append-only file')
  if (aof === undefined)
    return warning(subject, {
      found: 'an embedded Redis, in memory only',
      why: 'Good for trying things: a restart loses every event, and it is slow.',
      remedy: 'Install redis-server (hookline dev then uses it), or set REDIS_URL',
    })
  const snapshots = save !== undefined && save !== ''
  return warning(subject, {
    found: snapshots ? `appendonly no, snapshots only (save ${save})` : 'appendonly no: in memory only',
    why: snapshots
      ? 'A crash of Redis loses what came since the last snapshot.'
      : 'A restart of Redis loses every event that waits.',
    remedy: turnOn,
  })
}

function role(info: Info): Finding[] {
  if (info.get('role') !== 'slave') return []
  return [
    problem(at('role', 'Redis role'), {
      found: 'this server is a replica',
      why: 'It takes no writes.',
      remedy: 'Name the primary in REDIS_URL, or the Sentinels: redis+sentinel://HOST:26379/PRIMARY',
    }),
  ]
}

async function timing(redis: RedisClient): Promise<{ finding: Finding; clock?: ClockSample }> {
  const subject = at('latency', 'Redis latency')
  const times: number[] = []
  let clock: ClockSample | undefined
  try {
    for (let i = 0; i < 5; i++) {
      const [before, started] = [Date.now(), performance.now()]
      const [seconds = NaN, micros = 0] = (await redis.time()).map(Number)
      const ms = performance.now() - started
      times.push(ms)
      clock = { source: 'Redis', aheadMs: seconds * 1000 + micros / 1000 - (before + ms / 2) }
    }
  } catch (error) {
    return { finding: skipped(subject, wordsOf(error)) }
  }
  const median = times.sort((a, b) => a - b)[2] ?? 0
  const found = `${median.toFixed(1)} ms for a round trip`
  if (median < slowMs) return { finding: ok(subject, found), ...(clock ? { clock } : {}) }
  const fault = {
    found,
    why: 'Every webhook waits for it; after 500 ms an event goes to the journal.',
    remedy: 'Move Redis near the ingress (same region), or look why it is slow: redis-cli SLOWLOG GET 10',
  }
  return { finding: warning(subject, fault), ...(clock ? { clock } : {}) }
}
