import { Router } from 'express'
import { version } from '#libs/observability'
import { callerOf } from './access'
import type { Session } from './api-types'
import type { Audit } from './audit'
import { sessionOf } from './guard'

/** Who one is, and who did what. */
export function sessionRoutes({ audit }: { audit: Audit }): Router {
  const router = Router()
  router.get('/session', (_request, response) => {
    const { user, role, csrf, expiresAt } = sessionOf(response)
    const { readOnly } = callerOf(response)
    response.json({ user, role, readOnly, csrf, version: version(), expiresAt } satisfies Session)
  })
  router.get('/audit', async (request, response) => {
    const { cursor } = request.query
    response.json(await audit.page(typeof cursor === 'string' ? cursor : undefined))
  })
  return router
}
