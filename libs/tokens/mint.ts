import { ApiError } from '#libs/contract'
import { apiError, type Http, type HttpResponse } from '#libs/http'
import type { Issuer } from './issuer'
import type { Grant, TokenLog } from './token-settings'

export interface MintDeps {
  http: Http
  now: () => number
  log?: TokenLog | undefined
}

const secretFields = ['client_secret', 'assertion', 'client_assertion']

/**
 * Has one token issued. A refusal (400, 401, 403, 404) is `api_unauthorized`: the messages that wait for the
 * token are fine, so they are tried again until somebody has put the credentials right. 429 and 5xx keep
 * their class; no answer is `api_unavailable`, since asking twice does no harm.
 */
export async function mint(issuer: Issuer, { http, now, log }: MintDeps): Promise<Grant> {
  const mintedAt = now()
  const form = await issuer.form(Math.floor(mintedAt / 1000))
  const response = await ask(issuer, form, http)
  if (response.status < 200 || response.status > 299) throw refusal(issuer, form, response)
  const { access_token: token, expires_in: expiresIn } = fields(response.body)
  if (typeof token !== 'string' || token === '') {
    throw new ApiError(
      'api_unavailable',
      `${issuer.what} answered without an access_token. Check the base URL.`,
      { neverSent: true },
    )
  }
  const seconds = positiveSeconds(expiresIn)
  if (seconds === undefined) {
    const assumed = { expiresInSeconds: issuer.fallbackLifetimeSeconds }
    log?.warn(assumed, `${issuer.what} did not say how long the token lives; assuming the shortest life`)
  }
  return { token, mintedAt, expiresAt: mintedAt + (seconds ?? issuer.fallbackLifetimeSeconds) * 1000 }
}

async function ask(issuer: Issuer, form: Record<string, string>, http: Http): Promise<HttpResponse> {
  try {
    const { url } = issuer
    const template = new URL(url).pathname
    return await http({ method: 'POST', url, template, body: new URLSearchParams(form) })
  } catch (error) {
    const why = error instanceof ApiError ? error.message : 'The request failed.'
    throw new ApiError('api_unavailable', `${issuer.what} gave no answer. ${why}`, {
      cause: error,
      neverSent: true,
    })
  }
}

function refusal(issuer: Issuer, form: Record<string, string>, response: HttpResponse): ApiError {
  const secrets = secretFields.flatMap((field) => spellings(form[field] ?? ''))
  const error = apiError(issuer.what, response, { secrets, neverSent: true })
  if (error.code !== 'api_rejected' && error.code !== 'api_unauthorized') return error
  return new ApiError('api_unauthorized', `${error.message} ${issuer.hint}`, {
    status: response.status,
    neverSent: true,
    ...(error.words === undefined ? {} : { words: error.words }),
  })
}

/** A secret as an endpoint may echo it: as it is, as in the form, as in a URL, inside JSON. */
function spellings(secret: string): string[] {
  const inForm = new URLSearchParams([['', secret]]).toString().slice(1)
  return [secret, inForm, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)]
}

function fields(body: unknown): Record<string, unknown> {
  return typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {}
}

/** LINE WORKS sends a number or a string of digits [seen in client code of both kinds]. */
function positiveSeconds(value: unknown): number | undefined {
  const text = typeof value === 'number' ? String(value) : value
  if (typeof text !== 'string' || !/^\d{1,10}$/.test(text)) return undefined
  return Number(text) || undefined
}
