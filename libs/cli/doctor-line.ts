import type { Http, HttpResponse } from '#libs/http'
import { lineIssuer, mint, statelessAssertionIssuer } from '#libs/tokens'
import { ask, type Asking, fieldsOf, saidIn, tooMany, unreachable } from './doctor-api'
import { incomplete } from './doctor-config'
import { type Finding, ok, problem, skipped, type Subject, warning, wordsOf } from './doctor-finding'
import { testFinding } from './doctor-line-test'
import type { BotSettings } from './doctor-probe'
import { checkPublicUrl, shownUrl } from './doctor-public-url'

export type LineBot = Extract<BotSettings, { platform: 'line' }>

export interface PlatformOptions<Bot> {
  bot: Bot
  http: Http
  /** For LINE's webhook test, which takes as long as our endpoint. */
  slowHttp: Http
  /** The public address of the ingress, where it is known. */
  publicUrl: string | undefined
  /** Authorities beside the well-known ones. */
  ca?: string | undefined
}

const consolePage = 'LINE Developers Console → Messaging API settings'
const basics = 'LINE Developers Console → Basic settings'
const realBase = 'https://api.line.me'

interface Line extends PlatformOptions<LineBot> {
  base: string
  emulated: boolean
  token: string
}

const subject = (id: string, name: string): Subject => ({ id: `line-${id}`, name })
const tokenSubject = subject('token', 'Access token')

/** Token, channel secret, account, quota, webhook. Only reads; LINE's webhook test is the one event that goes out. */
export async function checkLine(options: PlatformOptions<LineBot>): Promise<Finding[]> {
  const { bot } = options
  const base = bot.apiBaseUrl ?? realBase
  const access = await getToken(options, base)
  if ('finding' in access) return [access.finding]
  const line: Line = { ...options, base, emulated: base !== realBase, token: access.token }
  const account = await botInfo(line)
  if (account.some(({ id, state }) => id === tokenSubject.id && state === 'problem')) return account
  const [secret, keys, quota, webhook] = await Promise.all([
    checkSecret(line),
    checkKeys(line),
    checkQuota(line),
    checkWebhook(line),
  ])
  return [...account, ...secret, ...keys, ...quota, ...webhook, redelivery()]
}

function asking({ http }: Pick<Line, 'http'>, about: Subject): Asking {
  return { http, subject: about, platform: 'LINE', baseUrlSetting: 'LINE_API_BASE_URL' }
}

async function get(line: Line, path: string, about: Subject) {
  const headers = { authorization: `Bearer ${line.token}` }
  return ask({ method: 'GET', url: `${line.base}${path}`, headers }, asking(line, about))
}

async function getToken(
  { bot, http }: PlatformOptions<LineBot>,
  base: string,
): Promise<{ token: string } | { finding: Finding }> {
  if (bot.channelAccessToken !== undefined) return { token: bot.channelAccessToken }
  const settings = { ...bot, apiBaseUrl: base }
  const byKey = bot.assertionKey !== undefined && bot.assertionKid !== undefined
  if (bot.channelId === undefined || (!byKey && !bot.channelSecret))
    return { finding: incomplete(tokenSubject) }
  try {
    const issuer = byKey ? statelessAssertionIssuer(settings) : lineIssuer(settings)
    const { token } = await mint(issuer, { http, now: Date.now })
    return { token }
  } catch (error) {
    return {
      finding: tooMany(error, tokenSubject, 'LINE') ?? problem(tokenSubject, mintFault(error, bot, byKey)),
    }
  }
}

function mintFault(error: unknown, bot: LineBot, byKey: boolean) {
  const { status, words = '' } = error as { status?: number; words?: string }
  if (status === undefined || status >= 500) return unreachable(error, 'LINE', 'LINE_API_BASE_URL')
  const said = `LINE answered ${status}: ${words}`
  if (byKey)
    return {
      found: `wrong assertion key, key id (kid) or channel ID ${bot.channelId ?? ''}: ${said}`,
      why: 'Without an access token nothing can be sent.',
      remedy: `${basics} → Assertion Signing Key: register the public key of LINE_ASSERTION_KEY, and set LINE_ASSERTION_KID to the kid shown there; look at the clock too`,
    }
  return {
    found: `wrong channel secret or channel ID ${bot.channelId ?? ''}: ${said}`,
    why: 'Without an access token nothing can be sent, and webhooks can not be verified.',
    remedy: `${basics}: copy Channel ID and Channel secret anew into LINE_CHANNEL_ID and LINE_CHANNEL_SECRET`,
  }
}

async function botInfo(line: Line): Promise<Finding[]> {
  const asked = await get(line, '/v2/bot/info', tokenSubject)
  if ('finding' in asked) return [asked.finding]
  const { response } = asked
  if (response.status !== 200) return [refusedToken(line, response)]
  const { displayName, basicId, chatMode } = fieldsOf(response)
  const account = `${String(displayName)} (${String(basicId)})`
  return [ok(tokenSubject, `accepted by LINE, account ${account}`), chat(chatMode)]
}

