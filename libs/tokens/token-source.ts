import type { TokenSource } from '#libs/contract'
import { createFleet } from './fleet'
import type { Issuer } from './issuer'
import { lineIssuer } from './line-issuer'
import { lineWorksIssuer } from './lineworks-issuer'
import { mint } from './mint'
import { createMintedToken } from './minted-token'
import { createSharedToken } from './shared-token'
import { createStaticToken } from './static-token'
import type { TokenDeps, TokenSettings } from './token-settings'
import { createVault } from './vault'

/**
 * A bot's access tokens: one for all its workers, minted once, shared through Redis under encryption and
 * renewed ahead of its end. Throws `config_invalid` when the settings can't lead to a token.
 */
export function createTokenSource(settings: TokenSettings, deps: TokenDeps): TokenSource {
  switch (settings.platform) {
    case 'lineworks':
      return mintedSource(settings.name, lineWorksIssuer(settings), deps)
    case 'line':
      return settings.channelAccessToken
        ? staticSource(settings.name, settings.channelAccessToken, deps)
        : mintedSource(settings.name, lineIssuer(settings), deps)
    case 'tocaro':
      return staticSource(settings.name, settings.accessToken, deps)
  }
}

function staticSource(
  bot: string,
  token: string | undefined,
  { now = Date.now, log }: TokenDeps,
): TokenSource {
  return createStaticToken({ bot, token, now, log })
}

function mintedSource(bot: string, issuer: Issuer, deps: TokenDeps): TokenSource {
  const { http, redis, keyPrefix, now = Date.now, log } = deps
  const vault = createVault(issuer.sealingSecret, bot)
  const shared = createSharedToken({ redis, keyPrefix, vault, now })
  const mintOne = async () => {
    const grant = await mint(issuer, { http, now, log })
    deps.onMint?.(bot)
    return grant
  }
  return createMintedToken({ bot, fleet: createFleet({ bot, shared, mint: mintOne, log }), now, log })
}
