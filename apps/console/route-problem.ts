import type { ErrorRequestHandler, Response } from 'express'
import { z } from 'zod'
import { isBotName, isKnownBot } from '#libs/mailbox'
import type { RedisClient } from '#libs/redis'

/** A request that is answered with an error of its own, as `{ error, message }`. */
export class RouteProblem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    /** More fields of the answer. */
    readonly more: Record<string, unknown> = {},
  ) {
    super(message)
    this.name = 'RouteProblem'
  }
}

/** Behind the routes of a router: a problem becomes its answer, anything else goes on to the server. */
export const answerProblem: ErrorRequestHandler = (error: unknown, _request, response: Response, next) => {
  if (!(error instanceof RouteProblem) || response.headersSent) return next(error)
  response.status(error.status).json({ error: error.code, message: error.message, ...error.more })
}

/** What a request gives, checked. Names the field that is wrong, never its value. */
export function checked<T extends z.ZodType>(schema: T, given: unknown): z.output<T> {
  const result = schema.safeParse(given ?? {})
  if (result.success) return result.data
  const [issue] = result.error.issues
  const field = issue?.path.join('.') ?? ''
  const words = issue?.message ?? 'is not valid'
  throw new RouteProblem(400, 'request_invalid', `${field === '' ? 'The request' : field}: ${words}.`)
}

export const botName = z.string().refine(isBotName, { error: 'is no name of a bot' })

/** @throws RouteProblem 404 where no process has worked for such a bot */
export async function needsKnownBot(redis: RedisClient, bot: string): Promise<void> {
  if (await isKnownBot(redis, bot)) return
  const name = bot.slice(0, 60)
  throw new RouteProblem(404, 'unknown_bot', `There is no bot "${name}": no process has worked for it.`)
}
