import { decodeJwt, type JWTPayload } from 'jose'
import type { HttpResponse } from '#libs/http'
import { ask, type Asking, saidIn } from './doctor-api'
import { type Finding, ok, problem, skipped, type Subject, warning } from './doctor-finding'
import type { PlatformOptions } from './doctor-line'
import type { BotSettings } from './doctor-probe'
import { checkPublicUrl } from './doctor-public-url'

export type TocaroBot = Extract<BotSettings, { platform: 'tocaro' }>

const subject = (id: string, name: string): Subject => ({ id: `tocaro-${id}`, name })
const tokenSubject = subject('token', 'Access token')
const realBase = 'https://api.tocaro.im'
const dayMs = 24 * 60 * 60_000

/** Access token or inbound webhook, and the handshake. Nothing is posted. */
export async function checkTocaro(options: PlatformOptions<TocaroBot>): Promise<Finding[]> {
  const { bot } = options
  const hooks = typeof bot.webhookUrl === 'string' ? { '': bot.webhookUrl } : (bot.webhookUrl ?? {})
  const findings = await Promise.all([
    bot.accessToken === undefined ? [] : checkToken(options, bot.accessToken),
    // The worker uses the hooks only where there is no token.
    bot.accessToken === undefined
      ? Promise.all(Object.entries(hooks).map(([group, url]) => checkHook(options, group, url)))
      : [],
    checkEndpoint(options),
  ])
  return findings.flat()
}

function asking({ http }: PlatformOptions<TocaroBot>, about: Subject): Asking {
  return { http, subject: about, platform: 'Tocaro', baseUrlSetting: 'TOCARO_API_BASE_URL' }
}

const renew = 'Have Tocaro issue a new access token for the bot (scope write) and set TOCARO_ACCESS_TOKEN'

async function checkToken(options: PlatformOptions<TocaroBot>, token: string): Promise<Finding[]> {
  const claims = claimsOf(token)
  const ended = claims && endOf(claims)
  if (ended?.state === 'problem') return [ended]
  const base = options.bot.apiBaseUrl ?? realBase
  const asked = await ask(
    { method: 'GET', url: `${base}/users?perPage=1`, headers: { authorization: `Bearer ${token}` } },
    asking(options, tokenSubject),
  )
  const answer = 'finding' in asked ? asked.finding : answered(asked.response, claims)
  return [answer, ...(ended ? [ended] : [])]
}

/** A token of the form of a JWT may carry its end [Tocaro Web API reference: format JWT]. */
function claimsOf(token: string): JWTPayload | undefined {
  try {
    return decodeJwt(token)
  } catch {
    return undefined
  }
}

function endOf({ exp }: JWTPayload): Finding | undefined {
  if (exp === undefined) return undefined
  const about = subject('token-end', 'Access token life')
  const left = exp * 1000 - Date.now()
  const until = new Date(exp * 1000).toISOString().slice(0, 16).replace('T', ' ')
  const why = 'Tocaro then refuses every post (401); it can not be refreshed by itself.'
  if (left <= 0)
    return problem(about, { found: `the access token has expired (${until} UTC)`, why, remedy: renew })
  if (left < 7 * dayMs)
    return warning(about, { found: `the access token ends ${until} UTC`, why, remedy: renew })
  return ok(about, `until ${until} UTC`)
}

/** A token with `write` alone may not list users: 403 shows that it is known [Tocaro Web API reference]. */
function answered(response: HttpResponse, claims: JWTPayload | undefined): Finding {
  const { status } = response
  const scopes = JSON.stringify(claims?.['scope'] ?? claims?.['scopes'] ?? '')
  if (/\bread\b/.test(scopes) && !/\bwrite\b/.test(scopes))
    return problem(tokenSubject, {
      found: `missing scope: the token has ${scopes} and not write`,
      why: 'Posting needs the scope write.',
      remedy: renew,
    })
  if (status === 200) return ok(tokenSubject, 'accepted by Tocaro (whether it may write, only a post shows)')
  if (status === 403)
    return ok(tokenSubject, 'known to Tocaro; it may not read users, which posting does not need')
  if (status === 401)
    return problem(tokenSubject, {
      found: `wrong or expired access token: Tocaro answered 401: ${saidIn(response)}`,
      why: 'Tocaro refuses every post of the bot.',
      remedy: renew,
    })
  if (status === 404)
    return problem(tokenSubject, {
      found: 'Tocaro does not know this address (404)',
      why: 'The bot can not post.',
      remedy: 'Correct or remove TOCARO_API_BASE_URL',
    })
  return skipped(tokenSubject, `Tocaro answered ${status}: ${saidIn(response)}`)
}

/**
 * A body that is not JSON can't become a message: whoever knows the key says so, and a revoked key is not found.
 * The URL is the credential, so it is shown nowhere.
 */
async function checkHook(options: PlatformOptions<TocaroBot>, group: string, url: string): Promise<Finding> {
  const about = subject('hook', group === '' ? 'Inbound webhook' : `Inbound webhook of ${group}`)
  const headers = { 'content-type': 'application/json' }
  const template = '/integrations/inbound_webhook/{key}'
  const asked = await ask(
    { method: 'POST', url, template, headers, body: brokenBody() },
    // The hook is an address of its own.
    { ...asking(options, about), baseUrlSetting: 'TOCARO_WEBHOOK_URL' },
  )
  if ('finding' in asked) return asked.finding
  const { status } = asked.response
  if (status === 401 || status === 403 || status === 404 || status === 410)
    return problem(about, {
      found: `the hook URL is revoked or wrong (${status})`,
      why: 'The bot can not post through it.',
      remedy: "Make a new inbound webhook in the group's settings in Tocaro and set TOCARO_WEBHOOK_URL",
    })
  return ok(about, `known to Tocaro (it refused an unreadable body with ${status})`)
}

/** Sent as JSON, which it is not; and as a form it would lack the field that holds the message. */
function brokenBody(): URLSearchParams {
  return new URLSearchParams({ doctor: '1' })
}

async function checkEndpoint(options: PlatformOptions<TocaroBot>): Promise<Finding[]> {
  const { bot, publicUrl } = options
  const about = subject('endpoint', 'Event API endpoint')
  const hint = 'Tocaro does not tell the registered URL; give the public address: --url https://YOUR-HOST'
  if (publicUrl === undefined) return [skipped(about, hint)]
  const url = `${publicUrl}/webhooks/${bot.name}`
  const place = "Tocaro's bot settings (Event API)"
  return [ok(about, url), ...(await checkPublicUrl({ ...options, url, emulated: false, place }))]
}
