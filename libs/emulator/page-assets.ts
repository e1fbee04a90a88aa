import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { Router, static as serveStatic, type RequestHandler } from 'express'
import helmet from 'helmet'

/** Only these: all other paths belong to the platforms. */
const files = ['/', '/index.html', '/app.js', '/app.css', '/theme.js', '/icon.svg']

/** The page itself, from its build. Nothing but its own scripts and styles runs in it. */
export function pageAssets(guard: RequestHandler, folder = builtPage()): Router {
  const router = Router()
  router.get(
    files,
    guard,
    pageHeaders,
    serveStatic(folder, { index: 'index.html', etag: true, fallthrough: true, redirect: false }),
    (req, res, next) => {
      if (req.path !== '/') next()
      else res.status(503).type('text/plain').send('The page is not built. Run: npm run build\n')
    },
  )
  return router
}

/** Beside the compiled code, or in `dist` of the sources. */
function builtPage(): string {
  const compiled = join(__dirname, '../../pages/emulator')
  return existsSync(join(compiled, 'app.js')) ? compiled : join(__dirname, '../../dist/pages/emulator')
}

const pageHeaders = helmet({
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      defaultSrc: ["'none'"],
      scriptSrc: ["'self'"],
      styleSrc: ["'self'"],
      // Bots send pictures by address; users choose them from their disk.
      imgSrc: ["'self'", 'data:', 'blob:', 'https:'],
      mediaSrc: ["'self'", 'blob:', 'https:'],
      connectSrc: ["'self'"],
      baseUri: ["'none'"],
      formAction: ["'none'"],
      frameAncestors: ["'none'"],
    },
  },
  // It speaks HTTP on this machine.
  strictTransportSecurity: false,
  crossOriginEmbedderPolicy: false,
})
