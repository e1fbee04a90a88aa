import { ApiError } from '#libs/contract'
import type { Http, HttpRequest, HttpResponse } from '#libs/http'
import { type Finding, problem, type Subject, warning } from './doctor-finding'

/** A platform's answer as fields; an answer of another form has none. */
export function fieldsOf({ body }: HttpResponse): Record<string, unknown> {
  return typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {}
}

export type Asked = { response: HttpResponse } | { finding: Finding }

export interface Asking {
  http: Http
  subject: Subject
  /** `LINE`, for the words. */
  platform: string
  baseUrlSetting: string
}

/** Makes a call; what is no answer of the platform about the call itself becomes a finding. */
export async function ask(
  request: HttpRequest,
  { http, subject, platform, baseUrlSetting }: Asking,
): Promise<Asked> {
  try {
    const response = await http(request)
    const { status } = response
    if (status === 429 && !/monthly limit/i.test(JSON.stringify(response.body)))
      return { finding: rateLimited(subject, platform) }
    if (status >= 500) return { finding: problem(subject, inTrouble(platform, status)) }
    return { response }
  } catch (error) {
    return { finding: problem(subject, unreachable(error, platform, baseUrlSetting)) }
  }
}

/** For calls that throw instead of telling their status. */
export function tooMany(error: unknown, subject: Subject, platform: string): Finding | undefined {
  return error instanceof ApiError && error.status === 429 ? rateLimited(subject, platform) : undefined
}

function rateLimited(subject: Subject, platform: string): Finding {
  return warning(subject, {
    found: `${platform} answered 429: too many calls right now`,
    why: 'This check could not be done.',
    remedy: 'Wait a minute and run doctor again; if it stays, lower the bot’s rate (limits: perMinute)',
  })
}

function inTrouble(platform: string, status: number) {
  return {
    found: `${platform} answered ${status}`,
    why: 'Its API has trouble; messages wait and are sent when it is back.',
    remedy: `Nothing to mend here: look at ${platform}'s status page, run doctor again in some minutes`,
  }
}

export function unreachable(error: unknown, platform: string, baseUrlSetting: string) {
  // Who answers can be reached.
  if (error instanceof ApiError && error.status !== undefined && error.status >= 500)
    return inTrouble(platform, error.status)
  const words = error instanceof ApiError ? error.message : String(error)
  return {
    found: `${platform}'s API is not reachable: ${words.replace(/ (Check|The request failed).*/, '')}`,
    why: 'The bot can not send anything.',
    remedy: `Check ${baseUrlSetting}, DNS, firewall and proxy of this machine (outgoing https must be allowed)`,
  }
}

/** The platform's own words, short. */
export function saidIn(response: HttpResponse): string {
  const { error, error_description: description, message, code, description: words } = fieldsOf(response)
  const said = [error, code, description, words, message]
    .filter((part) => typeof part === 'string')
    .join(': ')
  return (said || `status ${response.status}`).slice(0, 200)
}
