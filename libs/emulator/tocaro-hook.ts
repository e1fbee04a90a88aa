import { defaultTocaroGroup, type TocaroAccount } from './accounts'
import { formBody, isRecord, jsonBody, type ApiAnswer, type ApiCall, type ApiOperation } from './api-call'
import type { EmulatorContext } from './context'
import type { TocaroErrors } from './tocaro-errors'

export interface TocaroHookOptions {
  account: TocaroAccount
  context: EmulatorContext
}

/** The inbound webhook: the key in the path is the only credential [Tocaro help, inbound webhook]. */
export function tocaroHookOperation(options: TocaroHookOptions, errors: TocaroErrors): ApiOperation {
  return {
    name: 'inbound_webhook',
    method: 'post',
    path: '/integrations/inbound_webhook/:key',
    handle: (call) => post(call, options, errors),
  }
}

function post(call: ApiCall, { account, context }: TocaroHookOptions, errors: TocaroErrors): ApiAnswer {
  if (account.hookKey === undefined || call.params.key !== account.hookKey) return errors.refuse('not_found')
  const body = jsonBody(call) ?? formPayload(call)
  if (!body) return errors.answer(400, 'The body is neither JSON nor a form with a payload')
  const wrong = postFault(body)
  if (wrong !== undefined) return errors.answer(422, wrong)
  context.ledger.append({
    platform: 'tocaro',
    kind: 'message',
    operation: 'inbound_webhook',
    via: 'webhook',
    status: 200,
    requestId: call.id,
    conversation: { kind: 'group', id: defaultTocaroGroup },
    to: [defaultTocaroGroup],
    messages: [body],
  })
  return { status: 200, headers: { 'content-type': 'text/plain' }, body: 'ok' }
}

/** The other documented encoding: `payload=<JSON>`. */
function formPayload(call: ApiCall): Record<string, unknown> | undefined {
  const payload = formBody(call).get('payload')
  return payload === null ? undefined : jsonBody({ ...call, body: Buffer.from(payload) })
}

const colors = new Set<unknown>(['info', 'warning', 'danger', 'success'])

/** Names and colors are documented; every limit and the 422 are [assumed]. */
function postFault({ text, color, attachments = [] }: Record<string, unknown>): string | undefined {
  if (text !== undefined && (typeof text !== 'string' || text.length > 2000)) return 'text is invalid'
  if (color !== undefined && !colors.has(color)) return 'color is invalid'
  if (!Array.isArray(attachments) || attachments.length > 10) return 'attachments is invalid'
  if (attachments.some((attachment: unknown) => !isAttachment(attachment))) return 'attachments is invalid'
  return !text && attachments.length === 0 ? "text can't be blank" : undefined
}

function isAttachment(attachment: unknown): boolean {
  if (!isRecord(attachment)) return false
  const { title = '', value = '', image_url: image = '' } = attachment
  const short = (field: unknown, most: number) => typeof field === 'string' && field.length <= most
  return short(title, 100) && short(value, 1000) && (image === '' || /^https:\/\/\S+$/.test(String(image)))
}
