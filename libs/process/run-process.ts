import { isatty } from 'node:tty'
import type { Logger } from '#libs/observability'

/** A running service. `close` ends it in an orderly way; what is under way finishes first. */
export interface Service {
  close(): Promise<void>
  /** Time is up: lets others go on with what `close` is still waiting for. The process ends right after it. */
  abandon?(): Promise<void>
}

export interface RunOptions {
  log: Logger
  /** How long an orderly end may take before the process leaves anyway: milliseconds. */
  shutdownTimeoutMs: number
  /** What SIGHUP does where no terminal can hang up; without it, SIGHUP ends the process too. */
  onHangup?: () => void
  /** What may still be tried when the work is finished. Has a limit of its own and never rejects. */
  afterwards?: () => Promise<void>
}

/** A Redis that does not answer must not keep a process that has to go. */
const abandonAtMostMs = 500

/**
 * Runs a service until a signal. The first SIGTERM or SIGINT drains, with a deadline; a second one forces. A
 * process that `hookline dev` started also ends when `hookline dev` is gone.
 */
export function runUntilSignal(
  service: Service,
  { log, shutdownTimeoutMs, onHangup, afterwards }: RunOptions,
): void {
  let stopping = false
  const stop = (why: string) => {
    if (stopping) {
      log.warn({ why }, 'second signal: leaving at once')
      return leave(service)
    }
    stopping = true
    log.info({ why }, 'stopping')
    const deadline = setTimeout(() => {
      log.error(
        { timeout_ms: shutdownTimeoutMs },
        'not finished in time: leaving; others go on with what is left',
      )
      leave(service)
    }, shutdownTimeoutMs)
    void service
      .close()
      .then(
        () => log.info('stopped'),
        (error: unknown) => {
          process.exitCode = 1
          log.error({ error: String(error) }, 'did not stop cleanly')
        },
      )
      .finally(() => clearTimeout(deadline))
      .then(afterwards)
      .finally(() => process.exit())
  }
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => stop(signal))
  // In a terminal it says that the terminal is gone, and nobody could end the process with Ctrl-C any more.
  process.on('SIGHUP', onHangup && !isatty(0) ? onHangup : () => stop('SIGHUP'))
  process.once('disconnect', () => stop('parent process is gone'))
}

function leave(service: Service): void {
  process.exitCode = 1
  const abandoned = service.abandon?.() ?? Promise.resolve()
  const patience = new Promise((over) => setTimeout(over, abandonAtMostMs))
  void Promise.race([abandoned, patience]).finally(() => process.exit(1))
}
