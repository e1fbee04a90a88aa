import { Command, InvalidArgumentError, Option } from 'commander'
import type { LetterFilter } from '#libs/mailbox'
import { type ListOptions, atDesk, list, show } from './dead-letters'
import { discard, replay } from './dead-letters-bulk'
import type { CommandDeps } from './program'

interface BulkFlags extends LetterFilter {
  all?: boolean
  yes?: boolean
  push?: boolean
}

/** `hookline dead-letters list|show|replay|discard`. */
export function deadLettersCommand({ exitWith, ...terminal }: CommandDeps): Command {
  const letters = new Command('dead-letters')
    .description('what could not be delivered: read it, replay it, discard it')
    .addHelpText('after', '\nOf an id the first characters are enough. Only REDIS_URL is needed.')
  withFilters(letters.command('list'))
    .description('newest first')
    .option('--limit <n>', 'how many are shown (default: 50; with --json all)', wholeNumber)
    .option('--json', 'one JSON object per line')
    .action((options: ListOptions) =>
      exitWith(atDesk(terminal, { filter: options, readsOnly: true }, (desk) => list(options, desk))),
    )
  letters
    .command('show')
    .description('the whole story of one: event, messages, every attempt, what to do')
    .argument('<id>')
    .option('--json', 'as a JSON object, with the platform’s own object')
    .action((id: string, options: { json?: boolean }) =>
      exitWith(atDesk(terminal, { readsOnly: true }, (desk) => show(id, options, desk))),
    )
  bulk(letters.command('replay'))
    .description('work on them again: the handler if it had not returned, and what was not sent')
    .option('--push', 'LINE: replies whose token has run out go out as pushes, which are billed')
    .action((ids: string[], { all = false, yes = false, push = false, ...filter }: BulkFlags) => {
      const options = { ids, filter, all, yes, late: push ? ('push' as const) : ('drop' as const) }
      exitWith(atDesk(terminal, { filter, readsOnly: false }, (desk) => replay(options, desk, terminal)))
    })
  bulk(letters.command('discard'))
    .description('remove them for good')
    .action((ids: string[], { all = false, yes = false, ...filter }: BulkFlags) =>
      exitWith(
        atDesk(terminal, { filter, readsOnly: false }, (desk) =>
          discard({ ids, filter, all, yes }, desk, terminal),
        ),
      ),
    )
  return letters
}

function bulk(command: Command): Command {
  return withFilters(command.argument('[id...]'))
    .option('--all', 'all dead letters there are')
    .option('--yes', 'do it; without it only what would happen is shown (a terminal asks)')
    .addHelpText('after', '\nExit code: 0 done, 1 error, 2 nothing was done.')
}

function withFilters(command: Command): Command {
  return command
    .option('--bot <name>', 'of this bot, configured or not')
    .addOption(
      new Option('--platform <platform>', 'of this platform').choices([
        'line',
        'lineworks',
        'tocaro',
      ] as const),
    )
    .option('--reason <reason>', 'parked for this reason')
    .option('--since <time>', 'parked since: 30m, 2h, 3d ago, or a date such as 2026-12-24T18:00+09:00', time)
    .option('--before <time>', 'parked before, in the same form', time)
}

const units = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** Unix milliseconds of `2h`, `3d` (ago) or an ISO date. */
export function time(text: string, _previous?: unknown, now = Date.now()): number {
  const [, amount, unit] = /^(\d{1,6})([smhd])$/.exec(text) ?? []
  if (amount !== undefined) return now - Number(amount) * units[unit as keyof typeof units]
  const date = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : NaN
  if (Number.isFinite(date)) return date
  throw new InvalidArgumentError('Give a span such as 30m, 2h or 3d, or a date such as 2026-12-24.')
}

function wholeNumber(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('Give a whole number from 1.')
}
