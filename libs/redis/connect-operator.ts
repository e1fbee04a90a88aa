import { showRedisUrl } from '#libs/config'
import { HooklineError } from '#libs/contract'
import { type RedisClient, openRedis } from './open-redis'

/** Milliseconds: somebody waits. */
const timeouts = { connectTimeout: 3000, commandTimeout: 3000, disconnectTimeout: 500 }

/**
 * For a command that a person waits for: connects once and fails soon, in plain words.
 * @throws HooklineError `store_unavailable`
 */
export async function connectOperator(url: string, ca?: string): Promise<RedisClient> {
  const options = { ...timeouts, lazyConnect: true, maxRetriesPerRequest: 0 }
  const redis = openRedis(url, { options, retryStrategy: () => null, queues: true, redirections: 16 }, ca)
  let last: Error | undefined
  for (const event of ['error', 'node error']) redis.on(event, (error: Error) => (last = error))
  try {
    await redis.connect()
    await redis.ping()
    return redis
  } catch (error) {
    redis.disconnect()
    const cause = last ?? error
    const why = wordsOf(cause).replace(/\.$/, '')
    throw new HooklineError(
      'store_unavailable',
      `Redis at ${showRedisUrl(url).replace(/^\w+:\/\//, '')} can't be used: ${why}. Check REDIS_URL, and that the server runs.`,
      { cause },
    )
  }
}

/** A cluster says only that no node will do; the last of them says why. */
function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return 'lastNodeError' in error ? wordsOf(error.lastNodeError) : error.message
}
