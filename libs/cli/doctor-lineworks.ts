import { type HttpResponse } from '#libs/http'
import { lineWorksIssuer, mint } from '#libs/tokens'
import { ask, fieldsOf, saidIn, tooMany, unreachable } from './doctor-api'
import { incomplete } from './doctor-config'
import { type Fault, type Finding, ok, problem, skipped, type Subject, warning } from './doctor-finding'
import type { PlatformOptions } from './doctor-line'
import type { BotSettings } from './doctor-probe'
import { checkPublicUrl, shownUrl } from './doctor-public-url'

export type LineworksBot = Extract<BotSettings, { platform: 'lineworks' }>

const subject = (id: string, name: string): Subject => ({ id: `lineworks-${id}`, name })
const tokenSubject = subject('token', 'Access token')
const botSubject = subject('bot', 'Bot ID')
const page = 'LINE WORKS Developer Console'
const realBase = 'https://www.worksapis.com/v1.0'

/** Service account, token, scope, bot id, Callback URL. Only reads. */
export async function checkLineworks(options: PlatformOptions<LineworksBot>): Promise<Finding[]> {
  const form = accountForm(options.bot)
  const access = await getToken(options)
  if ('finding' in access) return [...form, access.finding]
  const [botFindings, callback] = await readBot(options, access.token)
  return [
    ...form,
    ok(tokenSubject, `issued for ${options.bot.serviceAccount ?? ''}, scope ${options.bot.scope ?? ''}`),
    ...botFindings,
    ...(await checkCallback(options, callback)),
  ]
}

/** `xxxxx.serviceaccount@domain` [seen S1]. */
function accountForm({ serviceAccount }: LineworksBot): Finding[] {
  if (serviceAccount === undefined || /^[^@\s]+\.serviceaccount@[^@\s]+$/.test(serviceAccount)) return []
  return [
    warning(subject('service-account', 'Service account'), {
      found: `"${serviceAccount}" does not look like xxxxx.serviceaccount@domain`,
      why: "A person's id is no service account; LINE WORKS then issues no token.",
      remedy: `${page} → API → the app → Service Account: copy it into LINEWORKS_SERVICE_ACCOUNT`,
    }),
  ]
}

async function getToken({
  bot,
  http,
}: PlatformOptions<LineworksBot>): Promise<{ token: string } | { finding: Finding }> {
  const { clientId, clientSecret, serviceAccount, privateKey, scope, authBaseUrl, name } = bot
  if (
    clientId === undefined ||
    clientSecret === undefined ||
    serviceAccount === undefined ||
    privateKey === undefined ||
    scope === undefined ||
    authBaseUrl === undefined
  )
    return { finding: incomplete(tokenSubject) }
  const settings = {
    platform: 'lineworks' as const,
    name,
    clientId,
    clientSecret,
    serviceAccount,
    privateKey,
    scope,
    authBaseUrl,
  }
  try {
    const { token } = await mint(lineWorksIssuer(settings), { http, now: Date.now })
    return { token }
  } catch (error) {
    return {
      finding: tooMany(error, tokenSubject, 'LINE WORKS') ?? problem(tokenSubject, mintFault(error, bot)),
    }
  }
}

/**
 * Which `error` LINE WORKS gives for which cause is not documented; it follows RFC 6749. Its description decides only
 * which cause is named first.
 */
function mintFault(error: unknown, bot: LineworksBot): Fault {
  const { status, words = '' } = error as { status?: number; words?: string }
  if (status === undefined || status >= 500)
    return unreachable(error, 'LINE WORKS', 'LINEWORKS_AUTH_BASE_URL')
  const why = 'Without an access token the bot can not send anything.'
  const said = `LINE WORKS answered ${status}: ${words.slice(0, 160)}`
  if (/invalid_scope|\bscope\b/i.test(words))
    return {
      found: `the scope "${bot.scope ?? ''}" is not enabled for the app: ${said}`,
      why,
      remedy: `${page} → API → the app → OAuth Scopes: add ${bot.scope ?? 'bot'} and save; or correct LINEWORKS_SCOPE`,
    }
  if (/invalid_client|unauthorized_client/i.test(words) || status === 401)
    return {
      found: `wrong client secret or client ID (${bot.clientId ?? ''}): ${said}`,
      why,
      remedy: `${page} → API → the app: copy Client ID and Client Secret into LINEWORKS_CLIENT_ID and LINEWORKS_CLIENT_SECRET`,
    }
  return assertionFault(said, words, bot)
}

