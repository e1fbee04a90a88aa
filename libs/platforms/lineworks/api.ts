import type { ApiError, Call, Caller, Limit, SendOptions, Sender, TokenSource } from '#libs/contract'
import { apiError, createHttp, sentWith, type Http, type HttpResponse } from '#libs/http'
import { createCaller, isBelow, sameHost } from '../caller'
import { domainOf, limitOf, planLineworks } from './message'

/** What the sending side of a LINE WORKS bot knows beside its access tokens. */
export interface LineworksOutSettings {
  /** Name of the bot in the configuration. */
  name: string
  botId: string
  /** Of the form `xxxxx.serviceaccount@domain`. */
  serviceAccount: string
  /** Calls per minute to one API operation that the plan allows. */
  limits: { perMinute: number }
  /** Without a slash at its end: `https://www.worksapis.com/v1.0`. */
  apiBaseUrl: string
  http?: Http
}

/** The worker side of one LINE WORKS bot. */
export function createLineworksSender(settings: LineworksOutSettings, tokens: TokenSource): Sender & Caller {
  const http = settings.http ?? createHttp()
  const bot = `${settings.apiBaseUrl}/bots/${encodeURIComponent(settings.botId)}`
  return {
    ...createLineworksCaller(settings, http, tokens),
    plan: (request) => planLineworks(request, settings),
    limitOf: (call) => limitOf(call, settings),
    async send(call, options) {
      const token = await tokens.get(options.onToken)
      const response = await http(messageRequest(bot, call, { token, ...options }))
      // 201 without a body is documented [doc bot-channel-message-send]; nothing in one is needed.
      if (response.status >= 200 && response.status < 300) return sentWith(response)
      if (response.status === 401) await tokens.invalidate(token)
      throw failure(call.operation, response, token)
    },
  }
}

/** Of the API and its storages, in Japan and Korea [doc api-call; seen S1, S4; gov@kr]. */
const vendorDomains = ['worksapis.com', 'worksmobile.com', 'gov-naverworks.com']

function createLineworksCaller(settings: LineworksOutSettings, http: Http, tokens: TokenSource): Caller {
  const { apiBaseUrl, botId } = settings
  return createCaller({
    http,
    tokens,
    baseOf: () => apiBaseUrl,
    params: { botId },
    isOwnHost: (url) => sameHost(url, apiBaseUrl) || isBelow(url, vendorDomains),
    operations: {
      'POST /bots/{botId}/users/{userId}/messages': 'users.messages',
      'POST /bots/{botId}/channels/{channelId}/messages': 'channels.messages',
    },
    limitOf: (operation) => limitOfOperation(operation, settings),
    refusal: failure,
  })
}

/** A room with the bot can be made ten times a minute, whatever the plan [doc rate-limits@en]. */
const fewer: Record<string, number> = { 'POST /bots/{botId}/channels': 10 }

/** Bots may not be managed in parallel [doc bot-create@en]; else four at once, as for messages. */
function limitOfOperation(operation: string, settings: LineworksOutSettings): Limit {
  const manages = /^(POST|PUT|PATCH|DELETE) \/bots(\/\{botId\}(\/(secret|domains.*))?)?$/.test(operation)
  const scope = `lineworks:${domainOf(settings)}:${operation}`
  const amount = fewer[operation] ?? settings.limits.perMinute
  return { scope, amount, perMs: 60_000, atOnce: manages ? 1 : 4 }
}

function messageRequest(bot: string, call: Call, { token, signal }: SendOptions & { token: string }) {
  const collection = call.target.kind === 'user' ? 'users' : 'channels'
  return {
    method: 'POST' as const,
    // A user id may be an e-mail address [doc bot-mention].
    url: `${bot}/${collection}/${encodeURIComponent(call.target.id)}/messages`,
    template: `/bots/{botId}/${collection}/{${collection.slice(0, -1)}Id}/messages`,
    headers: { authorization: `Bearer ${token}` },
    body: { content: call.messages[0] },
    signal,
  }
}

/** The cause of a 401 stands in `www-authenticate` only [doc error-codes], so it goes before the body's words. */
function failure(operation: string, response: HttpResponse, token: string): ApiError {
  const challenge = response.headers['www-authenticate']
  const body = challenge === undefined ? response.body : `${challenge} ${JSON.stringify(response.body ?? '')}`
  return apiError(`LINE WORKS ${operation}`, { ...response, body }, { secrets: [token] })
}
