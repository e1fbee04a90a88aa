import type { TokenNote, TokenSource } from '#libs/contract'
import { codeOf, inSpan, outsideSpans } from '#libs/observability'
import type { Fleet } from './fleet'
import { refreshFrom, refreshPauseMs, usableUntil } from './lifetime'
import type { Grant, TokenLog } from './token-settings'

export interface MintedTokenOptions {
  bot: string
  fleet: Fleet
  now: () => number
  log?: TokenLog | undefined
}

/**
 * One process's view of the fleet's token. `get` answers from memory as long as the token is good; the first
 * to miss fetches for all (single flight), and a failure leaves nothing behind. From 80 % of the life on, a
 * `get` starts a refresh in the background. A token that another worker dropped is noticed by its 401.
 *
 * A fetch waits for a running refresh and a refresh starts only beside a good token, so the two never run at
 * once and no older answer can replace a newer one.
 */
export function createMintedToken({ bot, fleet, now, log }: MintedTokenOptions): TokenSource {
  let held: Grant | undefined
  /** The last token that a platform refused: not taken from Redis again should dropping it there have failed. */
  let refused: string | undefined
  let fetching: Promise<Grant> | undefined
  let refreshing: Promise<void> | undefined
  let refreshNotBefore = 0

  const isGood = (grant: Grant) => grant.token !== refused && now() < usableUntil(grant)
  const isFresh = (grant: Grant) => isGood(grant) && now() < refreshFrom(grant)

  function hold(grant: Grant): Grant {
    // Only a mint can bring back the refused one; then it counts as good until refused again.
    if (grant.token === refused) refused = undefined
    held = grant
    refreshNotBefore = 0
    return grant
  }

  async function fetch(): Promise<Grant> {
    await refreshing
    return held && isGood(held) ? held : hold(await fleet.obtain(isGood))
  }

  function refreshAhead(old: Grant): void {
    if (refreshing || now() < refreshNotBefore) return
    refreshNotBefore = now() + refreshPauseMs(old)
    refreshing = outsideSpans(() => fleet.tryObtain(isFresh))
      .then((grant) => {
        if (grant) hold(grant)
      })
      .catch((error: unknown) => warnOfRefresh(error))
      .finally(() => (refreshing = undefined))
  }

  function warnOfRefresh(error: unknown): void {
    const why = error instanceof Error ? error.message : 'failed'
    log?.warn({ bot, error: why }, 'access token not refreshed ahead; the present one stays in use')
  }

  return {
    async get(onFetch) {
      if (held && isGood(held)) {
        if (!isFresh(held)) refreshAhead(held)
        return held.token
      }
      // Whoever waits has a span; the request stands in that of the first.
      const { token } = await told(onFetch, () =>
        inSpan('token', {}, () => (fetching ??= fetch().finally(() => (fetching = undefined)))),
      )
      return token
    },
    async invalidate(failed) {
      refused = failed
      if (held?.token === failed) held = undefined
      await fleet.drop(failed)
    },
  }
}

async function told(onFetch: TokenNote | undefined, work: () => Promise<Grant>): Promise<Grant> {
  const at = Date.now()
  const startedAt = performance.now()
  const took = () => Math.round(performance.now() - startedAt)
  try {
    const grant = await work()
    onFetch?.({ at, ms: took() })
    return grant
  } catch (error) {
    onFetch?.({ at, ms: took(), code: codeOf(error) })
    throw error
  }
}