function assertionFault(said: string, words: string, bot: LineworksBot): Fault {
  const why = 'Without an access token the bot can not send anything.'
  const key = `${page} → API → the app → Service Account → Private Key: download it (a new one ends the old) and set LINEWORKS_PRIVATE_KEY_FILE to the file`
  const account = `${page} → API → the app → Service Account: copy it into LINEWORKS_SERVICE_ACCOUNT`
  if (/signature|private key|public key/i.test(words))
    return {
      found: `wrong private key: it is not the one of this app's service account: ${said}`,
      why,
      remedy: key,
    }
  if (/\bsub\b|service.?account|user not/i.test(words))
    return {
      found: `wrong or unknown service account ${bot.serviceAccount ?? ''}: ${said}`,
      why,
      remedy: account,
    }
  if (/\b(exp|iat|nbf)\b|expired|clock/i.test(words))
    return {
      found: `the times of the token request are refused, the clock is off: ${said}`,
      why,
      remedy: 'sudo timedatectl set-ntp true   (in a container: on its host)',
    }
  return {
    found: `private key, service account (${bot.serviceAccount ?? ''}) or clock is wrong: ${said}`,
    why,
    remedy: `In this order: ${account}; ${key}; sudo timedatectl set-ntp true`,
  }
}

type Callback = { url?: string; isOff: boolean; known: boolean }

async function readBot(
  { bot, http }: PlatformOptions<LineworksBot>,
  token: string,
): Promise<[Finding[], Callback]> {
  const none: Callback = { isOff: false, known: false }
  const { botId, apiBaseUrl = realBase } = bot
  if (botId === undefined) return [[incomplete(botSubject)], none]
  const asked = await ask(
    {
      method: 'GET',
      url: `${apiBaseUrl}/bots/${encodeURIComponent(botId)}`,
      headers: { authorization: `Bearer ${token}` },
    },
    { http, subject: botSubject, platform: 'LINE WORKS', baseUrlSetting: 'LINEWORKS_API_BASE_URL' },
  )
  if ('finding' in asked) return [[asked.finding], none]
  if (asked.response.status !== 200) return [[refusedBot(asked.response, bot)], none]
  const { botName, callbackUrl, enableCallback } = fieldsOf(asked.response)
  const name = typeof botName === 'string' ? ` (${botName})` : ''
  return [
    [ok(botSubject, `${botId}${name} is known to LINE WORKS`)],
    {
      isOff: enableCallback === false,
      known: typeof callbackUrl === 'string',
      ...(typeof callbackUrl === 'string' && callbackUrl !== '' ? { url: callbackUrl } : {}),
    },
  ]
}

function refusedBot(response: HttpResponse, { botId = '', scope = '' }: LineworksBot): Finding {
  const said = `LINE WORKS answered ${response.status}: ${saidIn(response)}`
  const sends = 'Every message of the bot would be refused.'
  if (response.status === 404)
    return problem(botSubject, {
      found: `wrong bot ID ${botId}: ${said}`,
      why: sends,
      remedy: `${page} → Bot: copy the Bot ID into LINEWORKS_BOT_ID; it must also be added to the domain: Admin → Bot`,
    })
  const reads = scope.split(' ').some((one) => one === 'bot' || one === 'bot.read')
  if (response.status === 403 && !reads)
    return warning(botSubject, {
      found: `can't be looked at with the scope "${scope}": ${said}`,
      why: 'Sending may work all the same; the bot ID is not verified.',
      remedy: `${page} → API → the app → OAuth Scopes: add bot, and set LINEWORKS_SCOPE=bot`,
    })
  if (response.status === 403)
    return problem(botSubject, {
      found: `missing scope or right: ${said}`,
      why: sends,
      remedy: `${page} → API → the app → OAuth Scopes: add bot and save; and add the bot to the domain (Admin → Bot)`,
    })
  return problem(botSubject, {
    found: `the fresh access token is refused: ${said}`,
    why: sends,
    remedy: `${page} → API → the app → OAuth Scopes: add bot and save (a scope that is missing there may also give 401), then look at LINEWORKS_API_BASE_URL`,
  })
}

async function checkCallback(options: PlatformOptions<LineworksBot>, callback: Callback): Promise<Finding[]> {
  const { bot, publicUrl } = options
  const about = subject('callback', 'Callback URL')
  const place = `${page} → Bot → Callback URL`
  const wanted = `${publicUrl ?? 'https://YOUR-HOST'}/webhooks/${bot.name}`
  const emulated = (bot.apiBaseUrl ?? realBase) !== realBase
  if (callback.isOff || (callback.known && callback.url === undefined))
    return [
      problem(about, {
        found: callback.isOff ? 'the Callback is switched off' : 'no Callback URL is set',
        why: 'LINE WORKS sends no events, and never sends them later.',
        remedy: `${place}: On, set ${wanted}, and tick the message types that the bot shall get`,
      }),
    ]
  const known = callback.url
  const url = known ?? (publicUrl === undefined ? undefined : wanted)
  if (url === undefined)
    return [skipped(about, 'LINE WORKS does not tell it; give the public address: --url https://YOUR-HOST')]
  const other = known !== undefined && publicUrl !== undefined && known.replace(/\/$/, '') !== wanted
  return [
    other
      ? problem(about, {
          found: `set to another URL: ${known}`,
          why: `Events go there and not to ${wanted}.`,
          remedy: `${place}: set ${wanted}`,
        })
      : ok(about, shownUrl(url)),
    ...(await checkPublicUrl({ ...options, url, emulated: emulated && known !== undefined, place })),
  ]
}
