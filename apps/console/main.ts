#!/usr/bin/env node
import { describeConfig, loadConfig } from '#libs/config'
import { createLogger } from '#libs/observability'
import { failStart, runUntilSignal } from '#libs/process'
import { startConsole } from './server'

async function main(): Promise<void> {
  const config = loadConfig({ role: 'console', env: process.env, cwd: process.cwd() })
  const log = createLogger({ name: 'console', level: config.logLevel })
  log.info({ settings: describeConfig(config) }, 'effective settings')
  for (const warning of config.warnings) log.warn(warning)
  const announce = (password: string) => {
    // Not a line of the log, which others keep. Nobody can show it again: Redis has its hash only.
    process.stdout.write(
      `Password of the console's user "operator", shown only this once: ${password}\n(another one: hookline console new-password; one of your own: HOOKLINE_CONSOLE_PASSWORD)\n`,
    )
  }
  const running = await startConsole(config, { log, announce })
  runUntilSignal(running, { log, shutdownTimeoutMs: config.shutdownTimeoutMs })
  log.info({ url: running.url }, 'started')
}

main().catch(failStart)
