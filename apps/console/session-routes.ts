import { Router } from 'express'
import { z } from 'zod'
import { version } from '#libs/observability'
import { callerOf } from './access'
import type { Session } from './api-types'
import { type Audit, isAuditCursor } from './audit'
import { sessionOf } from './guard'
import { answerProblem, checked } from './route-problem'

const auditQuery = z.object({
  cursor: z.string().refine(isAuditCursor, 'is not one that this list gave').exactOptional(),
})

/** Who one is, and who did what. */
export function sessionRoutes({ audit }: { audit: Audit }): Router {
  const router = Router()
  router.get('/session', (_request, response) => {
    const { user, role, csrf, expiresAt } = sessionOf(response)
    const { readOnly } = callerOf(response)
    response.json({ user, role, readOnly, csrf, version: version(), expiresAt } satisfies Session)
  })
  router.get('/audit', async (request, response) => {
    const { cursor } = checked(auditQuery, request.query)
    response.json(await audit.page(cursor))
  })
  router.use(answerProblem)
  return router
}
