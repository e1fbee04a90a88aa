#!/usr/bin/env node
import { describeConfig, loadConfig } from '#libs/config'
import { createLogger } from '#libs/observability'
import { failStart, runUntilSignal } from '#libs/process'
import { startWorker } from './worker'

async function main(): Promise<void> {
  const config = loadConfig({ role: 'worker', env: process.env, cwd: process.cwd() })
  const log = createLogger({ name: 'worker', level: config.logLevel })
  log.info({ settings: describeConfig(config) }, 'effective settings')
  for (const warning of config.warnings) log.warn(warning)
  const worker = await startWorker(config, { log, cwd: process.cwd() })
  log.info({ url: worker.url, bots: config.bots.map((bot) => bot.name) }, 'ready for lanes')
  runUntilSignal(worker, { log, shutdownTimeoutMs: config.shutdownTimeoutMs })
}

main().catch(failStart)
