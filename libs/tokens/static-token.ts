import { decodeJwt } from 'jose'
import { HooklineError, type TokenSource } from '#libs/contract'
import type { TokenLog } from './token-settings'

const dayMs = 86_400_000

export interface StaticTokenOptions {
  bot: string
  token: string | undefined
  now: () => number
  log?: TokenLog | undefined
}

/**
 * A token from the settings. Only a person can replace it, so `invalidate` does nothing; where it is a JWT
 * (Tocaro's may be), one warning comes a day before its end. Without a token, `get` throws `config_invalid`.
 */
export function createStaticToken({ bot, token, now, log }: StaticTokenOptions): TokenSource {
  const endsAt = token === undefined ? undefined : jwtEnd(token)
  let warned = false
  function warnOfEnd(): void {
    if (warned || endsAt === undefined || now() < endsAt - dayMs) return
    warned = true
    log?.warn({ bot, endsAt: new Date(endsAt).toISOString() }, 'access token ends within a day: replace it')
  }
  return {
    async get() {
      if (!token) {
        throw new HooklineError('config_invalid', `Bot ${bot} has no access token. Set accessToken to send.`)
      }
      warnOfEnd()
      return token
    },
    invalidate: async () => undefined,
  }
}

/** `exp` in Unix milliseconds, not verified: it is only good for a warning. */
function jwtEnd(token: string): number | undefined {
  try {
    const { exp } = decodeJwt(token)
    return exp === undefined ? undefined : exp * 1000
  } catch {
    return undefined
  }
}
