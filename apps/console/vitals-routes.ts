import { type Request, type Response, Router } from 'express'
import type { FiringAlert } from '#libs/alerts'
import { type RedisClient, answerSoon } from '#libs/redis'
import {
  type MinuteReader,
  type VitalsOverview,
  createMinuteReader,
  readConfigView,
  readHistory,
  readOverview,
  readProcesses,
  readRedisHealth,
  rememberBots,
} from '#libs/vitals'
import type { ConfigView, HealthView, History, Overview } from './api-types'

export interface VitalsRoutesDeps {
  redis: RedisClient
  alerts: () => Promise<FiringAlert[]>
  /** Shared with whoever else looks at the same minutes. */
  reader?: MinuteReader
}

/** However many watch, Redis is asked once within this time. */
const sharedMs = 1000

/** What is shown at a glance: GET /overview, /history, /bots/:bot/history, /health, /config. For viewers too. */
export function vitalsRoutes(deps: VitalsRoutesDeps): Router {
  const { redis, alerts, reader = createMinuteReader(redis) } = deps
  const known = once(() => rememberBots(redis))
  const overview = shared(async (): Promise<Overview> => {
    const found = await answerSoon(readOverview(redis, { reader })).catch(withoutRedis)
    // Nobody waits for it: who is found is in the next answer.
    known()
    return { ...found, alerts: await alerts() }
  })
  const history = async (request: Request, response: Response, bot?: string) => {
    const minutes = minutesOf(request)
    if (minutes === undefined) return refuseMinutes(response)
    const found: History = await answerSoon(readHistory(redis, { bot, minutes, reader }))
    response.json(found)
  }

  const router = Router()
  router.get('/overview', async (_request, response) => void response.json(await overview()))
  router.get('/history', (request, response) => history(request, response))
  router.get('/bots/:bot/history', (request, response) => history(request, response, request.params.bot))
  router.get('/health', async (_request, response) => {
    const servers = await readRedisHealth(redis)
    const processes = servers.some(({ ok }) => ok)
      ? await answerSoon(readProcesses(redis)).catch(() => [])
      : []
    response.json({ redis: servers, processes } satisfies HealthView)
  })
  router.get('/config', async (_request, response) => {
    response.json((await answerSoon(readConfigView(redis))) satisfies ConfigView)
  })
  return router
}

/** No numbers are better than old ones, and why there are none is the news. */
function withoutRedis(error: unknown): VitalsOverview {
  const words = error instanceof Error ? error.message : String(error)
  return {
    at: Date.now(),
    bots: [],
    processes: { ingress: 0, worker: 0, console: 0, versions: [] },
    redis: { ok: false, words },
    journal: { events: 0, bytes: 0, maxBytes: 0 },
  }
}

const mostMinutes = 120

function minutesOf({ query }: Request): number | undefined {
  const minutes = Number(query['minutes'] ?? 60)
  return Number.isInteger(minutes) && minutes >= 1 && minutes <= mostMinutes ? minutes : undefined
}

function refuseMinutes(response: Response): void {
  const message = `minutes must be a whole number from 1 to ${mostMinutes}.`
  response.status(400).json({ error: 'invalid', message })
}

/** The answer of the last second, or the one that is being worked on. */
function shared<T>(ask: () => Promise<T>): () => Promise<T> {
  let last: { at: number; answer: Promise<T> } | undefined
  return () => {
    const now = performance.now()
    if (!last || now - last.at >= sharedMs) {
      const asked = { at: now, answer: ask() }
      // What failed is asked again at once.
      asked.answer.catch(() => (last = last === asked ? undefined : last))
      last = asked
    }
    return last.answer
  }
}

/** Until it has succeeded once. */
function once(work: () => Promise<void>): () => void {
  let begun = false
  return () => {
    if (begun) return
    begun = true
    work().catch(() => (begun = false))
  }
}
