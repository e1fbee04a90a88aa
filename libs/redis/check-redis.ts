import { HooklineError } from '#libs/contract'
import type { Logger } from '#libs/observability'
import { evictionProblem, parseInfo } from './info'
import type { RedisClient } from './open-redis'
import { placesOf, primaries } from './primaries'

/** A Redis that is not reachable delays a start by no more than this. */
const startPatienceMs = 1000

/** Readiness: Redis answers wherever keys with these hash tags are, and will never evict what it holds. */
export async function checkRedis(redis: RedisClient, tags: string[] = []): Promise<void> {
  if (redis.status !== 'ready') throw new Error(`Redis connection is ${redis.status}`)
  const asked = placesOf(redis, tags).map(({ probeKey }) => redis.exists(probeKey))
  const [problem] = await answerOf(Promise.all([evictionProblemOf(redis), ...asked]))
  if (problem !== undefined) throw new Error(problem)
}

async function evictionProblemOf(redis: RedisClient): Promise<string | undefined> {
  const answers = await Promise.all(primaries(redis).map((server) => server.info('memory')))
  return answers.map((text) => evictionProblem(parseInfo(text))).find((problem) => problem !== undefined)
}

/** A hung Redis answers nothing; a probe must, and soon. */
const answerWithinMs = 1500

async function answerOf<T>(answer: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const silence = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(
      () => reject(new Error(`Redis did not answer within ${answerWithinMs} ms`)),
      answerWithinMs,
    )
  })
  return Promise.race([answer, silence]).finally(() => clearTimeout(timer))
}

/**
 * For the start of a process: rejects with `config_invalid` when Redis may throw away what it holds, and warns
 * when it keeps nothing on disk. A Redis that is away is asked when it comes; then the process stays alive,
 * and its readiness is red.
 */
export async function checkRedisAtStart(redis: RedisClient, log: Logger): Promise<void> {
  let persistenceKnown = false
  const askAll = async () => {
    const problem = await evictionProblemOf(redis)
    if (!persistenceKnown && (await keepsNothing(redis)))
      log.warn('Redis keeps events in memory only: a restart of it loses them. Turn on appendonly.')
    persistenceKnown = true
    return problem
  }
  const askLater = () => {
    askAll().then(
      (problem) => problem !== undefined && log.error(problem),
      (error: unknown) => log.debug({ error: String(error) }, 'redis was not asked for its settings'),
    )
  }
  const problem = (await untilReady(redis)) ? await askInTime(askAll) : undefined
  if (problem !== undefined) {
    redis.disconnect()
    throw new HooklineError('config_invalid', problem)
  }
  redis.on('ready', askLater)
}

/** True when the connection is ready; false as soon as an attempt fails, or when time is up. */
function untilReady(redis: RedisClient): Promise<boolean> {
  if (redis.status === 'ready') return Promise.resolve(true)
  return new Promise((resolve) => {
    const end = (isReady: boolean) => {
      clearTimeout(timer)
      redis.off('ready', onReady).off('close', onClose)
      resolve(isReady)
    }
    const onReady = () => end(true)
    const onClose = () => end(false)
    const timer = setTimeout(onClose, startPatienceMs)
    redis.on('ready', onReady).on('close', onClose)
  })
}

/** A worker's connection waits for ever; a start does not. */
async function askInTime(ask: () => Promise<string | undefined>): Promise<string | undefined> {
  let timer: NodeJS.Timeout | undefined
  const timeUp = new Promise<undefined>(
    (resolve) => (timer = setTimeout(resolve, startPatienceMs, undefined)),
  )
  try {
    return await Promise.race([ask().catch(() => undefined), timeUp])
  } finally {
    clearTimeout(timer)
  }
}

/** Neither an append-only file nor snapshots. Unknown (some providers hide CONFIG) counts as no. */
async function keepsNothing(redis: RedisClient): Promise<boolean> {
  const answers = await Promise.all(
    primaries(redis).map(async (server) => {
      if (parseInfo(await server.info('persistence')).get('aof_enabled') !== '0') return false
      const answer = (await server.config('GET', 'save').catch(() => [])) as string[]
      return answer.length >= 2 && answer[1] === ''
    }),
  )
  return answers.includes(true)
}
