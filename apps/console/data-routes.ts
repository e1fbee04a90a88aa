import type { Router } from 'express'
import { type Alerts, alertReadings, createChannels, startAlerts, watchCertificate } from '#libs/alerts'
import type { ConsoleConfig } from '#libs/config'
import { holdBot, releaseBot } from '#libs/limiter'
import { pauseBot, readStory, resumeBot } from '#libs/mailbox'
import type { Logger } from '#libs/observability'
import type { RedisClient } from '#libs/redis'
import {
  type MinuteReader,
  countOf,
  createMinuteReader,
  listBots,
  readCounts,
  readOverview,
} from '#libs/vitals'
import { alertRoutes } from './alert-routes'
import type { Audit } from './audit'
import { botRoutes } from './bot-routes'
import { conversationRoutes } from './conversation-routes'
import { deadLetterRoutes } from './dead-letter-routes'
import { storyView } from './story-view'
import { vitalsRoutes } from './vitals-routes'

export interface DataDeps {
  redis: RedisClient
  audit: Audit
  log: Logger
}

/** Everything below `/api` that reads or changes what is in Redis, and the alerts, which look at the same. */
export function createData(
  config: ConsoleConfig,
  { redis, audit, log }: DataDeps,
): { routes: Router[]; alerts: Alerts } {
  const reader = createMinuteReader(redis)
  const bots = () => listBots(redis)
  const alerts = startAlerts({
    ...{ redis, log, settings: config, channels: createChannels(config, redis, log) },
    read: createReadings(redis, { reader, certificate: watchCertificate({ url: config.ingressPublicUrl }) }),
  })
  const routes = [
    vitalsRoutes({ redis, reader, alerts: () => alerts.firing() }),
    conversationRoutes({ redis, audit, bots }),
    deadLetterRoutes({
      ...{ redis, audit, log, bots },
      story: async (bot, lane, id) => {
        const story = await readStory(redis, bot, id, lane)
        return story && storyView(story)
      },
    }),
    botRoutes({
      ...{ redis, audit, log },
      verbs: { pause: pauseBot, resume: resumeBot, hold: holdBot, release: releaseBot },
      stateOf: async (bot) =>
        (await readOverview(redis, { reader })).bots.find((each) => each.bot === bot)?.state ?? 'works',
    }),
    alertRoutes({ alerts, audit }),
  ]
  return { routes, alerts }
}

interface ReadingDeps {
  reader: MinuteReader
  certificate: () => Promise<number | undefined>
}

const refusedMinutes = 5

function createReadings(redis: RedisClient, { reader, certificate }: ReadingDeps) {
  return async () => {
    const [overview, certificateEndsAt] = await Promise.all([readOverview(redis, { reader }), certificate()])
    const refused = overview.bots.map(async ({ bot }) => {
      const counts = await readCounts(redis, bot, { minutes: refusedMinutes, now: overview.at, reader })
      return [bot, countOf(counts, 'refused')] as const
    })
    const refusedSignatures = Object.fromEntries(await Promise.all(refused))
    return alertReadings(overview, { certificateEndsAt, refusedSignatures })
  }
}
