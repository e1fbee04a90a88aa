import { Command } from 'commander'
import { eraseUser } from '#libs/mailbox'
import { confirmed, unconfirmed } from './dead-letters-bulk'
import { count } from './dead-letters-text'
import { refuseUnknown } from './pause'
import type { CommandDeps } from './program'
import { printableJson } from './terminal'
import { withRedis } from './with-redis'

interface EraseOptions {
  bot: string
  user: string
  yes?: boolean
  json?: boolean
}

/** `hookline erase`. */
export function eraseCommand(deps: CommandDeps): Command {
  return new Command('erase')
    .description('erase what is kept of a user: texts in timelines, dead letters and what waits')
    .requiredOption('--bot <name>', 'the bot')
    .requiredOption('--user <id>', 'the platform’s id of the user')
    .option('--yes', 'do it; without it a terminal asks, and a script does nothing')
    .option('--json', 'one JSON object: bot, user, stories, deadLetters, waiting')
    .addHelpText('after', '\nExit code: 0 done, 1 error, 2 nothing was done.')
    .action((options: EraseOptions) => deps.exitWith(erase(options, deps)))
}

function erase({ bot, user, yes = false, json }: EraseOptions, deps: CommandDeps): Promise<number> {
  return withRedis(deps, async ({ redis, config, print }) => {
    await refuseUnknown(bot, { redis, config })
    if (!json || !yes) warning(bot, user).forEach(print)
    if (!(await confirmed(yes, deps))) return unconfirmed(print)
    const erased = await eraseUser(redis, bot, user)
    const { stories, deadLetters, waiting } = erased
    if (json) print(printableJson({ bot, user, ...erased }))
    else
      print(
        `Erased in ${count(stories, 'timeline')}, ${count(deadLetters, 'dead letter')} and ${count(waiting, 'waiting item')}.`,
      )
    return 0
  })
}

function warning(bot: string, user: string): string[] {
  return [
    `Everything that ${bot} keeps of what ${printableJson(user)} said and was told would be erased, for good:`,
    'texts in timelines and dead letters, what the one-to-one conversation remembers, and its timers.',
    'Events and pushes of this user that still wait would not be worked on any more.',
  ]
}
