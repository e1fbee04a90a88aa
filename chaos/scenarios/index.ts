import type { Scenario } from '../scenario'
import { clockJump, killIngress, killWorker, poison, rollingRestart } from './kills'
import { cutAfterAcceptance, expiredTokens, mixed, platformOutage, rateStorm } from './platforms'
import { killRedis, killRedisAndIngress, redisFull, redisHung, slowDisk } from './redis'
import { brokenBot, duplicates, reordering } from './webhooks'

/** A full run, in this order. */
export const allScenarios: Scenario[] = [
  killIngress,
  killWorker,
  killRedis,
  killRedisAndIngress,
  redisHung,
  redisFull,
  slowDisk,
  platformOutage,
  rateStorm,
  expiredTokens,
  cutAfterAcceptance,
  duplicates,
  reordering,
  clockJump,
  rollingRestart,
  poison,
  mixed,
]

/** What `--short` runs. */
export const shortScenarios: Scenario[] = [killWorker, killRedisAndIngress, mixed]

/** Only by name. */
export const extraScenarios: Scenario[] = [brokenBot]
