import { z } from 'zod'

const time = z.iso.datetime()
const count = z.number().int().min(0)

const accepted = z.strictObject({
  id: z.string().describe('Asks for the status: GET /v1/messages/{id}.'),
})

const states = ['queued', 'sending', 'waiting', 'sent', 'failed', 'discarded'] as const

const status = z
  .enum(states)
  .describe(
    'queued: waits for its turn. sending: worked on now. waiting: tried again at nextTryAt, see reason. sent: the platform took all messages. failed: a dead letter, see reason; a person may replay it. discarded: failed, and a person gave it up.',
  )

const messageStatus = z.strictObject({
  status: z
    .enum([...states, 'maybe_sent'])
    .describe('As of the whole. maybe_sent: failed, but the platform may have taken it.'),
  parts: count.describe('How many of the platform’s messages it became, once that is known.').exactOptional(),
  partsSent: count.exactOptional(),
})

const pushStatus = z.strictObject({
  id: z.string(),
  bot: z.string(),
  to: z.record(z.string(), z.string()).describe('As it was asked for.'),
  status,
  acceptedAt: time,
  endedAt: time.describe('When it was sent, failed or discarded.').exactOptional(),
  failures: count.describe('Tries that failed so far.'),
  reason: z.string().describe('Why it waits or failed: a stable word.').exactOptional(),
  explanation: z.string().describe('The same in words, often the platform’s own.').exactOptional(),
  nextTryAt: time.exactOptional(),
  deadLetter: z.string().describe('For hookline dead-letters show.').exactOptional(),
  messages: z.array(messageStatus).describe('One per message of the request, in its order.'),
})

/** Why a request is refused: stable words. */
const errorCodes = [
  'not_json',
  'request_invalid',
  'target_invalid',
  'message_invalid',
  'idempotency_key_invalid',
  'unauthorized',
  'unknown_bot',
  'unknown_message',
  'not_found',
  'method_not_allowed',
  'idempotency_conflict',
  'too_large',
  'unsupported_media_type',
  'error',
  'push_api_off',
  'store_unavailable',
  'status_unavailable',
] as const

const problem = z.strictObject({
  field: z.string().describe('messages[0].quickReplies[13]').exactOptional(),
  message: z.string(),
})

const errorAnswer = z.strictObject({
  error: z.strictObject({
    code: z.enum(errorCodes),
    message: z.string().describe('What is wrong, and what to do.'),
    field: z.string().describe('The first field that is wrong: messages[0].quickReplies[13]').exactOptional(),
    problems: z
      .array(problem)
      .describe('All that is wrong, ten at most, where it is more than one.')
      .exactOptional(),
  }),
})

export type Accepted = z.infer<typeof accepted>
export type PushStatusAnswer = z.infer<typeof pushStatus>
export type ErrorAnswer = z.infer<typeof errorAnswer>
export type ErrorCode = (typeof errorCodes)[number]

/** By their names in the OpenAPI document. */
export const answerSchemas = { Accepted: accepted, PushStatus: pushStatus, Error: errorAnswer }
