import { createPrivateKey } from 'node:crypto'
import { SignJWT } from 'jose'
import type { Issuer } from './issuer'
import type { LineWorksTokenSettings } from './token-settings'

/** Service-account tokens by JWT bearer [LINE WORKS doc auth-jwt]. */
export function lineWorksIssuer(settings: LineWorksTokenSettings): Issuer {
  const { name, clientId, clientSecret, serviceAccount, scope } = settings
  const key = createPrivateKey(settings.privateKey)
  const assertion = (nowSeconds: number) =>
    new SignJWT()
      .setProtectedHeader({ alg: 'RS256', typ: 'JWT' })
      .setIssuer(clientId)
      .setSubject(serviceAccount)
      .setIssuedAt(nowSeconds)
      // Samples of the vendor use an hour; more is refused [seen].
      .setExpirationTime(nowSeconds + 3600)
      .sign(key)
  return {
    what: `LINE WORKS token endpoint (bot ${name})`,
    url: `${settings.authBaseUrl}/token`,
    hint:
      'Check clientId, clientSecret, serviceAccount, privateKey, scope (it must be enabled on the app too) ' +
      'and the clock of this machine.',
    // The shorter of the two lives that an app can be set to [doc auth-jwt].
    fallbackLifetimeSeconds: 3600,
    // The private key makes up for a client secret that may be short enough to guess.
    sealingSecret: Buffer.concat([Buffer.from(clientSecret), key.export({ type: 'pkcs8', format: 'der' })]),
    form: async (nowSeconds) => ({
      grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
      assertion: await assertion(nowSeconds),
      client_id: clientId,
      client_secret: clientSecret,
      scope,
    }),
  }
}
