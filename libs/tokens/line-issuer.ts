import { createPrivateKey } from 'node:crypto'
import { type JWTPayload, SignJWT } from 'jose'
import { HooklineError } from '#libs/contract'
import type { Issuer } from './issuer'
import type { LineTokenSettings } from './token-settings'

/** A day: a lost token ends soon, and the channel's 30 tokens are never used up by refreshing. */
const tokenLifeSeconds = 86_400
/** LINE takes up to 30 min [doc generate-json-web-token]; half of it bears a clock that is off either way. */
const assertionLifeSeconds = 15 * 60
/** LINE's shortest life, that of stateless tokens. */
const fallbackLifetimeSeconds = 900

/** v2.1 tokens with an assertion key, else stateless ones with the channel secret; else `config_invalid`. */
export function lineIssuer(settings: LineTokenSettings): Issuer {
  const { channelId, assertionKey, assertionKid } = settings
  const channelSecret = settings.channelSecret?.[0]
  if (channelId && assertionKey && assertionKid) {
    return assertionIssuer(settings, { channelId, assertionKey, assertionKid })
  }
  if (channelId && channelSecret) return statelessIssuer(settings, channelId, channelSecret)
  throw new HooklineError(
    'config_invalid',
    `Bot ${settings.name} has no way to get a LINE access token. Set one of: channelAccessToken (long-lived); ` +
      'channelId, assertionKey and assertionKid (v2.1); channelId and channelSecret (stateless).',
  )
}

interface AssertionSettings {
  channelId: string
  assertionKey: string
  assertionKid: string
}

/** [LINE doc issue-channel-access-token-v2-1] */
function assertionIssuer(
  { name, apiBaseUrl }: LineTokenSettings,
  settings: AssertionSettings,
  claims: JWTPayload = { token_exp: tokenLifeSeconds },
): Issuer {
  const { channelId, assertionKid } = settings
  const key = createPrivateKey(settings.assertionKey)
  const assertion = (nowSeconds: number) =>
    new SignJWT(claims)
      .setProtectedHeader({ alg: 'RS256', typ: 'JWT', kid: assertionKid })
      .setIssuer(channelId)
      .setSubject(channelId)
      // Part of the protocol, not an address: it stays when apiBaseUrl is moved.
      .setAudience('https://api.line.me/')
      .setExpirationTime(nowSeconds + assertionLifeSeconds)
      .sign(key)
  return {
    what: `LINE token endpoint v2.1 (bot ${name})`,
    url: `${apiBaseUrl}/oauth2/v2.1/token`,
    hint:
      'Check channelId, assertionKid, assertionKey and the clock of this machine. ' +
      'A channel may have 30 such tokens at a time.',
    fallbackLifetimeSeconds,
    sealingSecret: key.export({ type: 'pkcs8', format: 'der' }),
    form: async (nowSeconds) => ({
      grant_type: 'client_credentials',
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: await assertion(nowSeconds),
    }),
  }
}

/**
 * A stateless token by assertion, for one who only wants to look: unlike v2.1 tokens there is no limit of 30
 * [LINE doc issue-stateless-channel-access-token].
 */
export function statelessAssertionIssuer(settings: LineTokenSettings): Issuer {
  const { name, apiBaseUrl, channelId = '', assertionKey = '', assertionKid = '' } = settings
  const issuer = assertionIssuer(settings, { channelId, assertionKey, assertionKid }, {})
  return { ...issuer, what: `LINE token endpoint v3 (bot ${name})`, url: `${apiBaseUrl}/oauth2/v3/token` }
}

/** 15 minutes each, any number of them, can't be revoked [LINE doc issue-stateless-channel-access-token]. */
function statelessIssuer(settings: LineTokenSettings, channelId: string, channelSecret: string): Issuer {
  return {
    what: `LINE token endpoint v3 (bot ${settings.name})`,
    url: `${settings.apiBaseUrl}/oauth2/v3/token`,
    hint: 'Check channelId and channelSecret.',
    fallbackLifetimeSeconds,
    sealingSecret: Buffer.from(channelSecret),
    form: async () => ({
      grant_type: 'client_credentials',
      client_id: channelId,
      client_secret: channelSecret,
    }),
  }
}
