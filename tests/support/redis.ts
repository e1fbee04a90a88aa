import { randomUUID } from 'node:crypto'
import { Redis } from 'ioredis'

/** Address of the Redis that globalSetup started. */
export function testRedisUrl(): string {
  const url = process.env['TEST_REDIS_URL']
  if (!url) throw new Error('TEST_REDIS_URL is not set: run the tests through jest')
  return url
}

/** A connection for looking at what the code under test stored. The test closes it with `quit()`. */
export function testRedis(): Redis {
  return new Redis(testRedisUrl(), { maxRetriesPerRequest: null })
}

/** Bot names are unique per test, so that suites share one Redis without meeting each other. */
export function uniqueBotName(): string {
  return `bot-${randomUUID().slice(0, 12)}`
}
