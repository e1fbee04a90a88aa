import type { RequestHandler } from 'express'
import helmet from 'helmet'

const policy = {
  'default-src': ["'none'"],
  'script-src': ["'self'"],
  'style-src': ["'self'"],
  'img-src': ["'self'", 'data:'],
  'connect-src': ["'self'"],
  'font-src': ["'self'"],
  'form-action': ["'self'"],
  'frame-ancestors': ["'none'"],
  'base-uri': ["'none'"],
}

/** bull-board has a `<base>` in its page, and one `<style>` of its own: the colours of its Redis icon. */
const iconStyle = "'sha256-r2N1TB/gHbBtBZFKg7ejmq1acVSREzucTAEw6ga4hoU='"
const boardPolicy = { ...policy, 'style-src': ["'self'", iconStyle], 'base-uri': ["'self'"] }

/** What browsers may do with the pages. HSTS is for the proxy to say, which knows of its TLS. */
export function securityHeaders(): RequestHandler {
  const [pages, board] = [policy, boardPolicy].map((directives) =>
    helmet({
      contentSecurityPolicy: { useDefaults: false, directives },
      strictTransportSecurity: false,
      xFrameOptions: { action: 'deny' },
      // With no-referrer browsers send a form's own origin as `null`.
      referrerPolicy: { policy: 'same-origin' },
    }),
  )
  return (request, response, next) => {
    response.setHeader('permissions-policy', 'camera=(), geolocation=(), microphone=()')
    const headers = /^\/queues(\/|$)/i.test(request.path) ? board : pages
    headers?.(request, response, next)
  }
}
