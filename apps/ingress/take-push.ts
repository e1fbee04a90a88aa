import { createHash, randomUUID } from 'node:crypto'
import type { Request, Response } from 'express'
import type { OutgoingPush } from '#libs/contract'
import { readPush, recordMs } from '#libs/mailbox'
import { type Span, traceIdOf } from '#libs/observability'
import { type Accepted, PushProblem, idempotencyKeyPattern, readPushRequest } from '#libs/push'
import type { IngressBot } from './bots'
import type { PushApiDeps } from './push-api'
import { Refused } from './refused'
import { readBody } from './read-body'

type Deps = PushApiDeps & { span: Span }

/** Reads a push, stores it as events are stored, and answers with its id. */
export async function takePush(request: Request, response: Response, deps: Deps): Promise<void> {
  const bot = botOf(request, deps)
  const key = keyOf(request)
  const body = await bodyOf(request, response)
  if (body === 'aborted') return
  const receivedAt = Date.now()
  const { target, messages, digest } = readPushRequest(body, bot.platform)
  const id = idOf(bot.name, key)
  const push: OutgoingPush = {
    ...{ type: 'push', key: id, platform: bot.platform, bot: bot.name, conversation: target },
    ...{ occurredAt: receivedAt, receivedAt, verifiedAt: Date.now(), raw: null, messages, digest },
  }
  const stored = await deps.events.store([push], recordMs)
  if (key !== undefined && stored === 'stored') await refuseOther(push, deps)
  deps.metrics.pushes.inc({ bot: bot.name, result: stored })
  deps.log.info({ ...lineOf(push, deps.span), stored, idempotency_key: key !== undefined }, 'push')
  response.location(`/v1/messages/${id}`)
  response.status(202).json({ id } satisfies Accepted)
}

function botOf({ params }: Request, { bots }: Deps): IngressBot {
  const name = String(params['bot'])
  const bot = bots.named(name)
  if (!bot) throw new Refused('unknown_bot', `There is no bot "${name.slice(0, 60)}" in the configuration.`)
  return bot
}

function keyOf({ headers }: Request): string | undefined {
  const given = headers['idempotency-key']
  if (given === undefined) return undefined
  if (typeof given === 'string' && idempotencyKeyPattern.test(given)) return given
  const words =
    'The Idempotency-Key must be one word of 1 to 128 visible ASCII characters. A UUID is a good one.'
  throw new PushProblem('idempotency_key_invalid', [{ path: [], message: words }])
}

async function bodyOf(request: Request, response: Response): Promise<Buffer | 'aborted'> {
  const { headers } = request
  const [type = ''] = (headers['content-type'] ?? '').split(';')
  const encoding = headers['content-encoding'] ?? 'identity'
  if (type.trim().toLowerCase() !== 'application/json' || encoding !== 'identity') {
    const words = 'Send JSON with "Content-Type: application/json", not compressed.'
    throw new Refused('unsupported_media_type', words)
  }
  const body = await readBody(request)
  if (body !== 'too_large') return body
  // What is still being written is not worth the bandwidth.
  request.removeAllListeners('data').resume()
  response.setHeader('connection', 'close')
  throw new Refused('too_large', 'The body is larger than 2 MB. Send fewer messages at once.')
}

/** The same for the same key, so that the mailbox knows a repeat as it knows a redelivered event; it names the bot. */
function idOf(bot: string, key: string | undefined): string {
  const word =
    key === undefined
      ? randomUUID().replaceAll('-', '')
      : createHash('sha256').update(`${bot}\n${key}`).digest('hex').slice(0, 32)
  return `${bot}.${word}`
}

/** What is kept under the key is what came with it first. */
async function refuseOther({ bot, key, digest }: OutgoingPush, { redis }: Deps): Promise<void> {
  const kept = await readPush(redis, bot, key).catch(() => undefined)
  if (kept === undefined || kept.digest === digest) return
  const words =
    'This Idempotency-Key was used for another target or other messages, and nothing was sent now. Use a new key for a new push.'
  throw new Refused('idempotency_conflict', words)
}

/** For the log: who, where, how much. Nothing that is said. */
function lineOf({ bot, platform, key, conversation, messages }: OutgoingPush, span: Span) {
  const trace = traceIdOf(span)
  return {
    ...{ bot, platform, event: key, conversation: `${conversation.kind}:${conversation.id}` },
    ...{ messages: messages.length, types: messages.map(({ type }) => type) },
    ...(trace === undefined ? {} : { trace_id: trace }),
  }
}
