import { Command, Option } from 'commander'
import { HooklineError, type PlatformName } from '#libs/contract'
import { type FeedEntry, feedChannel, readFeed } from '#libs/mailbox'
import { type CommandDeps, platforms } from './program'
import { type Paint, painter, printableJson } from './terminal'
import { fit, padTo, plain } from './text-width'
import { withRedis } from './with-redis'

interface TailFilter {
  bot?: string
  platform?: PlatformName
}

/** `hookline tail`. */
export function tailCommand(deps: CommandDeps): Command {
  return new Command('tail')
    .description('follow what happens, line by line; never what was said. Ctrl-C ends it')
    .option('--bot <name>', 'of this bot')
    .addOption(new Option('--platform <platform>', 'of this platform').choices(platforms))
    .option('--json', 'one JSON object per line')
    .action(({ json, ...filter }: TailFilter & { json?: boolean }) => {
      const paint = painter(deps.out, deps.env)
      const lineOf = json ? printableJson : (entry: FeedEntry) => feedLine(entry, paint)
      deps.exitWith(
        withRedis(deps, async ({ redis, print }) => {
          redis.on('pmessage', (_pattern, _channel: string, message: string) => {
            for (const entry of readFeed(message)) if (isMeant(entry, filter)) print(lineOf(entry))
          })
          await redis.psubscribe(feedChannel(filter.bot ?? '*'))
          if (!json) deps.err.write('Following. What happened before is not shown; Ctrl-C ends it.\n')
          return untilEnd(redis)
        }),
      )
    })
}

/** 0 on Ctrl-C; 1 when Redis has gone, since what happens then can't be seen. */
function untilEnd(redis: { on: (event: 'close', then: () => void) => unknown }): Promise<number> {
  return new Promise((resolve, reject) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => resolve(0))
    redis.on('close', () =>
      reject(new HooklineError('store_unavailable', 'The connection to Redis was lost.')),
    )
  })
}

function isMeant(entry: FeedEntry, { bot, platform }: TailFilter): boolean {
  return (bot === undefined || entry.bot === bot) && (platform === undefined || entry.platform === platform)
}

const colours = { done: 'green', retry: 'yellow', postpone: 'cyan', park: 'red' } as const

/** `18:03:07.123  shop  done     text      user:U1  work 12 ms`. */
export function feedLine(entry: FeedEntry, paint: Paint): string {
  const what = entry.outcome ?? entry.kind
  const colour = what in colours ? colours[what as keyof typeof colours] : 'gray'
  const columns = [
    time(entry.at),
    padTo(fit(plain(entry.bot), 16), 12),
    paint(colour, padTo(what, 8)),
    padTo(plain(entry.type ?? ''), 10),
    padTo(fit(plain(entry.conversation ?? ''), 24), 24),
    details(entry),
  ]
  return columns.join('  ').trimEnd()
}

function time(at: number): string {
  const local = new Date(at - new Date(at).getTimezoneOffset() * 60_000)
  return local.toISOString().slice(11, 23)
}

function details(entry: FeedEntry): string {
  const {
    reason,
    attempt = 1,
    wait_ms,
    work_ms,
    handler_ms,
    send_ms,
    permit_wait_ms,
    delay_ms,
    messages,
  } = entry
  const spans = {
    waited: wait_ms,
    worked: work_ms,
    handler: handler_ms,
    permit: permit_wait_ms,
    send: send_ms,
  }
  return [
    ...(reason === undefined ? [] : [plain(reason)]),
    ...(attempt > 1 ? [`try ${attempt}`] : []),
    ...(messages === undefined ? [] : [`${messages} message${messages === 1 ? '' : 's'}`]),
    ...Object.entries(spans).flatMap(([name, ms]) => (ms === undefined ? [] : [`${name} ${duration(ms)}`])),
    ...(delay_ms === undefined ? [] : [`again in ${duration(delay_ms)}`]),
  ].join(', ')
}

function duration(ms: number): string {
  return ms < 1000 ? `${Math.max(0, Math.round(ms))} ms` : `${(ms / 1000).toFixed(ms < 10_000 ? 1 : 0)} s`
}
