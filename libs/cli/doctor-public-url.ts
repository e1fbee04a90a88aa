import { isIP } from 'node:net'
import type { Http } from '#libs/http'
import { type Finding, ok, problem, skipped, type Subject } from './doctor-finding'
import { secretName } from './doctor-ingress'
import { type BotSettings, probeWebhook } from './doctor-probe'
import { checkCertificate, connectionFault } from './doctor-tls'
import { verifyTocaro } from './verify-tocaro'

export interface PublicUrlOptions {
  /** The webhook URL as the platform has it, or is to have it. */
  url: string
  bot: BotSettings
  http: Http
  /** An emulator stands in for the platform: it also sends to http. */
  emulated: boolean
  /** Where the URL is set. */
  place: string
  /** Authorities beside the well-known ones. */
  ca?: string | undefined
}

const form: Subject = { id: 'webhook-url', name: 'Webhook URL' }
const answers: Subject = { id: 'webhook-answers', name: 'Webhook answers' }

/** How a URL is shown that is in order. */
export function shownUrl(url: string): string {
  return url.startsWith('http:') ? `${url} (http is for emulators only)` : url
}

/** Form, certificate with its chain, and whether our ingress answers for this bot. */
export async function checkPublicUrl(options: PublicUrlOptions): Promise<Finding[]> {
  const { url, emulated, place, bot } = options
  const wanted = `https://YOUR-HOST/webhooks/${bot.name}`
  if (!URL.canParse(url) || !/^https?:\/\//.test(url))
    return [
      problem(form, {
        found: `"${url}" is no URL`,
        why: 'The platform can not send there.',
        remedy: `${place}: set ${wanted}`,
      }),
    ]
  const parsed = new URL(url)
  if (parsed.protocol === 'http:' && !emulated)
    return [
      problem(form, {
        found: `${url} is not https`,
        why: 'The platforms send webhooks to https only.',
        remedy: `Put a proxy with a certificate before the ingress, then ${place}: set ${wanted}`,
      }),
    ]
  const host = hostFinding(parsed, options)
  if (host) return [host]
  const certificate =
    parsed.protocol === 'https:' ? await checkCertificate({ url: parsed, ca: options.ca }) : undefined
  return [
    ...(certificate ? [certificate] : []),
    ...(certificate && isUnreachable(certificate) ? [] : [await answerFinding(parsed, options)]),
  ]
}

/** Nothing answers there, so there is nothing more to ask. */
function isUnreachable({ why }: Finding): boolean {
  return why?.startsWith('The platform can not deliver') === true
}

/** Tocaro refuses IP addresses; nobody outside reaches this machine's own name. */
function hostFinding({ hostname }: URL, { bot, emulated, place }: PublicUrlOptions): Finding | undefined {
  if (emulated) return undefined
  const bare = hostname.replace(/^\[|\]$/g, '')
  const local = bare === 'localhost' || bare === '::1' || bare.startsWith('127.')
  if (!local && !(isIP(bare) && bot.platform === 'tocaro')) return undefined
  return problem(form, {
    found: local ? `${hostname} is this machine only` : `${hostname} is an IP address`,
    why: local ? 'The platform can not reach it from outside.' : 'Tocaro takes DNS names only.',
    remedy: `${place}: set a URL with a public DNS name, https://YOUR-HOST/webhooks/${bot.name}`,
  })
}

async function answerFinding(url: URL, options: PublicUrlOptions): Promise<Finding> {
  const { bot, place } = options
  if (bot.platform === 'tocaro') return handshakeFinding(url, bot, options)
  const result = await probeWebhook(url.href, bot)
  const path = `/webhooks/${bot.name}`
  switch (result.kind) {
    case 'accepted':
      return ok(answers, 'a signed request without events was taken')
    case 'hookline':
      return url.pathname.replace(/\/$/, '') === path
        ? ok(
            answers,
            'a Hookline ingress answers there (whether it has this Bot Secret, only a message shows)',
          )
        : otherPath(url, path, place)
    case 'refused':
      return url.pathname.replace(/\/$/, '') === path
        ? problem(answers, {
            found: `refused (401): the ingress there has another ${secretName[bot.platform]} or no bot "${bot.name}"`,
            why: 'Every webhook of the platform is refused too, or this configuration is wrong.',
            remedy: `Copy the ${secretName[bot.platform]} anew into both settings and restart the ingress`,
          })
        : otherPath(url, path, place)
    case 'no-secret':
      return skipped(answers, `there is no ${secretName[bot.platform]} here to sign a request with`)
    case 'away':
      return problem(answers, {
        ...connectionFault(url, result.code),
        why: 'The platform can not deliver webhooks there.',
      })
    case 'other':
      return otherAnswer(url, result, { path, place })
  }
}

function otherPath(url: URL, path: string, place: string): Finding {
  return problem(answers, {
    found: `wrong path ${url.pathname}: it belongs to another bot or to none`,
    why: 'The ingress refuses what comes there (401).',
    remedy: `${place}: set ${url.origin}${path}`,
  })
}

function otherAnswer(
  url: URL,
  { status, location }: { status: number; location?: string },
  { path, place }: { path: string; place: string },
): Finding {
  const why = 'The platform counts anything but 200 as a failure.'
  if (location !== undefined)
    return problem(answers, {
      found: `redirected (${status}) to ${location.slice(0, 80)}`,
      why: 'The platforms do not follow redirects for sure.',
      remedy: `${place}: set the final URL, or let the proxy pass ${path} on without a redirect`,
    })
  if (status === 404 || status === 405)
    return problem(answers, {
      found: `answered ${status}: wrong path, or the proxy does not pass ${url.pathname} on`,
      why,
      remedy: `${place}: set ${url.origin}${path}; proxy: pass /webhooks/ to the ingress unchanged`,
    })
  if (status === 502 || status === 504)
    return problem(answers, {
      found: `answered ${status}: the proxy does not reach the ingress`,
      why,
      remedy: 'Start the ingress (docker compose up -d ingress) and look at the address in the proxy',
    })
  return problem(answers, {
    found: `answered ${status}, which no Hookline ingress does here`,
    why,
    remedy: `See what answers: curl -i -X POST ${url.href}; Hookline must get the bytes unchanged`,
  })
}

async function handshakeFinding(
  url: URL,
  bot: Extract<BotSettings, { platform: 'tocaro' }>,
  { http, place }: PublicUrlOptions,
): Promise<Finding> {
  const subject: Subject = { id: 'tocaro-handshake', name: 'Tocaro handshake' }
  const secret = bot.signingSecret?.[0]
  if (secret === undefined)
    return skipped(subject, 'not tried: there is no Signing Secret here; run doctor where the ingress runs')
  const checks = await verifyTocaro({ url: url.href, secret, http })
  const failed = checks.filter(({ result }) => result === 'failed')
  const [first] = failed
  if (!first) return ok(subject, 'the challenge came back and a wrong token was refused')
  return problem(subject, {
    found: `${first.name}: ${first.explanation}`,
    why: 'Tocaro does not register the endpoint, and sends no events.',
    remedy: `Give the ingress the Signing Secret that Tocaro issued, let the proxy pass POSTs on, then register ${url.origin}/webhooks/${bot.name} in ${place}`,
  })
}
