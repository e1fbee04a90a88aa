import { generateKeyPairSync } from 'node:crypto'
import { SignJWT, importPKCS8 } from 'jose'
import type { LineworksAccount } from './index'

const keys = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
})

export const { publicKey } = keys

export interface AssertionClaims {
  key?: string
  iss?: string
  sub?: string
  iat?: number
  exp?: number
}

/** Seconds of the clock of `setup`. */
export const startSeconds = Math.floor(Date.parse('2026-10-01T00:00:00Z') / 1000)

export async function worksAssertion(account: LineworksAccount, claims: AssertionClaims): Promise<string> {
  const { key = keys.privateKey, ...rest } = claims
  const iat = startSeconds
  const payload = { iss: account.clientId, sub: account.serviceAccount, iat, exp: iat + 3600, ...rest }
  return new SignJWT(payload).setProtectedHeader({ alg: 'RS256' }).sign(await importPKCS8(key, 'RS256'))
}

/** An assertion for LINE; `claims` and `kid` replace the right ones. */
export async function lineAssertion(claims: Record<string, unknown> = {}, kid = 'kid-1'): Promise<string> {
  const payload = {
    iss: '2000000001',
    sub: '2000000001',
    aud: 'https://api.line.me/',
    exp: startSeconds + 1800,
    token_exp: 3600,
    ...claims,
  }
  return new SignJWT(payload)
    .setProtectedHeader({ alg: 'RS256', kid })
    .sign(await importPKCS8(keys.privateKey, 'RS256'))
}
