import { createPublicKey } from 'node:crypto'
import { jwtVerify } from 'jose'
import type { LineworksAccount } from './accounts'
import { formBody, type ApiAnswer, type ApiCall, type ApiOperation } from './api-call'
import type { EmulatorContext } from './context'
import type { IssuedToken, TokenStore } from './token-store'

export interface LineworksTokenOptions {
  account: LineworksAccount
  context: EmulatorContext
  tokens: TokenStore
}

const ninetyDays = 90 * 24 * 3600

/** Token and revoke endpoint. Error statuses and strings follow RFC 6749: the platform's are not documented. */
export function lineworksTokenOperations(options: LineworksTokenOptions): ApiOperation[] {
  return [
    { name: 'token', method: 'post', path: '/oauth2/v2.0/token', handle: (call) => issue(call, options) },
    {
      name: 'token.revoke',
      method: 'post',
      path: '/oauth2/v2.0/revoke',
      handle: (call) => revoke(call, options),
    },
  ]
}

async function issue(call: ApiCall, options: LineworksTokenOptions): Promise<ApiAnswer> {
  const form = formBody(call)
  const grant = form.get('grant_type')
  if (!ownClient(form, options))
    return oauthError(401, 'invalid_client', 'client_id or client_secret is wrong')
  if (grant === 'urn:ietf:params:oauth:grant-type:jwt-bearer') return issueForAssertion(form, options)
  if (grant === 'refresh_token') return issueForRefresh(form, options)
  return oauthError(400, 'unsupported_grant_type', `grant_type ${grant ?? '(none)'} is not supported`)
}

async function issueForAssertion(form: URLSearchParams, options: LineworksTokenOptions): Promise<ApiAnswer> {
  const fault = await assertionFault(form.get('assertion') ?? '', options)
  if (fault !== undefined) return oauthError(400, 'invalid_grant', fault)
  const scopes = (form.get('scope') ?? '').split(' ').filter(Boolean)
  const enabled = options.context.settings().lineworksScopes
  const wrong = scopes.find((scope) => !enabled.includes(scope))
  if (scopes.length === 0) return oauthError(400, 'invalid_scope', 'scope is missing')
  if (wrong !== undefined)
    return oauthError(400, 'invalid_scope', `scope ${wrong} is not enabled for the app`)
  const refresh = options.tokens.mint({ kind: 'refresh', lifeSeconds: ninetyDays, scopes })
  return issued(scopes, refresh, options)
}

/** A new refresh token comes back only with rotation on; the old one is then used up. */
function issueForRefresh(form: URLSearchParams, options: LineworksTokenOptions): ApiAnswer {
  const { tokens, context } = options
  const refresh = tokens.find(form.get('refresh_token') ?? '')
  if (refresh?.kind !== 'refresh')
    return oauthError(400, 'invalid_grant', 'refresh_token is wrong or expired')
  if (!context.settings().lineworksRefreshRotation) return issued(refresh.scopes, undefined, options)
  tokens.revoke(refresh.value)
  const next = tokens.mint({ kind: 'refresh', lifeSeconds: ninetyDays, scopes: refresh.scopes })
  return issued(refresh.scopes, next, options)
}

/** `expires_in` is a string, as often seen. */
function issued(
  scopes: string[],
  refresh: IssuedToken | undefined,
  { tokens, context }: LineworksTokenOptions,
): ApiAnswer {
  const lifeSeconds = context.settings().lineworksTokenLifeSeconds
  const token = tokens.mint({ kind: 'access', lifeSeconds, scopes })
  return {
    status: 200,
    body: {
      access_token: token.value,
      token_type: 'Bearer',
      expires_in: String(lifeSeconds),
      scope: scopes.join(' '),
      ...(refresh ? { refresh_token: refresh.value } : {}),
    },
  }
}

/** Why the assertion is no good; undefined when it is really signed by the app's key and says the right things. */
async function assertionFault(
  jwt: string,
  { account, context }: LineworksTokenOptions,
): Promise<string | undefined> {
  try {
    const { payload } = await jwtVerify(jwt, createPublicKey(account.publicKey), {
      algorithms: ['RS256'],
      issuer: account.clientId,
      subject: account.serviceAccount,
      requiredClaims: ['iat', 'exp'],
      currentDate: new Date(context.clock()),
    })
    const life = (payload.exp ?? 0) - (payload.iat ?? 0)
    return life > 3600 ? 'exp is more than 3600 seconds after iat' : undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

/** Success and failure bodies are not documented; an unknown token is no failure. */
function revoke(call: ApiCall, options: LineworksTokenOptions): ApiAnswer {
  const form = formBody(call)
  if (!ownClient(form, options))
    return oauthError(401, 'invalid_client', 'client_id or client_secret is wrong')
  options.tokens.revoke(form.get('token') ?? '')
  return { status: 200 }
}

function ownClient(form: URLSearchParams, { account }: LineworksTokenOptions): boolean {
  return form.get('client_id') === account.clientId && form.get('client_secret') === account.clientSecret
}

function oauthError(status: number, error: string, description: string): ApiAnswer {
  return { status, body: { error, error_description: description } }
}
