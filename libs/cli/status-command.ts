import { Command } from 'commander'
import type { CommandDeps } from './program'
import { readStatus } from './read-status'
import { statusText } from './status-text'
import { painter, printableJson, widthOf } from './terminal'
import { withRedis } from './with-redis'

interface Flags {
  watch?: boolean
  url?: string
  json?: boolean
}

const everyMs = 2000

/** `hookline status`. */
export function statusCommand(deps: CommandDeps): Command {
  return new Command('status')
    .description('what waits, what is dead, who works, per bot')
    .option('--url <url>', 'also ask the ingress there: readiness, journal')
    .option('--watch', 'every two seconds, until Ctrl-C')
    .option('--json', 'one JSON object; with --watch one per line')
    .addHelpText(
      'after',
      '\nOnly REDIS_URL is needed.\nExit code: 0 all is well, 1 something needs a person (or an error).',
    )
    .action((flags: Flags) => deps.exitWith(status(flags, deps)))
}

function status({ watch, url, json }: Flags, deps: CommandDeps): Promise<number> {
  return withRedis(deps, async ({ redis, config, print }) => {
    const { out, env } = deps
    const show = async () => {
      const found = await readStatus({ redis, config, url })
      if (json) print(printableJson(found))
      else {
        // A frame takes the place of the one before.
        if (watch && out.isTTY) out.write('\u001b[H\u001b[2J')
        statusText(found, { width: widthOf(out), paint: painter(out, env) }).forEach(print)
      }
      return found.attention.length > 0 ? 1 : 0
    }
    let code = await show()
    const stopped = watch ? untilSignal() : undefined
    while (stopped && (await Promise.race([stopped, pause()])) !== 'stopped') code = await show()
    return code
  })
}

function untilSignal(): Promise<'stopped'> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
      process.once(signal, () => resolve('stopped'))
  })
}

const pause = () => new Promise((over) => setTimeout(over, everyMs))
