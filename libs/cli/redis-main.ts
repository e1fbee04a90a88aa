import { startDevRedis } from './dev-redis'

/**
 * A process of its own for the private Redis of `hookline dev`: the embedded server needs the CPU to
 * itself, and a Redis must not outlive a `hookline dev` that was killed. argv: data folder. Tells its
 * parent the address, and ends with it. Its parent may play an outage: `begin`, `end`.
 */
async function main(): Promise<void> {
  const [dir = '.hookline/redis'] = process.argv.slice(2)
  const redis = await startDevRedis({ dir, path: process.env['PATH'] })
  let closing = false
  const close = () => {
    if (closing) return
    closing = true
    void redis.close().finally(() => process.exit(0))
  }
  process.once('disconnect', close)
  process.on('SIGTERM', close)
  process.on('SIGINT', close)
  // One after the other: an outage must not end while it still begins.
  let work: Promise<unknown> = Promise.resolve()
  process.on('message', (wanted) => {
    if (closing || (wanted !== 'begin' && wanted !== 'end')) return
    work = work
      .then(() => redis.outage?.[wanted]())
      .then(() => process.send?.({ outage: wanted }))
      .catch((error: unknown) => process.stderr.write(`${String(error)}\n`))
  })
  process.send?.({ url: redis.url, kind: redis.kind, canStop: redis.outage !== undefined })
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exit(1)
})
