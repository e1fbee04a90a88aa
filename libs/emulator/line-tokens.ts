import { createPublicKey, randomUUID } from 'node:crypto'
import { jwtVerify, type JWTPayload } from 'jose'
import type { LineAccount } from './accounts'
import { formBody, type ApiAnswer, type ApiCall } from './api-call'
import type { EmulatorContext } from './context'
import { lineError } from './line-answers'
import type { LineOperation } from './line-operation'
import type { TokenStore } from './token-store'

export interface LineTokenOptions {
  account: LineAccount
  context: EmulatorContext
  tokens: TokenStore
}

const thirtyDays = 30 * 24 * 3600
const thirtyMinutes = 30 * 60
const jwtBearer = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'

/** The channel access tokens' endpoints [doc R#channel-access-token]. */
export function lineTokenOperations(options: LineTokenOptions): LineOperation[] {
  const post = (name: string, path: string, handle: (call: ApiCall) => ApiAnswer | Promise<ApiAnswer>) =>
    ({ name, method: 'post', path, handle, open: true }) as const
  const get = (name: string, path: string, handle: (call: ApiCall) => ApiAnswer | Promise<ApiAnswer>) =>
    ({ name, method: 'get', path, handle, open: true }) as const
  return [
    post('token', '/oauth2/v3/token', (call) => issueStateless(formBody(call), options)),
    post('token', '/oauth2/v2.1/token', (call) => issueUserSpecified(formBody(call), options)),
    post('token', '/v2/oauth/accessToken', (call) => issueShortLived(formBody(call), options)),
    get('token.verify', '/oauth2/v2.1/verify', (call) => verify(call.query.get('access_token'), options)),
    post('token.verify', '/v2/oauth/verify', (call) => verify(formBody(call).get('access_token'), options)),
    get('token.kids', '/oauth2/v2.1/tokens/kid', (call) => listKeyIds(call.query, options)),
    post('token.revoke', '/oauth2/v2.1/revoke', (call) => revokeUserSpecified(formBody(call), options)),
    post('token.revoke', '/v2/oauth/revoke', (call) => revokeShortLived(formBody(call), options)),
  ]
}

async function issueStateless(form: URLSearchParams, options: LineTokenOptions): Promise<ApiAnswer> {
  if (form.get('grant_type') !== 'client_credentials')
    return oauthError('invalid_request', 'invalid grant_type')
  const authentic = form.has('client_assertion') ? await assertion(form, options) : ownSecret(form, options)
  if (!authentic) return oauthError('invalid_client', 'invalid client credentials')
  return issued(
    options.tokens.mint({ kind: 'stateless', lifeSeconds: options.context.settings().lineTokenLifeSeconds }),
    options,
  )
}

/** At most 30 at a time; the next one is refused. */
async function issueUserSpecified(form: URLSearchParams, options: LineTokenOptions): Promise<ApiAnswer> {
  if (form.get('grant_type') !== 'client_credentials')
    return oauthError('invalid_request', 'invalid grant_type')
  const claims = await assertion(form, options)
  if (!claims) return oauthError('invalid_client', 'invalid client_assertion')
  const lifeSeconds = claims.token_exp
  if (typeof lifeSeconds !== 'number' || lifeSeconds <= 0 || lifeSeconds > thirtyDays) {
    return oauthError('invalid_request', 'invalid token_exp')
  }
  if (options.tokens.live('v2.1').length >= 30) {
    return lineError(400, 'The maximum number of access tokens has already been issued')
  }
  return issued(options.tokens.mint({ kind: 'v2.1', lifeSeconds, keyId: randomUUID() }), options)
}

