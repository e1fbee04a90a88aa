import type { Request } from 'express'

/** Where a request comes from, as its browser says: a page of ours, one of somebody else, or no browser at all. */
export type Source = 'own' | 'foreign' | 'unknown'

/**
 * Browsers send `Origin` with everything but GET and HEAD, and newer ones `Sec-Fetch-Site`; no page can change either.
 */
export function sourceOf({ headers }: Request, publicUrl: string | undefined): Source {
  const site = headers['sec-fetch-site']
  if (headers.origin !== undefined && !isOwn(headers.origin, headers.host, publicUrl)) return 'foreign'
  if (site !== undefined) return site === 'same-origin' || site === 'none' ? 'own' : 'foreign'
  return headers.origin === undefined ? 'unknown' : 'own'
}

/** The public address; or whatever host was asked for, which with a public address must be this machine's own. */
function isOwn(origin: string, host: string | undefined, publicUrl: string | undefined): boolean {
  if (!URL.canParse(origin)) return false
  const url = new URL(origin)
  if (publicUrl !== undefined && url.origin === new URL(publicUrl).origin) return true
  if (publicUrl !== undefined && !/^(localhost|127\.0\.0\.1|\[::1\])$/.test(url.hostname)) return false
  return url.host === host?.toLowerCase()
}
