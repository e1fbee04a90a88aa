import type { LineAccount } from './accounts'
import { jsonBody, type ApiAnswer, type ApiCall } from './api-call'
import type { EmulatorContext } from './context'
import { lineError } from './line-answers'
import type { LineOperation } from './line-operation'
import type { LineWebhooks } from './line-webhooks'
import type { PostResult } from './http-post'
import type { WebhookSender } from './webhook-sender'

export interface LineEndpointOptions {
  account: LineAccount
  context: EmulatorContext
  webhooks: LineWebhooks
  sender: WebhookSender
}

/** Set, get and test the webhook endpoint [doc R#set-webhook-endpoint-url]. */
export function lineEndpointOperations(options: LineEndpointOptions): LineOperation[] {
  const path = '/v2/bot/channel/webhook/endpoint'
  const { account, context } = options
  return [
    { name: 'webhook.put', method: 'put', path, handle: (call) => setEndpoint(call, account) },
    {
      name: 'webhook.get',
      method: 'get',
      path,
      handle: () => endpointInfo(account, context),
    },
    {
      name: 'webhook.test',
      method: 'post',
      path: '/v2/bot/channel/webhook/test',
      handle: (call) => testEndpoint(call, options),
    },
  ]
}

function endpointInfo(account: LineAccount, context: EmulatorContext): ApiAnswer {
  const { lineWebhookSet: isSet, lineWebhookActive: active } = context.settings()
  if (!isSet) return lineError(404, 'Webhook endpoint not found')
  return { status: 200, body: { endpoint: account.webhookUrl, active } }
}

/** LINE takes https only; the emulator also plain http, for an ingress on this machine. */
function setEndpoint(call: ApiCall, account: LineAccount): ApiAnswer {
  const { endpoint } = jsonBody(call) ?? {}
  if (!isEndpoint(endpoint)) return lineError(400, 'Invalid webhook endpoint URL')
  account.webhookUrl = endpoint
  return { status: 200, body: {} }
}

function isEndpoint(endpoint: unknown): endpoint is string {
  return (
    typeof endpoint === 'string' &&
    endpoint.length <= 500 &&
    /^https?:\/\//.test(endpoint) &&
    URL.canParse(endpoint)
  )
}

/** Posts a body without events, as the console's Verify button does. */
async function testEndpoint(
  call: ApiCall,
  { context, webhooks, sender }: LineEndpointOptions,
): Promise<ApiAnswer> {
  const { endpoint } = jsonBody(call) ?? {}
  if (endpoint !== undefined && !isEndpoint(endpoint)) return lineError(400, 'Invalid webhook endpoint URL')
  if (endpoint === undefined && !context.settings().lineWebhookSet)
    return lineError(404, 'Webhook endpoint not found')
  const result = await sender.attempt(webhooks.outgoing([], endpoint))
  const success = result.status >= 200 && result.status < 300
  const reason = success
    ? 'OK'
    : result.outcome === 'answered'
      ? 'ERROR_STATUS_CODE'
      : result.outcome.toUpperCase()
  return {
    status: 200,
    body: {
      success,
      timestamp: new Date(context.clock()).toISOString(),
      statusCode: result.status,
      reason,
      detail: result.status ? String(result.status) : detailOf(result),
    },
  }
}

/** LINE names such causes; its exact words are not documented [assumed]. */
function detailOf({ outcome, code = '' }: PostResult): string {
  if (outcome === 'request_timeout') return 'No response within the time limit'
  if (/CERT|TLS|SSL|SIGNATURE|ISSUER/.test(code)) return 'TLS handshake failure'
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'Unknown host'
  return outcome === 'could_not_connect' ? 'Connection failed' : 'Session closed unexpectedly'
}
