import type { BotOverview } from '../../apps/console/api-types'

export type TroubleName =
  | 'failing'
  | 'no_worker'
  | 'ack_late'
  | 'grows'
  | 'old'
  | 'quota'
  | 'paused'
  | 'held'
  | 'ack_near'
  | 'dead_letters'
  | 'sends_fail'
  | 'journaled'
  | 'waits'
  | 'limited'
  | 'opening'

/** How much each weighs, and how it is coloured: what stops users comes first. */
const weights: Record<TroubleName, { weight: number; tone: 'bad' | 'warn' }> = {
  failing: { weight: 100, tone: 'bad' },
  no_worker: { weight: 95, tone: 'bad' },
  ack_late: { weight: 90, tone: 'bad' },
  grows: { weight: 80, tone: 'bad' },
  old: { weight: 70, tone: 'bad' },
  quota: { weight: 60, tone: 'bad' },
  paused: { weight: 50, tone: 'warn' },
  held: { weight: 50, tone: 'warn' },
  ack_near: { weight: 40, tone: 'warn' },
  dead_letters: { weight: 35, tone: 'warn' },
  sends_fail: { weight: 30, tone: 'warn' },
  journaled: { weight: 30, tone: 'warn' },
  waits: { weight: 25, tone: 'warn' },
  limited: { weight: 37, tone: 'warn' },
  opening: { weight: 20, tone: 'warn' },
}

export interface Trouble {
  name: TroubleName
  weight: number
  tone: 'bad' | 'warn'
}

/** What is wrong with a bot, the worst first. */
export function troublesOf(bot: BotOverview): Trouble[] {
  return (Object.keys(weights) as TroubleName[])
    .filter((name) => checks[name](bot))
    .map((name) => ({ name, ...weights[name] }))
}

const stopped = (bot: BotOverview) => bot.state === 'paused' || bot.state === 'held'
const ackShare = ({ ack }: BotOverview) => (ack?.deadlineMs ? ack.p99Ms / ack.deadlineMs : 0)
const minute = 60_000

const checks: Record<TroubleName, (bot: BotOverview) => boolean> = {
  failing: (bot) => bot.state === 'failing',
  no_worker: (bot) => bot.workers === 0 && bot.waiting.items > 0,
  ack_late: (bot) => ackShare(bot) >= 1,
  grows: (bot) =>
    bot.waiting.items > 0 &&
    bot.forecast !== undefined &&
    bot.forecast.emptyAt === undefined &&
    !stopped(bot),
  old: (bot) => bot.waiting.oldestAgeMs >= 5 * minute && !stopped(bot),
  quota: (bot) => bot.budgets.some(({ closed }) => closed?.reason === 'quota'),
  paused: (bot) => bot.state === 'paused',
  held: (bot) => bot.state === 'held',
  ack_near: (bot) => ackShare(bot) >= 0.5 && ackShare(bot) < 1,
  dead_letters: (bot) => bot.deadLetters > 0,
  sends_fail: ({ sends }) => sends.failed > 0 && sends.failed >= 0.05 * (sends.sent + sends.failed),
  journaled: (bot) => bot.journaled > 0,
  waits: (bot) => bot.waiting.oldestAgeMs >= minute && bot.waiting.oldestAgeMs < 5 * minute && !stopped(bot),
  limited: (bot) => bot.budgets.some(({ closed }) => closed?.reason === 'rate'),
  opening: (bot) => bot.state === 'opening',
}

export type BotOrder = 'trouble' | 'name' | 'waiting' | 'events'

const weightOf = (bot: BotOverview) => troublesOf(bot).reduce((sum, { weight }) => sum + weight, 0)

/** The worst trouble decides, then how many there are: a bot that fails stands above one with three small ones. */
const byTrouble = (a: BotOverview, b: BotOverview) =>
  (troublesOf(b)[0]?.weight ?? 0) - (troublesOf(a)[0]?.weight ?? 0) || weightOf(b) - weightOf(a)
const byName = (a: BotOverview, b: BotOverview) => a.bot.localeCompare(b.bot, undefined, { numeric: true })

const orders: Record<BotOrder, (a: BotOverview, b: BotOverview) => number> = {
  trouble: byTrouble,
  name: byName,
  waiting: (a, b) => b.waiting.items - a.waiting.items,
  events: (a, b) => b.eventsPerMinute - a.eventsPerMinute,
}

export function sortBots(bots: BotOverview[], order: BotOrder): BotOverview[] {
  return [...bots].sort((a, b) => orders[order](a, b) || byName(a, b))
}

export interface BotFilter {
  name?: string
  platform?: string
  onlyTrouble?: boolean
}

export function filterBots(
  bots: BotOverview[],
  { name = '', platform, onlyTrouble }: BotFilter,
): BotOverview[] {
  const wanted = name.trim().toLowerCase()
  return bots.filter(
    (bot) =>
      bot.bot.toLowerCase().includes(wanted) &&
      (!platform || bot.platform === platform) &&
      (!onlyTrouble || troublesOf(bot).length > 0),
  )
}

/** The order that was on screen, as long as somebody works in the list: nothing moves away from below their finger. */
export function inKnownOrder(bots: BotOverview[], known: string[]): BotOverview[] {
  const place = new Map(known.map((name, index) => [name, index]))
  return [...bots].sort((a, b) => (place.get(a.bot) ?? known.length) - (place.get(b.bot) ?? known.length))
}
