import type { Redis } from 'ioredis'
import { HooklineError } from '#libs/contract'
import type { Logger } from '#libs/observability'
import { evictionProblem, parseInfo } from './info'

/** A Redis that is not reachable delays a start by no more than this. */
const startPatienceMs = 1000

/** Readiness: Redis answers and will never evict what it holds. */
export async function checkRedis(redis: Redis): Promise<void> {
  if (redis.status !== 'ready') throw new Error(`Redis connection is ${redis.status}`)
  const problem = evictionProblem(parseInfo(await answerOf(redis.info('memory'))))
  if (problem !== undefined) throw new Error(problem)
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
export async function checkRedisAtStart(redis: Redis, log: Logger): Promise<void> {
  let persistenceKnown = false
  const askAll = async () => {
    const problem = evictionProblem(parseInfo(await redis.info('memory')))
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
function untilReady(redis: Redis): Promise<boolean> {
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
async function keepsNothing(redis: Redis): Promise<boolean> {
  const persistence = parseInfo(await redis.info('persistence'))
  if (persistence.get('aof_enabled') !== '0') return false
  const answer = (await redis.config('GET', 'save').catch(() => [])) as string[]
  return answer.length >= 2 && answer[1] === ''
}
