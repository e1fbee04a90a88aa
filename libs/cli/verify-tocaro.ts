import { randomUUID } from 'node:crypto'
import type { Http } from '#libs/http'

export interface Check {
  name: string
  /** `warning`: not what Tocaro may need, but the registered URL itself works. */
  result: 'ok' | 'warning' | 'failed'
  explanation: string
}

export interface HandshakeOptions {
  url: string
  secret: string
  http: Http
}

/**
 * Does what Tocaro does when an endpoint is registered, at the given URL and at the other URLs that its
 * documents can be read to mean, and one thing that a careless endpoint gets wrong: a wrong token must
 * not be answered with the challenge.
 */
export async function verifyTocaro({ url, secret, http }: HandshakeOptions): Promise<Check[]> {
  const main = await handshake(url, secret, http)
  const forged = await forgedHandshake(url, http)
  const others = await Promise.all(otherReadings(url).map((other) => handshake(other, secret, http)))
  return [
    ...urlChecks(url),
    main,
    forged,
    ...others.map((check) => (check.result === 'ok' ? check : { ...check, result: 'warning' as const })),
  ]
}

async function handshake(url: string, token: string, http: Http): Promise<Check> {
  const challenge = randomUUID()
  const name = `handshake at ${url}`
  try {
    const response = await post(http, url, { token, challenge, type: 'url_verification' })
    if (response.status !== 200)
      return failed(name, `answered ${response.status}, must be 200: check the path and the secret`)
    const type = response.headers['content-type'] ?? 'none'
    if (!type.startsWith('application/json'))
      return failed(name, `Content-Type is ${type}, must be application/json`)
    const same = JSON.stringify(response.body) === JSON.stringify({ challenge })
    if (!same)
      return failed(name, 'the body is not exactly {"challenge":"…"} with the challenge that was sent')
    return { name, result: 'ok', explanation: 'the challenge came back' }
  } catch (error) {
    return failed(name, error instanceof Error ? error.message : String(error))
  }
}

async function forgedHandshake(url: string, http: Http): Promise<Check> {
  const name = 'a wrong token is refused'
  const challenge = randomUUID()
  try {
    const response = await post(http, url, {
      token: `wrong-${randomUUID()}`,
      challenge,
      type: 'url_verification',
    })
    const echoed = JSON.stringify(response.body ?? '').includes(challenge)
    if (echoed || response.status === 200)
      return failed(name, `answered ${response.status}${echoed ? ' with the challenge' : ''}`)
    return { name, result: 'ok', explanation: `answered ${response.status}` }
  } catch (error) {
    return failed(name, error instanceof Error ? error.message : String(error))
  }
}

function post(http: Http, url: string, body: Record<string, string>) {
  return http({ method: 'POST', url, headers: { 'content-type': 'application/json' }, body })
}

/** What Tocaro demands of an endpoint's URL: https, a DNS name, no IP address. */
function urlChecks(url: string): Check[] {
  const { protocol, hostname } = new URL(url)
  const checks: Check[] = []
  if (protocol !== 'https:')
    checks.push(warning('https', `Tocaro registers https URLs only, this is ${protocol}//`))
  if (/^[\d.]+$|^\[/.test(hostname))
    checks.push(warning('host name', `Tocaro refuses IP addresses such as ${hostname}; use a DNS name`))
  return checks
}

/** At the root of the host, below the path, beside the path: the sheet of facts calls them V1, V3 and V4. */
function otherReadings(url: string): string[] {
  const base = url.replace(/\/+$/, '')
  const { origin } = new URL(url)
  const readings = [`${origin}/events/url_verification`, `${base}/events/url_verification`]
  if (base.endsWith('/events')) readings.push(`${base}/url_verification`)
  return [...new Set(readings)].filter((reading) => reading !== base)
}

function failed(name: string, explanation: string): Check {
  return { name, result: 'failed', explanation }
}

function warning(name: string, explanation: string): Check {
  return { name, result: 'warning', explanation }
}