/** At most 30 at a time; the next one revokes the oldest. */
function issueShortLived(form: URLSearchParams, options: LineTokenOptions): ApiAnswer {
  if (form.get('grant_type') !== 'client_credentials')
    return oauthError('invalid_request', 'invalid grant_type')
  if (!ownSecret(form, options)) return oauthError('invalid_client', 'invalid client_id or client_secret')
  const { tokens } = options
  const live = tokens.live('short')
  live.slice(0, Math.max(0, live.length - 29)).forEach((token) => tokens.revoke(token.value))
  return issued(tokens.mint({ kind: 'short', lifeSeconds: thirtyDays }), options)
}

function issued(
  token: { value: string; expiresAt: number; keyId?: string },
  { context }: LineTokenOptions,
): ApiAnswer {
  return {
    status: 200,
    body: {
      token_type: 'Bearer',
      access_token: token.value,
      expires_in: Math.floor((token.expiresAt - context.clock()) / 1000),
      ...(token.keyId === undefined ? {} : { key_id: token.keyId }),
    },
  }
}

function verify(value: string | null, { account, context, tokens }: LineTokenOptions): ApiAnswer {
  // A long-lived token has no end; the figure for it is documented as huge only.
  if (value !== null && value === account.channelAccessToken)
    return { status: 200, body: { client_id: account.channelId, expires_in: 2 ** 31 - 1 } }
  const token = tokens.find(value ?? '')
  if (!token) return oauthError('invalid_request', 'access token expired')
  const expiresIn = Math.floor((token.expiresAt - context.clock()) / 1000)
  return { status: 200, body: { client_id: account.channelId, expires_in: expiresIn } }
}

async function listKeyIds(query: URLSearchParams, options: LineTokenOptions): Promise<ApiAnswer> {
  if (!(await assertion(query, options))) return oauthError('invalid_client', 'invalid client_assertion')
  return { status: 200, body: { kids: options.tokens.live('v2.1').map((token) => token.keyId) } }
}

function revokeUserSpecified(form: URLSearchParams, options: LineTokenOptions): ApiAnswer {
  if (!ownSecret(form, options)) return oauthError('invalid_client', 'invalid client_id or client_secret')
  return revoke(form, options, 'v2.1')
}

function revokeShortLived(form: URLSearchParams, options: LineTokenOptions): ApiAnswer {
  return revoke(form, options, 'short')
}

/** 200 also for a token that nobody knows; a stateless one can't be revoked. */
function revoke(form: URLSearchParams, { tokens }: LineTokenOptions, kind: string): ApiAnswer {
  const value = form.get('access_token')
  if (!value) return oauthError('invalid_request', 'access_token is missing')
  if (tokens.find(value)?.kind === kind) tokens.revoke(value)
  return { status: 200 }
}

function ownSecret(form: URLSearchParams, { account }: LineTokenOptions): boolean {
  return form.get('client_id') === account.channelId && form.get('client_secret') === account.channelSecret
}

/** The claims of an assertion that is really ours [doc D/generate-json-web-token]. */
async function assertion(
  form: URLSearchParams,
  { account, context }: LineTokenOptions,
): Promise<JWTPayload | undefined> {
  if (form.get('client_assertion_type') !== jwtBearer || account.assertionPublicKey === undefined)
    return undefined
  try {
    const { payload, protectedHeader } = await jwtVerify(
      form.get('client_assertion') ?? '',
      createPublicKey(account.assertionPublicKey),
      {
        algorithms: ['RS256'],
        issuer: account.channelId,
        subject: account.channelId,
        audience: 'https://api.line.me/',
        requiredClaims: ['exp'],
        currentDate: new Date(context.clock()),
      },
    )
    const tooLong = (payload.exp ?? 0) > context.clock() / 1000 + thirtyMinutes
    return tooLong || protectedHeader.kid !== account.assertionKid ? undefined : payload
  } catch (error) {
    context.log(`LINE: assertion refused: ${error instanceof Error ? error.message : String(error)}`)
    return undefined
  }
}

/** Which `error` goes with which cause is not documented in full. */
function oauthError(error: string, description: string): ApiAnswer {
  return { status: 400, body: { error, error_description: description } }
}
