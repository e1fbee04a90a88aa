import { Command } from 'commander'
import { type Hold, holdBot, readHold, releaseBot } from '#libs/limiter'
import { type Pause, isKnownBot, knownBots, pauseBot, readPause, resumeBot } from '#libs/mailbox'
import { withRedis } from './with-redis'
import { age, clock } from './dead-letters-text'
import type { CommandDeps } from './program'
import { printableJson } from './terminal'
import { usageError } from './dead-letters'

/** Exit code: there was nothing to change. */
const nothingDone = 2

interface StopFlags {
  reason?: string
  for?: string
  json?: boolean
}

/** A way to stop a bot: `pause` (workers take nothing) or `hold` (handlers run, what they say waits). */
interface Stop {
  name: 'pause' | 'hold'
  does: string
  /** In JSON and texts. */
  state: 'paused' | 'held'
  begin: typeof pauseBot | typeof holdBot
  read: (...of: Parameters<typeof readPause>) => Promise<Pause | Hold | undefined>
  explains: (bot: string) => string
  /** The command that ends it. */
  ending: 'resume' | 'release'
  endingDoes: string
  end: typeof resumeBot
}

const pause: Stop = {
  name: 'pause',
  does: 'let a bot rest: events are stored and wait, workers take none of them',
  state: 'paused',
  begin: pauseBot,
  read: readPause,
  explains: (bot) =>
    `${bot} is paused. Its webhooks are still taken and wait; workers finish the item at hand.`,
  ending: 'resume',
  endingDoes: 'let a paused bot go on',
  end: resumeBot,
}

const hold: Stop = {
  name: 'hold',
  does: 'hold what a bot sends: webhooks are taken and handlers run, their messages wait',
  state: 'held',
  begin: holdBot,
  read: readHold,
  explains: (bot) =>
    `${bot} is held. Its handlers go on, and what they say waits. A LINE reply whose token runs out meanwhile goes by replyFallback.`,
  ending: 'release',
  endingDoes: 'let a held bot send again',
  end: releaseBot,
}

/** `hookline pause`, `resume`, `hold` and `release`. */
export function stopCommands(deps: CommandDeps): Command[] {
  return [pause, hold].flatMap((stop) => [beginCommand(stop, deps), endCommand(stop, deps)])
}

function beginCommand(stop: Stop, deps: CommandDeps): Command {
  return new Command(stop.name)
    .description(stop.does)
    .argument('<bot>', 'its name')
    .option('--reason <text>', 'why; `hookline status` shows it')
    .option('--for <time>', 'it ends by itself after that: 90s, 30m, 2h, 1d')
    .option('--json', `one JSON object: bot, ${stop.state}, changed, since, reason, by, until`)
    .action((bot: string, flags: StopFlags) => deps.exitWith(begin(stop, { bot, flags, deps })))
}

function begin(
  stop: Stop,
  { bot, flags, deps }: { bot: string; flags: StopFlags; deps: CommandDeps },
): Promise<number> {
  const { reason, json } = flags
  const forMs = flags.for === undefined ? undefined : durationMs(flags.for)
  return withRedis(deps, async ({ redis, config, print }) => {
    await refuseUnknown(bot, { redis, config })
    const by = deps.env['USER']
    const changed = await stop.begin(redis, bot, { reason, by, forMs })
    const now = (await stop.read(redis, bot)) ?? {}
    if (json) print(printableJson({ bot, [stop.state]: true, changed, ...now }))
    else print(changed ? begunText(stop, bot, now) : stillText(stop, bot, now))
    return changed || reason !== undefined || forMs !== undefined ? 0 : nothingDone
  })
}

function endCommand(stop: Stop, deps: CommandDeps): Command {
  return new Command(stop.ending)
    .description(stop.endingDoes)
    .argument('<bot>', 'its name')
    .option('--json', `one JSON object: bot, ${stop.state}, changed`)
    .action((bot: string, { json }: { json?: boolean }) => {
      deps.exitWith(
        withRedis(deps, async ({ redis, config, print }) => {
          await refuseUnknown(bot, { redis, config })
          const changed = await stop.end(redis, bot)
          if (json) print(printableJson({ bot, [stop.state]: false, changed }))
          else print(changed ? `${bot} goes on.` : `${bot} was not ${stop.state}. Nothing was done.`)
          return changed ? 0 : nothingDone
        }),
      )
    })
}

function begunText({ explains, ending }: Stop, bot: string, { until }: Pause): string {
  const end = until === undefined ? '' : ` ${clock(until)}, or`
  return `${explains(bot)}\nIt stays so, through restarts too, until${end}: hookline ${ending} ${bot}`
}

function stillText({ state }: Stop, bot: string, { since, until }: Pause): string {
  const when = since === undefined ? '' : ` since ${clock(since)} (${age(Date.now() - since)})`
  const end = until === undefined ? '' : ` It ends at ${clock(until)}.`
  return `${bot} was ${state} already${when}.${end}`
}

const units: Record<string, number> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** `90s`, `30m`, `2h`, `1d` in milliseconds. */
export function durationMs(text: string): number {
  const [, number, unit = ''] = /^([1-9]\d{0,5})([smhd])$/.exec(text) ?? []
  if (number === undefined)
    throw usageError(`"${text}" is no time. Give a whole number with its unit: 90s, 30m, 2h, 1d.`)
  return Number(number) * (units[unit] ?? 0)
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
