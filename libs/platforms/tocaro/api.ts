import {
  ApiError,
  HooklineError,
  type Call,
  type Caller,
  type Sent,
  type Sender,
  type SendOptions,
  type TokenNote,
  type TokenSource,
} from '#libs/contract'
import { apiError, createHttp, sentWith, type Http, type HttpResponse } from '#libs/http'
import { createCaller, sameHost } from '../caller'
import { burst, hookUrlOf, limitOf, planTocaro, type TocaroOutSettings } from './message'

interface Way {
  http: Http
  settings: TocaroOutSettings
  tokens: TokenSource
}

/** One post: what goes where, until when. */
interface Post {
  group: string
  body: Record<string, unknown>
  signal: AbortSignal | undefined
  onToken: TokenNote | undefined
}

/** What to do about an answer whose status alone says little. */
const webApiHints: Record<number, string> = {
  403: "The token lacks the scope `write`, or the bot's user is not in the group.",
  404: 'There is no such API: compare postPath with the reference of the Web API.',
}
const callHints: Record<number, string> = {
  403: "The token lacks the scope `read` or `write`, or the bot's user has no right to it.",
  404: 'There is no such API: compare the path with the reference of the Web API.',
}
const revoked =
  'The hook was revoked: make a new one for the group in Tocaro and put its URL into webhookUrl.'
const hookHints: Record<number, string> = { 404: revoked, 410: revoked }

/**
 * Posts through the Web API or an inbound webhook, as the call says. Neither knows an idempotency key, so a
 * repeated call is a repeated post.
 */
export function createTocaroSender(settings: TocaroOutSettings, tokens: TokenSource): Sender & Caller {
  checkHookUrls(settings)
  const way: Way = { http: settings.http ?? createHttp(), settings, tokens }
  return {
    ...createTocaroCaller(settings, way.http, tokens),
    plan: (request) => planTocaro(request, settings),
    limitOf: (call) => limitOf(call, settings),
    send: (call, options) => send(call, options, way),
  }
}

/** One limit per operation: a limit exists, neither its figure nor its scope is documented [Web API reference]. */
function createTocaroCaller(settings: TocaroOutSettings, http: Http, tokens: TokenSource): Caller {
  const { name, apiBaseUrl, postPath, limits } = settings
  return createCaller({
    http,
    tokens,
    baseOf: () => apiBaseUrl,
    isOwnHost: (url) => sameHost(url, apiBaseUrl),
    operations: { [`POST ${postPath}`]: 'groups.messages' },
    limitOf: (operation) => ({
      scope: `tocaro:${name}:${operation}`,
      amount: burst,
      perMs: (burst * 60_000) / limits.perMinute,
    }),
    refusal: (operation, response, token) =>
      withHint(apiError(`Tocaro ${operation}`, response, { secrets: [token] }), callHints[response.status]),
  })
}

async function send(call: Call, { signal, onToken }: SendOptions, way: Way): Promise<Sent> {
  const post = call.operation === 'inbound_webhook' ? postToHook : postToWebApi
  let sent: Sent = {}
  for (const body of call.messages) sent = await post({ group: call.target.id, body, signal, onToken }, way)
  return sent
}

async function postToWebApi(
  { group, body, signal, onToken }: Post,
  { http, settings, tokens }: Way,
): Promise<Sent> {
  const token = await tokens.get(onToken)
  const url = postUrl(settings, group)
  const response = await http({
    method: 'POST',
    url,
    template: settings.postPath,
    headers: { authorization: `Bearer ${token}` },
    body,
    signal,
  })
  if (isSuccess(response)) return sentWith(response)
  if (response.status === 401) await tokens.invalidate(token)
  throw withHint(apiError('Tocaro Web API', response, { secrets: [token] }), webApiHints[response.status])
}

async function postToHook({ group, body, signal }: Post, { http, settings }: Way): Promise<Sent> {
  const url = hookUrlOf(group, settings)
  const response = await http({ method: 'POST', url, body, signal })
  if (isSuccess(response)) return sentWith(response)
  const error = apiError('Tocaro inbound webhook', response, {
    secrets: secretsOf(url),
    // There is no token that a retry could renew: the URL is the only credential.
    ...(response.status === 401 ? { code: 'api_rejected' } : {}),
  })
  throw withHint(error, hookHints[response.status])
}

function postUrl({ apiBaseUrl, postPath }: TocaroOutSettings, group: string): string {
  const path = postPath.replaceAll('{group}', encodeURIComponent(group))
  return `${apiBaseUrl.replace(/\/+$/, '')}/${path.replace(/^\/+/, '')}`
}

/** A bad hook URL fails at the start, where it can be told apart, and unprinted: Node's own error shows it whole. */
function checkHookUrls({ name, webhookUrl = {} }: TocaroOutSettings): void {
  const urls = typeof webhookUrl === 'string' ? { 'every group': webhookUrl } : webhookUrl
  const wrong = Object.keys(urls).filter((group) => !URL.canParse(urls[group] ?? ''))
  if (wrong.length === 0) return
  throw new HooklineError(
    'config_invalid',
    `Bot "${name}": webhookUrl for ${wrong.join(', ')} is no URL (not shown, it is a credential). Copy it again from Tocaro.`,
  )
}

/** The URL, and its last segment, which is the key. The URL first: the key is a part of it. */
function secretsOf(url: string): string[] {
  const key = new URL(url).pathname.split('/').findLast(Boolean) ?? ''
  return [url, key]
}

/** No success code is documented for the inbound webhook, and 200 and 201 for the Web API [Web API reference]. */
function isSuccess({ status }: HttpResponse): boolean {
  return status >= 200 && status < 300
}

function withHint(error: ApiError, hint: string | undefined): ApiError {
  if (hint === undefined) return error
  const { code, status, words, limit } = error
  return new ApiError(code, `${error.message}. ${hint}`, {
    ...(status === undefined ? {} : { status }),
    ...(words === undefined ? {} : { words }),
    ...(limit === undefined ? {} : { limit }),
  })
}
