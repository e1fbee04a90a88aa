import type { Request, Response } from 'express'
import { type PushRecord, readPush } from '#libs/mailbox'
import type { PushStatusAnswer } from '#libs/push'
import type { PushApiDeps } from './push-api'
import { Refused } from './refused'

/** Why a push waits, where no error of its own says it. */
const waitWords: Record<string, string> = {
  limit: 'The platform’s limit is used up for now.',
  closed: 'The platform asked to wait.',
  breaker: 'The platform fails, so sending is held until it answers again.',
  store_unavailable: 'Redis did not answer.',
}

/** Answers what became of a push. */
export async function answerStatus(request: Request, response: Response, deps: PushApiDeps): Promise<void> {
  const id = String(request.params['id'])
  const [, name = ''] = /^([a-z0-9-]{1,40})\.[0-9a-f]{32}$/.exec(id) ?? []
  const bot = deps.bots.named(name)?.name
  const record = bot === undefined ? undefined : await recordOf(bot, id, deps)
  if (bot === undefined || !record) {
    const words = `No push "${id.slice(0, 80)}" is known. Its status is kept for seven days; its bot must be configured.`
    throw new Refused('unknown_message', words)
  }
  response.setHeader('cache-control', 'no-store')
  response.json(answerOf(id, bot, record))
}

/** Undefined when there is no such push; throws where that can't be known now. */
async function recordOf(
  bot: string,
  id: string,
  { redis, mode }: PushApiDeps,
): Promise<PushRecord | undefined> {
  const record = await readPush(redis, bot, id).catch(() => {
    const words =
      'Redis does not answer, so the status is not known now. What was accepted is safe; ask again later.'
    throw new Refused('status_unavailable', words)
  })
  if (record || mode.current() === 'direct') return record
  const words =
    'Not known yet: pushes that came while Redis was away are in the journal and get there soon. Ask again in a moment.'
  throw new Refused('status_unavailable', words)
}

function answerOf(id: string, bot: string, record: PushRecord): PushStatusAnswer {
  const { to, status, acceptedAt, endedAt, failures, reason, until, deadLetter, messages } = record
  const explanation = record.explanation ?? waitWords[reason ?? '']
  return {
    ...{ id, bot, to: { [to.kind]: to.id }, status, acceptedAt: time(acceptedAt) },
    ...(endedAt === undefined ? {} : { endedAt: time(endedAt) }),
    failures,
    ...(reason === undefined ? {} : { reason }),
    ...(explanation === undefined ? {} : { explanation }),
    ...(until === undefined ? {} : { nextTryAt: time(until) }),
    ...(deadLetter === undefined ? {} : { deadLetter }),
    messages,
  }
}

function time(ms: number): string {
  return new Date(ms).toISOString()
}
