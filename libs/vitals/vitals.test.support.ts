import type { IngressConfig, WorkerConfig } from '#libs/config'
import { createLogger, createMetrics } from '#libs/observability'
import type { RedisClient } from '#libs/redis'
import { type Vitals, type VitalsOptions, startVitals } from '.'

export const quiet = createLogger({ name: 'test', level: 'silent' })

/** Never in Redis, in no form. */
export const secrets = [
  's3cr3t-of-channel',
  't0ken-of-channel',
  's3cr3t-old',
  'k3y-of-push',
  'r3dis-password',
]

export function ingressConfig(...bots: string[]): IngressConfig {
  return {
    ...{ role: 'ingress', source: 'environment', warnings: [], host: '127.0.0.1', port: 3000 },
    ...{ redisUrl: 'redis://me:r3dis-password@redis.example:6379/2', apiKeys: ['k3y-of-push'] },
    bots: bots.map((name) => ({
      platform: 'line',
      name,
      channelSecret: ['s3cr3t-of-channel', 's3cr3t-old'],
    })),
  } as unknown as IngressConfig
}

export function workerConfig(...bots: string[]): WorkerConfig {
  return {
    ...{ role: 'worker', source: 'environment', warnings: [], concurrency: 20 },
    ...{ redisUrl: 'redis://me:r3dis-password@redis.example:6379/2' },
    bots: bots.map((name) => ({ platform: 'line', name, channelAccessToken: 't0ken-of-channel' })),
  } as unknown as WorkerConfig
}

/** A process that beats when told to. */
export function fakeProcess(
  redis: RedisClient,
  given: Partial<VitalsOptions> & Pick<VitalsOptions, 'config'>,
): { vitals: Vitals; metrics: ReturnType<typeof createMetrics> } {
  const metrics = given.metrics ?? createMetrics()
  const kind = given.config().role === 'worker' ? 'worker' : 'ingress'
  const vitals = startVitals({ redis, metrics, kind, log: quiet, everyMs: 3_600_000, ...given })
  return { vitals, metrics }
}
