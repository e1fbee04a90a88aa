import { tellAccount } from '#libs/limiter'
import type { Logger } from '#libs/observability'
import { type RedisClient, errorLog, runScript, script } from '#libs/redis'
import { botsKey, minuteKey, minuteMs, processesKey } from './keys'
import { watchLoopLag } from './loop-lag'
import { type Change, type Measure, createMeasure } from './measure'
import { type Described, createIdentity, describeProcess } from './process-info'
import { type Command, runAll } from './run-all'

export interface VitalsOptions extends Omit<Described, 'config'> {
  redis: RedisClient
  log: Logger
  /** As it is at the moment: an ingress may read it again. */
  config: () => Described['config']
  /** Worker: bot → the account whose limits its calls count against (`accountOf`). */
  accounts?: ReadonlyMap<string, string>
  everyMs?: number
}

export interface Vitals {
  id: string
  /** One beat now, for tests. Never rejects. */
  beat(): Promise<void>
  /** Takes the process off the list. Waits for a moment at most, and never rejects. */
  close(): Promise<void>
}

const beatMs = 5000
/** A process that beats no more is listed for so long, as late. */
const lifeMs = 120_000
/** So long counts are kept. */
const countsLifeSeconds = 7200
/** The account is told with each such beat. */
const accountEveryBeats = 6
const closeAtMostMs = 1000

/**
 * KEYS  processes, what this process is, its settings, bots
 * ARGV  id, what it is, its settings, its life in ms, bots …
 * Returns Redis' time in ms.
 */
const beatScript = script(`
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local at = string.format('%.0f', now)
redis.call('ZADD', KEYS[1], at, ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', string.format('%.0f', now - tonumber(ARGV[4])))
redis.call('SET', KEYS[2], ARGV[2], 'PX', ARGV[4])
redis.call('SET', KEYS[3], ARGV[3], 'PX', ARGV[4])
for i = 5, #ARGV do redis.call('ZADD', KEYS[4], at, ARGV[i]) end
return now
`)

/**
 * Tells Redis every five seconds that this process lives, what it is, and what it has counted since. It reads what the
 * metrics count anyway, so a request costs nothing more. A Redis that is away delays and fails nothing: what was
 * counted meanwhile is written when it is back, into the minute of that time.
 */
export function startVitals(options: VitalsOptions): Vitals {
  const { redis, log, everyMs = beatMs } = options
  const identity = createIdentity(options.kind)
  const measure = createMeasure(options.metrics)
  const lag = watchLoopLag()
  const onError = errorLog(log, 'this process could not tell that it lives')
  let beats = 0
  let running: Promise<void> | undefined

  const work = async () => {
    if (redis.status !== 'ready') return
    const { state, settings } = await describeProcess({ ...options, config: options.config() })
    const info = JSON.stringify({ ...identity, ...state, loopLagMs: lag.read() })
    const keys = [processesKey, keyOf(identity.id), `${keyOf(identity.id)}:settings`, botsKey]
    const args = [identity.id, info, JSON.stringify(settings), lifeMs, ...Object.keys(state.bots)]
    const now = Number(await runScript(redis, beatScript, keys, args))
    await writeCounts(redis, measure, Math.floor(now / minuteMs))
    if (beats++ % accountEveryBeats === 0) await tellAccounts(options)
  }
  const beat = () =>
    (running ??= work()
      .catch((error: unknown) => onError(error instanceof Error ? error : new Error(String(error))))
      .finally(() => (running = undefined)))

  const beatAnew = async () => {
    await running
    await beat()
  }

  const soon = () => void beat()
  const timer = setInterval(soon, everyMs).unref()
  redis.on('ready', soon)
  soon()
  return {
    id: identity.id,
    beat: beatAnew,
    close: async () => {
      clearInterval(timer)
      redis.off('ready', soon)
      lag.close()
      await withinTime(beatAnew().then(() => leave(redis, identity.id)))
    },
  }
}

function keyOf(id: string): string {
  return `${processesKey}:${id}`
}

/** Each number counts as written when Redis has said so. After an answer that got lost it is counted twice. */
async function writeCounts(redis: RedisClient, measure: Measure, minute: number): Promise<void> {
  const changes = await measure.changes()
  const commands = changes.map(({ bot, field, by }): Command => [
    'hincrby',
    minuteKey(bot, minute),
    field,
    by,
  ])
  const bots = new Set(changes.map(({ bot }) => bot))
  const expiries = [...bots].map((bot): Command => ['expire', minuteKey(bot, minute), countsLifeSeconds])
  const replies = await runAll(redis, [...commands, ...expiries])
  changes.forEach((change: Change, i) => {
    if (replies[i]?.[0] === null) measure.written(change)
  })
}

async function tellAccounts({ redis, accounts = new Map<string, string>() }: VitalsOptions): Promise<void> {
  for (const [bot, account] of accounts) await tellAccount(redis, bot, account)
}

async function leave(redis: RedisClient, id: string): Promise<void> {
  if (redis.status !== 'ready') return
  await redis.zrem(processesKey, id)
  await redis.del(keyOf(id), `${keyOf(id)}:settings`)
}

async function withinTime(work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, closeAtMostMs)))
  await Promise.race([work.catch(() => undefined), late])
  clearTimeout(timer)
}
