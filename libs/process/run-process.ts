import type { Logger } from '#libs/observability'

/** A running service. `close` ends it in an orderly way; what is under way finishes first. */
export interface Service {
  close(): Promise<void>
}

export interface RunOptions {
  log: Logger
  /** How long an orderly end may take before the process leaves anyway: milliseconds. */
  shutdownTimeoutMs: number
}

/**
 * Runs a service until a signal. The first SIGTERM, SIGINT or SIGHUP drains, with a deadline; a second one
 * forces. A process that `hookline dev` started also ends when `hookline dev` is gone.
 */
export function runUntilSignal(service: Service, { log, shutdownTimeoutMs }: RunOptions): void {
  let stopping = false
  const stop = (why: string) => {
    if (stopping) {
      log.warn({ why }, 'second signal: leaving at once')
      process.exit(1)
    }
    stopping = true
    log.info({ why }, 'stopping')
    const deadline = setTimeout(() => {
      log.error(
        { timeout_ms: shutdownTimeoutMs },
        'not finished in time: leaving; others go on with what is left',
      )
      process.exit(1)
    }, shutdownTimeoutMs)
    service
      .close()
      .then(
        () => log.info('stopped'),
        (error: unknown) => {
          process.exitCode = 1
          log.error({ error: String(error) }, 'did not stop cleanly')
        },
      )
      .finally(() => {
        clearTimeout(deadline)
        process.exit()
      })
  }
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => stop(signal))
  process.once('disconnect', () => stop('parent process is gone'))
}
