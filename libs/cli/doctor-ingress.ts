import type { Http } from '#libs/http'
import { verifyTocaro } from './verify-tocaro'
import { type BotSettings, probeWebhook } from './doctor-probe'
import { type Finding, ok, problem, skipped, type Subject, warning } from './doctor-finding'

/** The ingress as it was found. */
export interface IngressLook {
  findings: Finding[]
  /** Where it answers; undefined when it was not found. */
  url?: string
}

export interface IngressOptions {
  /** Addresses to try, in this order. */
  candidates: string[]
  http: Http
}

const subject: Subject = { id: 'ingress', name: 'Ingress' }
const startIngress = 'docker compose up -d ingress, or node dist/apps/ingress/main.js (or hookline dev)'

/** Looks for a running ingress and asks whether it is ready. */
export async function lookAtIngress({ candidates, http }: IngressOptions): Promise<IngressLook> {
  const taken: string[] = []
  for (const url of candidates) {
    const answer = await http({ method: 'GET', url: `${url}/` }).catch(() => undefined)
    if (typeof answer?.body === 'string' && answer.body.startsWith('Hookline ingress'))
      return { url, findings: [await readiness(url, http)] }
    if (answer) taken.push(url)
  }
  const [first = ''] = taken
  if (taken.length > 0)
    return {
      findings: [
        problem(subject, {
          found: `the port is in use by another program: ${first} answers, but is no Hookline ingress`,
          why: 'The ingress can not start on a port that is taken.',
          remedy: `End the other program (find it: ss -ltnp | grep :${new URL(first).port}), or set INGRESS_PORT to a free port`,
        }),
      ],
    }
  return {
    findings: [
      problem(subject, {
        found: `is not running: nothing answers at ${candidates.join(' or ')}`,
        why: 'Webhooks are lost or come late while no ingress takes them.',
        remedy: `Start it: ${startIngress}; where it runs elsewhere: --ingress http://HOST:3000`,
      }),
    ],
  }
}

async function readiness(url: string, http: Http): Promise<Finding> {
  const answer = await http({ method: 'GET', url: `${url}/readyz` }).catch(() => undefined)
  if (answer?.status === 200) return ok(subject, `running and ready at ${url}`)
  const { checks = {} } = (answer?.body ?? {}) as { checks?: Record<string, string> }
  const words = Object.entries(checks)
    .filter(([, text]) => !text.startsWith('ok'))
    .map(([name, text]) => `${name}: ${text}`)
  return problem(subject, {
    found: `runs at ${url} but is not ready: ${words.join('; ') || 'it does not say why'}`,
    why: 'It takes webhooks into its journal at best; no bot answers meanwhile.',
    remedy: `Mend what it names; look again: curl ${url}/readyz`,
  })
}

export interface IngressBotOptions {
  url: string
  bot: BotSettings
  http: Http
}

const restart = 'restart it with the same settings: docker compose up -d --force-recreate ingress'

/** Does this ingress know the bot, with the secret that is configured here? No event comes of it. */
export async function checkIngressBot({ url, bot, http }: IngressBotOptions): Promise<Finding> {
  const about: Subject = { id: 'ingress-secret', name: 'Secret in the ingress' }
  const webhook = `${url}/webhooks/${bot.name}`
  const before = await refusals(url, http)
  const result =
    bot.platform === 'tocaro'
      ? await tocaroProbe(webhook, bot, http)
      : (await probeWebhook(webhook, bot)).kind
  if (result === 'accepted') return ok(about, `the ingress at ${url} has the same secret`)
  if (result === 'no-secret') return skipped(about, 'no secret is configured here to compare with')
  const after = await refusals(url, http)
  const grew = [...after].filter(([key, count]) => count > (before.get(key) ?? 0)).map(([key]) => key)
  if (grew.includes(`${bot.name} bot_id_mismatch`))
    return ok(about, `the ingress at ${url} has the same secret`)
  if (grew.includes(`${bot.name} signature_mismatch`) || grew.includes(`${bot.name} token_mismatch`))
    return problem(about, {
      found: `the ingress runs with another ${secretName[bot.platform]} than the one configured here`,
      why: 'It refuses every webhook that the platform signs with the right one (401).',
      remedy: `Put the right ${secretName[bot.platform]} into the ingress' settings and ${restart}`,
    })
  if (grew.some((key) => key.startsWith('(unknown)')))
    return problem(about, {
      found: `the ingress does not know a bot "${bot.name}"`,
      why: `Webhooks to /webhooks/${bot.name} are refused (401).`,
      remedy: `Give the ingress this bot's settings and ${restart}`,
    })
  return warning(about, {
    found: `the ingress at ${url} refused the check and does not tell why`,
    why: 'It may run with another secret, or not know this bot.',
    remedy: `Compare its settings (its first log line names them) and ${restart}`,
  })
}

export const secretName = {
  line: 'channel secret',
  lineworks: 'Bot Secret',
  tocaro: 'Signing Secret',
} as const

async function tocaroProbe(
  url: string,
  bot: Extract<BotSettings, { platform: 'tocaro' }>,
  http: Http,
): Promise<'accepted' | 'refused' | 'no-secret'> {
  const secret = bot.signingSecret?.[0]
  if (secret === undefined) return 'no-secret'
  const checks = await verifyTocaro({ url, secret, http })
  return checks.find(({ name }) => name.startsWith('handshake at'))?.result === 'ok' ? 'accepted' : 'refused'
}

/** How many webhooks were refused so far, by `BOT REASON`, from the ingress' metrics. */
async function refusals(url: string, http: Http): Promise<Map<string, number>> {
  const answer = await http({ method: 'GET', url: `${url}/metrics` }).catch(() => undefined)
  const rows = (typeof answer?.body === 'string' ? answer.body : '').matchAll(
    /^hookline_webhook_requests_total\{bot="([^"]*)",result="([^"]*)"\} (\d+)/gm,
  )
  return new Map(Array.from(rows, ([, bot, result, count]) => [`${bot} ${result}`, Number(count)]))
}
