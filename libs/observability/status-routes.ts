import { Router } from 'express'
import type { Metrics } from './metrics'

/** Resolves when the dependency is usable, perhaps with a note; rejects with the reason otherwise. */
export type ReadinessCheck = () => Promise<unknown>

export interface StatusOptions {
  metrics: Metrics
  checks: Record<string, ReadinessCheck>
}

/**
 * `/healthz` (the process runs), `/readyz` (200 or 503 with a reason per dependency) and `/metrics`.
 * `/readyz?exclude=redis` leaves a check out, for those who can do without what it looks at.
 */
export function statusRoutes({ metrics, checks }: StatusOptions): Router {
  const router = Router()
  router.get('/healthz', (_request, response) => {
    response.json({ status: 'ok' })
  })
  router.get('/readyz', async (request, response) => {
    const excluded = [request.query['exclude']].flat()
    const asked = Object.entries(checks).filter(([name]) => !excluded.includes(name))
    const results = await Promise.all(asked.map(([name, check]) => run(name, check)))
    const ready = results.every(({ ok }) => ok)
    const words = Object.fromEntries(results.map((result) => [result.name, result.words]))
    response.status(ready ? 200 : 503).json({ ready, checks: words })
  })
  router.get('/metrics', async (_request, response) => {
    response.type(metrics.registry.contentType).send(await metrics.registry.metrics())
  })
  return router
}

async function run(
  name: string,
  check: ReadinessCheck,
): Promise<{ name: string; ok: boolean; words: string }> {
  try {
    const note = await check()
    return { name, ok: true, words: typeof note === 'string' ? `ok, ${note}` : 'ok' }
  } catch (error) {
    return { name, ok: false, words: error instanceof Error ? error.message : String(error) }
  }
}
