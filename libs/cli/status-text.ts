import type { Pause } from '#libs/mailbox'
import { age } from './dead-letters-text'
import type { BotStatus, Status } from './read-status'
import type { Paint } from './terminal'
import { fit, padTo, plain, textWidth, wrap } from './text-width'

interface Column {
  head: string
  of: (bot: BotStatus) => string
}

const columns: Column[] = [
  { head: 'BOT', of: ({ bot }) => fit(plain(bot), 24) },
  { head: 'PLATFORM', of: ({ platform }) => platform ?? '?' },
  { head: 'STATE', of: stateOf },
  { head: 'WORKERS', of: ({ workers }) => (workers === undefined ? '?' : String(workers)) },
  { head: 'LANES', of: ({ lanes }) => number(lanes) },
  { head: 'ITEMS', of: ({ items }) => number(items) },
  { head: 'OLDEST', of: ({ lanes, oldestAgeMs }) => (lanes === 0 ? '-' : age(oldestAgeMs)) },
  { head: 'TIMERS', of: ({ timers }) => number(timers) },
  { head: 'DEAD', of: ({ deadLetters }) => number(deadLetters) },
]

const number = (n: number) => n.toLocaleString('en')

function stateOf({ paused, hold, breaker }: BotStatus): string {
  if (paused) return 'paused'
  if (hold) return 'held'
  return { closed: 'works', opening: 'opening', held: 'failing' }[breaker]
}

/** The state of everything, at most as wide as the terminal. */
export function statusText(status: Status, { width, paint }: { width: number; paint: Paint }): string[] {
  const { bots, ingress, limits, attention } = status
  const inner = Math.min(width, 120)
  return [
    ...(bots.length === 0
      ? ['There is no bot: none in this configuration and none in Redis.']
      : table(bots, paint)),
    ...bots.flatMap((bot) => notes(bot).flatMap((note) => wrap(`  ${plain(bot.bot)}: ${note}`, inner))),
    ...limits.map(
      ({ platform, account, operation, reason, forMs }) =>
        `  ${platform} ${plain(account)} ${plain(operation)}: ${reason === 'quota' ? 'quota used up, asked again' : 'limit reached, goes on'} in ${age(forMs)}`,
    ),
    ...(ingress ? [`ingress at ${ingress.url}: ${ingressText(ingress)}`] : []),
    '',
    ...(attention.length === 0
      ? [paint('green', 'All is well.')]
      : [paint('yellow', 'Needs a person:'), ...attention.flatMap((words) => bullet(words, inner))]),
  ]
}

function bullet(words: string, width: number): string[] {
  return wrap(plain(words), width - 4).map((line, i) => `${i === 0 ? '  - ' : '    '}${line}`)
}

function ingressText({ ready, checks }: NonNullable<Status['ingress']>): string {
  const words = Object.entries(checks).map(([name, text]) => `${name} ${plain(text)}`)
  return words.length === 0 ? 'no answer' : `${ready ? 'ready' : 'not ready'} (${words.join(', ')})`
}

function table(bots: BotStatus[], paint: Paint): string[] {
  const rows = bots.map((bot) => columns.map(({ of }) => of(bot)))
  const widths = columns.map(({ head }, i) =>
    rows.reduce((most, cells) => Math.max(most, textWidth(cells[i] ?? '')), head.length),
  )
  const line = (cells: string[]) =>
    cells
      .map((cell, i) => padTo(cell, widths[i] ?? 0))
      .join('  ')
      .trimEnd()
  return [paint('bold', line(columns.map(({ head }) => head))), ...rows.map(line)]
}

function notes({ pause, hold, deadLettersByReason, heldForMs }: BotStatus): string[] {
  const reasons = Object.entries(deadLettersByReason).sort(([, a], [, b]) => b - a)
  return [
    ...(pause ? [stoppedText('paused', pause)] : []),
    ...(hold ? [stoppedText('held', hold)] : []),
    ...(reasons.length > 0
      ? [`dead letters: ${reasons.map(([reason, n]) => `${n} ${plain(reason)}`).join(', ')}`]
      : []),
    ...(heldForMs > 0 ? [`its platform fails; the next call tries in ${age(heldForMs)}`] : []),
  ]
}

function stoppedText(state: 'paused' | 'held', { since, by, until, reason }: Pause): string {
  return [
    state,
    since === undefined ? '' : ` ${age(Date.now() - since)} ago`,
    by === undefined ? '' : ` by ${plain(by)}`,
    until === undefined ? '' : `, ends in ${age(Math.max(0, until - Date.now()))}`,
    reason === undefined ? '' : `: ${plain(reason)}`,
  ].join('')
}
