import { createPrivateKey, type JsonWebKey, type KeyObject } from 'node:crypto'
import { HooklineError } from '#libs/contract'

const minimumBits = 2048
const wanted = 'Give the PEM file that the console issued, from "-----BEGIN PRIVATE KEY-----" to its END line'

/**
 * Reads an RSA private key as people really supply it: PKCS#8 or PKCS#1, with line ends as CRLF, as literal
 * `\n` or gone (environment variables), indented, in quotes, after a BOM; or a JWK as JSON. Anything else is
 * `config_invalid`, which says what was seen, never a part of the key.
 */
export function loadPrivateKey(text: string): KeyObject {
  const trimmed = text
    .trim()
    .replace(/^(["'])(.*)\1$/s, '$2')
    .trim()
  const key = trimmed.startsWith('{') ? fromJwk(trimmed) : fromPem(trimmed)
  if (key.asymmetricKeyType !== 'rsa') {
    throw invalid(`is a key of type ${key.asymmetricKeyType ?? 'unknown'}`, 'RS256 needs an RSA key')
  }
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0
  if (bits < minimumBits) throw invalid(`is an RSA key of ${bits} bits`, 'RS256 needs 2048 or more')
  return key
}

/** Node's errors on either way may quote the input, so they are not kept as `cause`. */
function fromPem(text: string): KeyObject {
  const block = /-----BEGIN ((?:RSA |EC |ENCRYPTED )?PRIVATE KEY)-----(.*?)-----END \1-----/s.exec(text)
  if (!block) throw invalid(...noPrivateKey(text))
  const [, label = '', body = ''] = block
  if (label.startsWith('ENCRYPTED') || body.includes('ENCRYPTED')) {
    throw invalid('is protected by a passphrase', 'Remove it: openssl pkcs8 -topk8 -nocrypt -in KEY')
  }
  const base64 = body.replace(/\\+[rn]/g, '').replace(/\s+/g, '')
  try {
    return createPrivateKey(`-----BEGIN ${label}-----\n${wrap(base64)}\n-----END ${label}-----\n`)
  } catch {
    const seen = `starts with -----BEGIN ${label}----- but its ${base64.length} characters are not a key`
    throw invalid(seen, `It is cut off or damaged. ${wanted}`)
  }
}

function fromJwk(text: string): KeyObject {
  try {
    return createPrivateKey({ key: JSON.parse(text) as JsonWebKey, format: 'jwk' })
  } catch {
    const fix = 'Give the private JWK (kty, n, e, d, p, q, dp, dq, qi), not the public one, or the PEM'
    throw invalid('starts with { but is not a private key as JWK', fix)
  }
}

/** OpenSSL wants lines of 64 characters. */
const wrap = (base64: string) => base64.replace(/.{64}(?=.)/g, '$&\n')

/** [what was seen, what to do] for a text without a whole private key in it. */
function noPrivateKey(text: string): [string, string] {
  if (text === '') return ['is empty', wanted]
  const label = /-----BEGIN ([A-Z0-9 ]{1,40})-----/.exec(text)?.[1]
  if (label?.endsWith('PRIVATE KEY') && !text.includes('-----END')) {
    return [`starts with -----BEGIN ${label}----- and has no END line`, `It is cut off. ${wanted}`]
  }
  if (label) return [`starts with -----BEGIN ${label}-----`, `That is not the private key. ${wanted}`]
  if (/^[^\s]+\.(pem|key|p8|json)$/i.test(text)) {
    return [
      'looks like the name of a file',
      `Use \${file:/path/to/key.pem} or the variable with _FILE. ${wanted}`,
    ]
  }
  return [`has ${text.length} characters and no -----BEGIN line`, wanted]
}

function invalid(seen: string, fix: string): HooklineError {
  return new HooklineError('config_invalid', `${seen}. ${fix}`)
}
