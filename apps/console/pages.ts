import { join, resolve } from 'node:path'
import express, { type Request, type RequestHandler, type Response, Router } from 'express'

/** The page as scripts/build-pages.mjs makes it, beside the compiled console. */
const folder = resolve(__dirname, '../../pages/console')

/** The page's scripts, styles and icon. They hold no data and the login form needs them: for everybody. */
export function pageFiles(): RequestHandler {
  // Asked for each time, answered 304: after an update nobody runs an old script against a new server.
  const files = express.static(folder, { index: false, redirect: false, dotfiles: 'ignore', maxAge: 0 })
  return (request, response, next) => {
    if (request.path.endsWith('.html')) next()
    else files(request, response, next)
  }
}

/** The page itself at every path of its own: it reads the address and shows what belongs there. */
export function pageRoutes(): Router {
  const router = Router()
  router.get('/{*path}', (request: Request, response: Response) => {
    const isFile = /\.(js|css|map|svg|png|ico|json|txt|html)$/.test(request.path)
    if (isFile && request.path !== '/index.html') response.status(404).json(notFound)
    else
      response.sendFile(join(folder, 'index.html'), { maxAge: 0, headers: { 'cache-control': 'no-cache' } })
  })
  return router
}

export const notFound = { error: 'not_found', message: 'There is nothing here.' }
