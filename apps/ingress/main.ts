#!/usr/bin/env node
import { describeConfig, loadConfig } from '#libs/config'
import { createLogger, startTracing } from '#libs/observability'
import { failStart, runUntilSignal } from '#libs/process'
import { createReload } from './reload-config'
import { startIngress } from './server'

async function main(): Promise<void> {
  const load = () => loadConfig({ role: 'ingress', env: process.env, cwd: process.cwd() })
  const config = load()
  const log = createLogger({ name: 'ingress', level: config.logLevel })
  log.info({ settings: describeConfig(config) }, 'effective settings')
  for (const warning of config.warnings) log.warn(warning)
  const tracing = await startTracing('ingress', config, log)
  const ingress = await startIngress(config, log)
  runUntilSignal(ingress, {
    log,
    shutdownTimeoutMs: config.shutdownDelayMs + config.shutdownTimeoutMs,
    onHangup: createReload(config, { load, ingress, log }),
    afterwards: () => tracing.close(),
  })
  log.info({ url: ingress.url, bots: config.bots.map((bot) => bot.name) }, 'started')
}

main().catch(failStart)
