import { randomBytes } from 'node:crypto'
import type { PlatformName } from '#libs/contract'
import type { EmulatorContext } from './context'

export interface IssuedToken {
  value: string
  /** `stateless`, `v2.1`, `short`, `access`, `refresh`. */
  kind: string
  expiresAt: number
  scopes: string[]
  /** LINE v2.1: what the token is called in lists. */
  keyId?: string
}

/** Access tokens that the emulator issued for one platform. */
export interface TokenStore {
  mint(token: { kind: string; lifeSeconds: number; scopes?: string[]; keyId?: string }): IssuedToken
  /** The token, if it was issued and has neither expired nor been revoked. */
  find(value: string | undefined): IssuedToken | undefined
  /** Live tokens of a kind, oldest first. */
  live(kind: string): IssuedToken[]
  revoke(value: string): void
  /** Ends every access token (not refresh tokens); returns how many there were. */
  expireAll: () => number
}

export function createTokenStore(platform: PlatformName, context: EmulatorContext): TokenStore {
  const tokens = new Map<string, IssuedToken>()
  const alive = (token: IssuedToken) => token.expiresAt > context.clock()
  const forget = (gone: (token: IssuedToken) => boolean): number => {
    const values = [...tokens.values()].filter(gone).map((token) => token.value)
    values.forEach((value) => tokens.delete(value))
    return values.length
  }

  return {
    mint: ({ lifeSeconds, scopes = [], ...rest }) => {
      forget((token) => !alive(token))
      const expiresAt = context.clock() + lifeSeconds * 1000
      const token = { value: randomBytes(48).toString('base64url'), expiresAt, scopes, ...rest }
      tokens.set(token.value, token)
      if (rest.kind !== 'refresh') context.ledger.tokenMinted(platform)
      return token
    },
    find: (value = '') => {
      const token = tokens.get(value)
      return token && alive(token) ? token : undefined
    },
    live: (kind) => [...tokens.values()].filter((token) => token.kind === kind && alive(token)),
    revoke: (value) => void tokens.delete(value),
    expireAll: () => {
      forget((token) => !alive(token))
      return forget((token) => token.kind !== 'refresh')
    },
  }
}
