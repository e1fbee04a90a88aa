import { type Response, Router } from 'express'
import { z } from 'zod'
import type { Logger } from '#libs/observability'
import type { RedisClient } from '#libs/redis'
import type { BotState } from '#libs/vitals'
import { callerOf, operatorOnly } from './access'
import { type Audit, auditEntry } from './audit'
import { answerProblem, checked, needsKnownBot } from './route-problem'

/** Who stops a bot, why, and for how long: milliseconds, absent until somebody lets it go on. */
export interface StopOptions {
  reason?: string
  by?: string
  forMs?: number
}

/** What stops a bot and lets it go on. */
export interface BotVerbs {
  pause(redis: RedisClient, bot: string, options: StopOptions): Promise<unknown>
  resume(redis: RedisClient, bot: string): Promise<unknown>
  hold(redis: RedisClient, bot: string, options: StopOptions): Promise<unknown>
  release(redis: RedisClient, bot: string): Promise<unknown>
}

export interface BotRouteDeps {
  redis: RedisClient
  audit: Audit
  log: Logger
  verbs: BotVerbs
  /** How the bot is afterwards: that is answered. */
  stateOf: (bot: string) => Promise<BotState>
}

const yearMs = 366 * 24 * 3_600_000

const stopBody = z.strictObject({
  reason: z.string().trim().max(200, { error: 'must be at most 200 characters' }).exactOptional(),
  forMs: z.int().min(1000).max(yearMs).exactOptional(),
})
const goOnBody = z.strictObject({})

/** `POST /bots/:bot/pause|resume|hold|release`, answered with the bot's state. */
export function botRoutes(deps: BotRouteDeps): Router {
  const { redis, verbs } = deps
  const router = Router()
  for (const verb of ['pause', 'hold'] as const) {
    router.post(`/bots/:bot/${verb}`, operatorOnly, async ({ params, body }, response) => {
      const options = stopOptions(checked(stopBody, body), callerOf(response).user)
      const details = detailsOf(options)
      await act(response, { ...deps, bot: String(params['bot']), action: verb, details }, (bot) =>
        verbs[verb](redis, bot, options),
      )
    })
  }
  for (const verb of ['resume', 'release'] as const) {
    router.post(`/bots/:bot/${verb}`, operatorOnly, async ({ params, body }, response) => {
      checked(goOnBody, body)
      await act(response, { ...deps, bot: String(params['bot']), action: verb, details: '' }, (bot) =>
        verbs[verb](redis, bot),
      )
    })
  }
  router.use(answerProblem)
  return router
}

function stopOptions({ reason = '', forMs }: z.output<typeof stopBody>, by: string): StopOptions {
  return { by, ...(reason === '' ? {} : { reason }), ...(forMs === undefined ? {} : { forMs }) }
}

function detailsOf({ reason, forMs }: StopOptions): string {
  const span = forMs === undefined ? [] : [`for ${Math.round(forMs / 1000)} s`]
  return [...span, ...(reason === undefined ? [] : [reason])].join(': ')
}

type Act = BotRouteDeps & { bot: string; action: string; details: string }

/** The entry first: what can't be written down is not done. */
async function act(
  response: Response,
  { redis, audit, log, stateOf, bot, action, details }: Act,
  work: (bot: string) => Promise<unknown>,
): Promise<void> {
  await needsKnownBot(redis, bot)
  const entry = auditEntry(response, { action, bot, ...(details === '' ? {} : { details }) })
  await audit.note(entry)
  log.info({ bot, action, user: entry.user }, 'bot')
  try {
    await work(bot)
  } catch (error) {
    await audit.note({ ...entry, result: 'failed' }).catch(() => undefined)
    throw error
  }
  response.json(await stateOf(bot))
}
