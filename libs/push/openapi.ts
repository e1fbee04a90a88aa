import { z } from 'zod'
import { type ErrorCode, answerSchemas } from './answer-schemas'
import { requestSchemas } from './request-schema'

/** HTTP status of each refusal. */
export const statusOfError: Record<ErrorCode, number> = {
  not_json: 400,
  request_invalid: 400,
  target_invalid: 400,
  message_invalid: 400,
  idempotency_key_invalid: 400,
  unauthorized: 401,
  unknown_bot: 404,
  unknown_message: 404,
  not_found: 404,
  method_not_allowed: 405,
  idempotency_conflict: 409,
  too_large: 413,
  unsupported_media_type: 415,
  error: 500,
  push_api_off: 503,
  store_unavailable: 503,
  status_unavailable: 503,
}

/** What an Idempotency-Key may look like. */
export const idempotencyKeyPattern = /^[\x21-\x7e]{1,128}$/

const ref = (id: string) => ({ $ref: `#/components/schemas/${id}` })
const content = (id: string) => ({ 'application/json': { schema: ref(id) } })

/** The refusals with these codes, one response per status. */
function refusals(...codes: ErrorCode[]) {
  const of = (status: number) => codes.filter((code) => statusOfError[code] === status)
  const statuses = [...new Set(codes.map((code) => statusOfError[code]))]
  return Object.fromEntries(
    statuses.map((status) => [
      String(status),
      { description: of(status).join(', '), content: content('Error') },
    ]),
  )
}

const parameter = (name: string, description: string) => ({
  name,
  in: 'path',
  required: true,
  description,
  schema: { type: 'string' },
})

const send = {
  operationId: 'sendMessages',
  summary: 'Sends messages on the bot’s own initiative',
  description:
    'Answers as soon as the push is stored. It goes through the same lanes as replies: in order within its conversation, inside the platform’s limits, tried again, and a dead letter where it can’t be delivered.',
  parameters: [
    parameter('bot', 'Name of the bot in the configuration.'),
    {
      name: 'Idempotency-Key',
      in: 'header',
      required: false,
      description:
        'The same key with the same body sends once, and is answered with the same id, for seven days.',
      schema: { type: 'string', pattern: idempotencyKeyPattern.source },
    },
  ],
  requestBody: { required: true, content: content('PushRequest') },
  responses: {
    '202': {
      description: 'Stored; it will be sent.',
      headers: { Location: { description: 'Where its status is.', schema: { type: 'string' } } },
      content: content('Accepted'),
    },
    ...refusals(
      ...([
        'not_json',
        'request_invalid',
        'target_invalid',
        'message_invalid',
        'idempotency_key_invalid',
      ] as const),
      ...([
        'unauthorized',
        'unknown_bot',
        'method_not_allowed',
        'idempotency_conflict',
        'too_large',
      ] as const),
      ...(['unsupported_media_type', 'error', 'push_api_off', 'store_unavailable'] as const),
    ),
  },
}

const ask = {
  operationId: 'messageStatus',
  summary: 'What became of a push',
  description: 'For seven days after it was accepted, and after its end.',
  parameters: [parameter('id', 'The id that the push was answered with.')],
  responses: {
    '200': { description: 'Its status.', content: content('PushStatus') },
    ...refusals(
      'unauthorized',
      'unknown_message',
      'method_not_allowed',
      'error',
      'push_api_off',
      'status_unavailable',
    ),
  },
}

/** The OpenAPI 3.1 document of the push API. */
export function openApiDocument(version: string) {
  return {
    openapi: '3.1.0',
    info: {
      title: 'Hookline push API',
      version,
      description: 'Sends messages through the bots of a Hookline, and tells what became of them.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    security: [{ apiKey: [] }],
    paths: { '/v1/bots/{bot}/messages': { post: send }, '/v1/messages/{id}': { get: ask } },
    components: {
      securitySchemes: {
        apiKey: { type: 'http', scheme: 'bearer', description: 'One of the keys in HOOKLINE_API_KEY.' },
      },
      schemas: componentSchemas(),
    },
  }
}

function componentSchemas(): Record<string, object> {
  const named = z.registry<{ id: string }>()
  for (const [id, schema] of Object.entries({ ...requestSchemas, ...answerSchemas }))
    named.add(schema, { id })
  const document = z.toJSONSchema(named, { uri: (id) => `#/components/schemas/${id}` })
  return Object.fromEntries(
    Object.entries(document.schemas).map(([id, schema]) => [id, without(schema, ['$schema', '$id'])]),
  )
}

/** They are said once for the whole document. */
function without(schema: object, keys: string[]): object {
  return Object.fromEntries(Object.entries(schema).filter(([key]) => !keys.includes(key)))
}
