#!/usr/bin/env node
import { constants, getPriority, setPriority } from 'node:os'
import { describeConfig, loadConfig } from '#libs/config'
import { createLogger, startTracing } from '#libs/observability'
import { failStart, runUntilSignal } from '#libs/process'
import { startWorker } from './worker'

async function main(): Promise<void> {
  const config = loadConfig({ role: 'worker', env: process.env, cwd: process.cwd() })
  const log = createLogger({ name: 'worker', level: config.logLevel })
  log.info({ settings: describeConfig(config) }, 'effective settings')
  for (const warning of config.warnings) log.warn(warning)
  giveWayToIngress()
  // Before the bot files: what they set up for traces of their own finds it there.
  const tracing = await startTracing('worker', config, log)
  const worker = await startWorker(config, { log, cwd: process.cwd() })
  log.info({ url: worker.url, bots: config.bots.map((bot) => bot.name) }, 'started')
  // A promise that a bot file forgot must not end the bots beside it; the item at hand is not affected.
  process.on('unhandledRejection', (error) => {
    log.error(
      { error: error instanceof Error ? error.stack : String(error) },
      'a rejected promise was not handled',
    )
  })
  const onHangup = () =>
    log.warn('SIGHUP: a worker does not read its config again; restart it to apply changes')
  const { shutdownTimeoutMs } = config
  runUntilSignal(worker, { log, shutdownTimeoutMs, onHangup, afterwards: () => tracing.close() })
}

/** Where ingress and worker share a machine, the acknowledgement comes first. */
function giveWayToIngress(): void {
  const nicer = constants.priority.PRIORITY_BELOW_NORMAL
  try {
    if (getPriority() < nicer) setPriority(nicer)
  } catch {
    // Not allowed here: whoever set the priority knew better.
  }
}

main().catch(failStart)