function refusedToken({ bot, base }: Line, response: HttpResponse): Finding {
  if (response.status === 404)
    return problem(tokenSubject, {
      found: `${base} does not know LINE's API (404)`,
      why: 'The bot can not send anything.',
      remedy: 'Correct or remove LINE_API_BASE_URL',
    })
  const given = bot.channelAccessToken !== undefined
  return problem(tokenSubject, {
    found: `${given ? 'wrong or expired access token' : 'the access token is refused'}: LINE answered ${response.status}: ${saidIn(response)}`,
    why: 'LINE refuses every message of the bot.',
    remedy: given
      ? `${consolePage} → Channel access token (long-lived): issue one and set LINE_CHANNEL_ACCESS_TOKEN, or set LINE_CHANNEL_ID and LINE_CHANNEL_SECRET instead and let the worker fetch tokens`
      : 'Run doctor again; if it stays, look whether the channel is still there in the LINE Developers Console',
  })
}

function chat(mode: unknown): Finding {
  const about = subject('chat-mode', 'Response mode')
  if (mode !== 'chat') return ok(about, `${String(mode)} (no chat by people)`)
  return warning(about, {
    found: 'chat: people answer in LINE Official Account Manager',
    why: 'Users may get answers of people, of auto-reply messages and of the bot at once.',
    remedy: 'LINE Official Account Manager → response settings: turn chat and auto-reply messages off',
  })
}

/** The secret can not be read, but LINE tells whether a stateless token may be had with it. */
async function checkSecret(line: Line): Promise<Finding[]> {
  const about = subject('secret', 'Channel secret')
  const { bot, base, http } = line
  const [secret] = bot.channelSecret ?? []
  if (secret === undefined) return [skipped(about, 'is not among the settings here')]
  const owner = await channelOf(line)
  const wrong = owner !== undefined && bot.channelId !== undefined && owner !== bot.channelId
  if (wrong)
    return [
      problem(subject('channel', 'Channel ID'), {
        found: `the access token belongs to channel ${owner}, LINE_CHANNEL_ID is ${bot.channelId}`,
        why: 'Webhooks of one channel would be answered in the name of another.',
        remedy: `${basics}: take Channel ID, secret and access token of one and the same channel`,
      }),
    ]
  const channelId = bot.channelId ?? owner
  if (channelId === undefined)
    return [skipped(about, 'LINE does not tell the channel of this token; set LINE_CHANNEL_ID')]
  try {
    await mint(
      lineIssuer({ platform: 'line', name: bot.name, apiBaseUrl: base, channelId, channelSecret: [secret] }),
      {
        http,
        now: Date.now,
      },
    )
    return [ok(about, `accepted by LINE for channel ${channelId}`)]
  } catch (error) {
    const { status } = error as { status?: number }
    if (status === undefined || status >= 500 || status === 429)
      return [skipped(about, wordsOf(error).slice(0, 100))]
    return [
      problem(about, {
        found: `wrong channel secret: LINE refuses it for channel ${channelId}`,
        why: 'The ingress refuses every webhook, because their signatures do not fit.',
        remedy: `${basics} → Channel secret: copy it into LINE_CHANNEL_SECRET and restart the ingress`,
      }),
    ]
  }
}

/** The channel that a token belongs to. In the body, so that it is in nobody's access log. */
async function channelOf({ base, http, token }: Line): Promise<string | undefined> {
  const body = new URLSearchParams({ access_token: token })
  const response = await http({ method: 'POST', url: `${base}/v2/oauth/verify`, body }).catch(() => undefined)
  const id = response?.status === 200 ? fieldsOf(response)['client_id'] : undefined
  return typeof id === 'string' || typeof id === 'number' ? String(id) : undefined
}

/** LINE's limit of v2.1 tokens, beyond which the next one is refused [doc R#channel-access-token]. */
const mostTokens = 30

async function checkKeys(line: Line): Promise<Finding[]> {
  const { bot, base } = line
  if (bot.assertionKey === undefined || bot.channelAccessToken !== undefined) return []
  const about = subject('token-count', 'Tokens in use')
  const form = await statelessAssertionIssuer({ ...bot, apiBaseUrl: base }).form(
    Math.floor(Date.now() / 1000),
  )
  const query = new URLSearchParams({
    client_assertion_type: form['client_assertion_type'] ?? '',
    client_assertion: form['client_assertion'] ?? '',
  })
  const asked = await ask(
    { method: 'GET', url: `${base}/oauth2/v2.1/tokens/kid?${query.toString()}` },
    asking(line, about),
  )
  if ('finding' in asked) return [asked.finding]
  const { kids } = fieldsOf(asked.response)
  if (!Array.isArray(kids)) return [skipped(about, saidIn(asked.response))]
  const found = `${kids.length} of ${mostTokens} v2.1 tokens`
  if (kids.length < mostTokens - 3) return [ok(about, found)]
  return [
    warning(about, {
      found,
      why: 'LINE refuses to issue the 31st, and the bot can then not send.',
      remedy:
        'Revoke unused ones (POST /oauth2/v2.1/revoke), or remove LINE_ASSERTION_KEY to use stateless tokens',
    }),
  ]
}

