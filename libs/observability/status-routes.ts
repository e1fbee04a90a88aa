import { Router } from 'express'
import type { Metrics } from './metrics'

/** Resolves when the dependency is usable; rejects with the reason otherwise. */
export type ReadinessCheck = () => Promise<void>

export interface StatusOptions {
  metrics: Metrics
  checks: Record<string, ReadinessCheck>
}

/** `/healthz` (the process runs), `/readyz` (200 or 503 with a reason per dependency) and `/metrics`. */
export function statusRoutes({ metrics, checks }: StatusOptions): Router {
  const router = Router()
  router.get('/healthz', (_request, response) => {
    response.json({ status: 'ok' })
  })
  router.get('/readyz', async (_request, response) => {
    const results = await Promise.all(Object.entries(checks).map(([name, check]) => run(name, check)))
    const ready = results.every(([, state]) => state === 'ok')
    response.status(ready ? 200 : 503).json({ ready, checks: Object.fromEntries(results) })
  })
  router.get('/metrics', async (_request, response) => {
    response.type(metrics.registry.contentType).send(await metrics.registry.metrics())
  })
  return router
}

async function run(name: string, check: ReadinessCheck): Promise<[string, string]> {
  try {
    await check()
    return [name, 'ok']
  } catch (error) {
    return [name, error instanceof Error ? error.message : String(error)]
  }
}
