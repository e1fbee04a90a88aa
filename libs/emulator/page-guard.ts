import { isIP } from 'node:net'
import type { NextFunction, Request, RequestHandler, Response } from 'express'

export interface GuardOptions {
  /** Host names by which it may be called, beside addresses, `localhost` and names without a dot. */
  hosts: string[]
  /** Origins of pages that may call it, beside its own. */
  origins: string[]
}

/**
 * Keeps other sites' pages from using the emulator through the browser of somebody who runs it. An `Origin` must be this
 * one. A `Host` that is another site's name was made to point here (DNS rebinding). Names without a dot are of
 * this machine or of its containers: no site has one. Programs send no `Origin` and are let through.
 */
export function refuseForeign({ hosts, origins }: GuardOptions): RequestHandler {
  return (req: Request, res: Response, next: NextFunction) => {
    const host = hostName(req.headers.host)
    const { origin } = req.headers
    const isOwnOrigin =
      origin === undefined || origins.includes(origin) || sameHost(origin, req.headers.host ?? '')
    res.setHeader('cross-origin-resource-policy', 'same-origin')
    if (host !== undefined && (isLocal(host) || hosts.includes(host)) && isOwnOrigin && !isForeignFetch(req))
      next()
    else
      res.status(403).json({
        error:
          'Refused: this request comes from, or is made for, another site. Call the emulator by its address, or set EMULATOR_URL to the name that it has.',
      })
  }
}

/** A GET of another page's script or picture has no `Origin`; newer browsers say whose it is. Links may lead here. */
function isForeignFetch({ method, headers }: Request): boolean {
  const site = headers['sec-fetch-site']
  if (site === undefined || site === 'same-origin' || site === 'none') return false
  return !(method === 'GET' && headers['sec-fetch-mode'] === 'navigate')
}

function hostName(host: string | undefined): string | undefined {
  if (!host || !URL.canParse(`http://${host}`)) return undefined
  return new URL(`http://${host}`).hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '')
}

function isLocal(host: string): boolean {
  return isIP(host) !== 0 || host === 'localhost' || host.endsWith('.localhost') || !host.includes('.')
}

function sameHost(origin: string, host: string): boolean {
  return URL.canParse(origin) && new URL(origin).host === new URL(`http://${host}`).host
}
