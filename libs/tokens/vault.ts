import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto'
import type { Grant } from './token-settings'

/** Makes a token fit to be shared through Redis: unreadable there, and comparable without being read. */
export interface Vault {
  /** `fingerprint.box`: the box is AES-256-GCM over the grant, bound to the bot's name. */
  seal(grant: Grant): string
  /** Undefined for anything that was not sealed under the same secret for the same bot. */
  open(value: string): Grant | undefined
  /** Tells one token from another; only holders of the secret can compute it. */
  fingerprint(token: string): string
}

const ivBytes = 12
const tagBytes = 16

/** `secret`: what every worker of the bot has and Redis never sees. Both keys derive from it (HKDF-SHA256). */
export function createVault(secret: Buffer, bot: string): Vault {
  const keys = Buffer.from(hkdfSync('sha256', secret, '', `hookline token ${bot}`, 64))
  const sealing = keys.subarray(0, 32)
  const fingerprinting = keys.subarray(32)
  const fingerprint = (token: string) =>
    createHmac('sha256', fingerprinting).update(token).digest('base64url')
  return {
    fingerprint,
    seal: (grant) => `${fingerprint(grant.token)}.${encrypt(sealing, bot, JSON.stringify(grant))}`,
    open: (value) => {
      const text = decrypt(sealing, bot, value.slice(value.indexOf('.') + 1))
      // Authenticated, so it is what `seal` wrote.
      return text === undefined ? undefined : (JSON.parse(text) as Grant)
    },
  }
}

function encrypt(key: Buffer, bot: string, text: string): string {
  const iv = randomBytes(ivBytes)
  const cipher = createCipheriv('aes-256-gcm', key, iv, { authTagLength: tagBytes }).setAAD(Buffer.from(bot))
  const box = [iv, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]
  return Buffer.concat(box).toString('base64url')
}

function decrypt(key: Buffer, bot: string, box: string): string | undefined {
  const bytes = Buffer.from(box, 'base64url')
  if (bytes.length < ivBytes + tagBytes) return undefined
  const options = { authTagLength: tagBytes }
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, ivBytes), options)
  decipher.setAAD(Buffer.from(bot)).setAuthTag(bytes.subarray(-tagBytes))
  try {
    const text = decipher.update(bytes.subarray(ivBytes, -tagBytes))
    return Buffer.concat([text, decipher.final()]).toString('utf8')
  } catch {
    return undefined
  }
}
