import { Command } from 'commander'
import { isKnownBot, knownBots, pauseBot, readPause, resumeBot } from '#libs/mailbox'
import { withRedis } from './with-redis'
import { age, clock } from './dead-letters-text'
import type { CommandDeps } from './program'
import { printableJson } from './terminal'
import { usageError } from './dead-letters'

/** Exit code: there was nothing to change. */
const nothingDone = 2

/** `hookline pause`. */
export function pauseCommand(deps: CommandDeps): Command {
  return new Command('pause')
    .description('let a bot rest: events are stored and wait, workers take none of them')
    .argument('<bot>', 'its name')
    .option('--reason <text>', 'why; `hookline status` shows it')
    .option('--json', 'one JSON object: bot, paused, changed, since, reason')
    .action((bot: string, { reason, json }: { reason?: string; json?: boolean }) => {
      deps.exitWith(
        withRedis(deps, async ({ redis, config, print }) => {
          await refuseUnknown(bot, { redis, config })
          const changed = await pauseBot(redis, bot, reason)
          const pause = (await readPause(redis, bot)) ?? {}
          if (json) print(printableJson({ bot, paused: true, changed, ...pause }))
          else print(changed ? pausedText(bot) : stillText(bot, pause.since))
          return changed || reason !== undefined ? 0 : nothingDone
        }),
      )
    })
}

/** `hookline resume`. */
export function resumeCommand(deps: CommandDeps): Command {
  return new Command('resume')
    .description('let a paused bot go on')
    .argument('<bot>', 'its name')
    .option('--json', 'one JSON object: bot, paused, changed')
    .action((bot: string, { json }: { json?: boolean }) => {
      deps.exitWith(
        withRedis(deps, async ({ redis, config, print }) => {
          await refuseUnknown(bot, { redis, config })
          const changed = await resumeBot(redis, bot)
          if (json) print(printableJson({ bot, paused: false, changed }))
          else print(changed ? `${bot} goes on.` : `${bot} was not paused. Nothing was done.`)
          return changed ? 0 : nothingDone
        }),
      )
    })
}

function pausedText(bot: string): string {
  return [
    `${bot} is paused. Its webhooks are still taken and wait; workers finish the item at hand.`,
    `It stays so, through restarts too, until: hookline resume ${bot}`,
  ].join('\n')
}

function stillText(bot: string, since: number | undefined): string {
  const when = since === undefined ? '' : ` since ${clock(since)} (${age(Date.now() - since)})`
  return `${bot} was paused already${when}.`
}

type Known = Pick<Parameters<Parameters<typeof withRedis>[1]>[0], 'redis' | 'config'>

/** A typing error would pause nothing and say that it did. */
export async function refuseUnknown(bot: string, { redis, config }: Known): Promise<void> {
  if (config.bots.some(({ name }) => name === bot) || (await isKnownBot(redis, bot))) return
  const known = [...new Set([...config.bots.map(({ name }) => name), ...(await knownBots(redis))])].sort()
  throw usageError(
    `There is no bot "${bot}": not in this configuration and not in Redis. ${known.length === 0 ? 'There is none yet.' : `There are: ${known.join(', ')}.`}`,
  )
}
