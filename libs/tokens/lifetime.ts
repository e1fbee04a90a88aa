import type { Grant } from './token-settings'

const lifetimeOf = (grant: Grant) => grant.expiresAt - grant.mintedAt

/** Until when a token may go into a request: 5 s before its end, or 5 % of its life if that is less. */
export function usableUntil(grant: Grant): number {
  return grant.expiresAt - Math.min(5_000, lifetimeOf(grant) * 0.05)
}

/** From when a successor is fetched while this one is still good: 80 % of its life (12 min of LINE's 15). */
export function refreshFrom(grant: Grant): number {
  return grant.mintedAt + lifetimeOf(grant) * 0.8
}

/** How long a failed refresh ahead rests before the next: 2 % of the life, at most 30 s. */
export function refreshPauseMs(grant: Grant): number {
  return Math.min(30_000, lifetimeOf(grant) * 0.02)
}
