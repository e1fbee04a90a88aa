import type { ApiError, Call, SendOptions, Sender, TokenSource } from '#libs/contract'
import { apiError, createHttp, sentWith, type Http, type HttpResponse } from '#libs/http'
import { limitOf, planLineworks } from './message'

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
export function createLineworksSender(settings: LineworksOutSettings, tokens: TokenSource): Sender {
  const http = settings.http ?? createHttp()
  const bot = `${settings.apiBaseUrl}/bots/${encodeURIComponent(settings.botId)}`
  return {
    plan: (request) => planLineworks(request, settings),
    limitOf: (call) => limitOf(call, settings),
    async send(call, options) {
      const token = await tokens.get()
      const response = await http(messageRequest(bot, call, { token, ...options }))
      // 201 without a body is documented [doc bot-channel-message-send]; nothing in one is needed.
      if (response.status >= 200 && response.status < 300) return sentWith(response)
      if (response.status === 401) await tokens.invalidate(token)
      throw failure(call, response, token)
    },
  }
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
function failure(call: Call, response: HttpResponse, token: string): ApiError {
  const challenge = response.headers['www-authenticate']
  const body = challenge === undefined ? response.body : `${challenge} ${JSON.stringify(response.body ?? '')}`
  return apiError(`LINE WORKS ${call.operation}`, { ...response, body }, { secrets: [token] })
}
