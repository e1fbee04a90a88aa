import { Redis } from 'ioredis'
import { HooklineError } from '#libs/contract'

/** Milliseconds: somebody waits. */
const timeouts = { connectTimeout: 3000, commandTimeout: 3000, disconnectTimeout: 500 }

/**
 * For a command that a person waits for: connects once and fails soon, in plain words.
 * @throws HooklineError `store_unavailable`
 */
export async function connectOperator(url: string): Promise<Redis> {
  const redis = new Redis(url, {
    lazyConnect: true,
    ...timeouts,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  })
  let last: Error | undefined
  redis.on('error', (error: Error) => (last = error))
  try {
    await redis.connect()
    await redis.ping()
    return redis
  } catch (error) {
    redis.disconnect()
    const cause = last ?? error
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new HooklineError(
      'store_unavailable',
      `Redis at ${placeOf(url)} can't be used: ${why.replace(/\.$/, '')}. Check REDIS_URL, and that the server runs.`,
      { cause },
    )
  }
}

/** Host and port; the rest of the URL may hold a password. */
function placeOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : 'the address in REDIS_URL'
}