/** From here on it is worth saying: percent. */
const nearlyUsedUp = 80

async function checkQuota(line: Line): Promise<Finding[]> {
  const about = subject('quota', 'Monthly quota')
  const [limit, usage] = await Promise.all([
    get(line, '/v2/bot/message/quota', about),
    get(line, '/v2/bot/message/quota/consumption', about),
  ])
  const used = 'response' in usage ? fieldsOf(usage.response)['totalUsage'] : undefined
  for (const asked of [limit, usage]) {
    if ('finding' in asked) return [asked.finding]
    if (asked.response.status === 429) return [usedUp(about, saidIn(asked.response))]
    if (asked.response.status !== 200) return [skipped(about, saidIn(asked.response))]
  }
  const { type, value } = 'response' in limit ? fieldsOf(limit.response) : {}
  if (type !== 'limited' || typeof value !== 'number')
    return [ok(about, `no limit; ${String(used)} sent this month`)]
  const found = `${String(used)} of ${value} messages of this month are sent`
  const percent = value === 0 ? 100 : (Number(used) * 100) / value
  if (percent >= 100) return [usedUp(about, found)]
  if (percent < nearlyUsedUp) return [ok(about, found)]
  return [
    warning(about, {
      found: `nearly used up: ${found}`,
      why: 'Without quota pushes are refused until next month; replies still go.',
      remedy: 'Buy more messages or another plan: LINE Official Account Manager → plan and payment',
    }),
  ]
}

function usedUp(about: Subject, found: string): Finding {
  return problem(about, {
    found: `used up: ${found}`,
    why: 'LINE refuses pushes (429, "monthly limit") until next month; replies still go.',
    remedy:
      'Buy more messages or another plan: LINE Official Account Manager → plan and payment; keep LINE_REPLY_FALLBACK=park',
  })
}

async function checkWebhook(line: Line): Promise<Finding[]> {
  const { bot, publicUrl } = line
  const about = subject('endpoint', 'Webhook URL at LINE')
  const asked = await get(line, '/v2/bot/channel/webhook/endpoint', about)
  if ('finding' in asked) return [asked.finding]
  const wanted = `${publicUrl ?? 'https://YOUR-HOST'}/webhooks/${bot.name}`
  const { endpoint, active } = fieldsOf(asked.response)
  if (asked.response.status === 404 || endpoint === '')
    return [
      problem(about, {
        found: 'no webhook URL is set',
        why: 'LINE sends no events at all.',
        remedy: `${consolePage} → Webhook URL: set ${wanted}, and turn "Use webhook" on`,
      }),
    ]
  if (typeof endpoint !== 'string') return [skipped(about, saidIn(asked.response))]
  const [url, test] = await Promise.all([
    checkPublicUrl({ ...line, url: endpoint, place: `${consolePage} → Webhook URL` }),
    lineTest(line),
  ])
  return [
    isSet(about, { endpoint, wanted, publicUrl }),
    switchedOn(active),
    ...(test.state === 'ok' ? url.map(onlyFromInside) : url),
    test,
  ]
}

function isSet(
  about: Subject,
  { endpoint, wanted, publicUrl }: { endpoint: string; wanted: string; publicUrl: string | undefined },
): Finding {
  if (publicUrl === undefined || endpoint.replace(/\/$/, '') === wanted) return ok(about, shownUrl(endpoint))
  return problem(about, {
    found: `set to another URL: ${endpoint}`,
    why: `Events go there and not to ${wanted}.`,
    remedy: `${consolePage} → Webhook URL: set ${wanted}`,
  })
}

function switchedOn(active: unknown): Finding {
  const about = subject('webhook-on', 'Use webhook')
  if (active !== false) return ok(about, 'on')
  return problem(about, {
    found: 'the webhook is switched off (active: false)',
    why: 'LINE sends no events although a URL is set.',
    remedy: `${consolePage} → Use webhook: turn it on`,
  })
}

/** LINE itself got through: then it is this machine that can't reach its own public address. */
function onlyFromInside(finding: Finding): Finding {
  if (finding.state !== 'problem' || finding.id === 'webhook-url') return finding
  return {
    ...finding,
    state: 'warning',
    why: `LINE's own test got through, so this concerns this machine only (its DNS, its way out).`,
  }
}

async function lineTest(line: Line): Promise<Finding> {
  const about = subject('webhook-test', "LINE's webhook test")
  const request = {
    method: 'POST' as const,
    url: `${line.base}/v2/bot/channel/webhook/test`,
    headers: { authorization: `Bearer ${line.token}` },
    body: {},
  }
  const asked = await ask(request, asking({ http: line.slowHttp }, about))
  if ('finding' in asked) return asked.finding
  if (asked.response.status !== 200) return skipped(about, saidIn(asked.response))
  return testFinding(about, fieldsOf(asked.response), line.bot)
}

function redelivery(): Finding {
  return skipped(
    subject('redelivery', 'Webhook redelivery'),
    `LINE's API does not tell; look yourself: ${consolePage} → Webhook redelivery (on is recommended: Hookline drops what comes twice)`,
  )
}
