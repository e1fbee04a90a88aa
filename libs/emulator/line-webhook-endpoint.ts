import type { LineAccount } from './accounts'
import { jsonBody, type ApiAnswer, type ApiCall } from './api-call'
import type { EmulatorContext } from './context'
import { lineError } from './line-answers'
import type { LineOperation } from './line-operation'
import type { LineWebhooks } from './line-webhooks'
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
  const { account } = options
  return [
    { name: 'webhook.put', method: 'put', path, handle: (call) => setEndpoint(call, account) },
    {
      name: 'webhook.get',
      method: 'get',
      path,
      handle: () => ({ status: 200, body: { endpoint: account.webhookUrl, active: true } }),
    },
    {
      name: 'webhook.test',
      method: 'post',
      path: '/v2/bot/channel/webhook/test',
      handle: (call) => testEndpoint(call, options),
    },
  ]
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
      detail: String(result.status || result.outcome),
    },
  }
}
