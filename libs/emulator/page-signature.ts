import type { PlatformName } from '#libs/contract'
import type { Exchange } from './page-types'

type Signature = NonNullable<Exchange['signature']>

const rules: Record<PlatformName, Omit<Signature, 'value' | 'good'>> = {
  line: {
    header: 'x-line-signature',
    algorithm: 'Base64(HMAC-SHA256(channel secret, body))',
    over: 'the bytes of the body as they were sent, before any parsing',
  },
  lineworks: {
    header: 'X-WORKS-Signature',
    algorithm: 'Base64(HMAC-SHA256(bot secret, body))',
    over: 'the bytes of the body as they were sent, before any parsing',
  },
  tocaro: {
    header: '(none: `token` in the body)',
    algorithm: 'none: the signing secret itself is the field `token` of the body, compared as it is',
    over: 'nothing: the rest of the body is not signed',
  },
}

/** How a webhook's signature comes about, and what Hookline checks. */
export function signatureOf(
  platform: PlatformName,
  headers: Record<string, string>,
  forged: boolean,
): Signature {
  const rule = rules[platform]
  const name = Object.keys(headers).find((each) => each.toLowerCase() === rule.header.toLowerCase())
  const value = name === undefined ? '***' : (headers[name] ?? '')
  return { ...rule, ...(name === undefined ? {} : { header: name }), value, good: !forged }
}
