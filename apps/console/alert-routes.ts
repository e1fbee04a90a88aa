import { Router } from 'express'
import type { Alerts, TestResult } from '#libs/alerts'
import { operatorOnly } from './access'
import type { AlertsView } from './api-types'
import { type Audit, auditEntry } from './audit'

export interface AlertRouteDeps {
  alerts: Pick<Alerts, 'view' | 'test'>
  audit: Audit
}

/** POST /api/alerts/test (operator, audited): what came of a test message, per channel that is set. */
export interface AlertTestView {
  results: TestResult[]
}

export function alertRoutes({ alerts, audit }: AlertRouteDeps): Router {
  const router = Router()
  router.get('/alerts', async (_request, response) => {
    const view: AlertsView = await alerts.view()
    response.json(view)
  })
  router.post('/alerts/test', operatorOnly, async (_request, response) => {
    await audit.note(auditEntry(response, { action: 'test_alert' }))
    const view: AlertTestView = { results: await alerts.test() }
    response.json(view)
  })
  return router
}
