import type { AlertRuleId, BotOverview, FiringAlert, Overview } from '../../apps/console/api-types'
import { path } from './url-state'

/** One thing that needs a person. */
export interface Need {
  rule: AlertRuleId
  bot?: string
  severity: FiringAlert['severity']
  /** English, from the server; absent where the page itself saw it. */
  words?: string
  value?: number
  since?: number
  /** Where to look or act. */
  href: string
}

/** What needs a person, the critical first and then the longest: all that fires, and what the overview itself shows. */
export function needsOf({ alerts, redis, processes, bots }: Overview): Need[] {
  const needs: Need[] = alerts.map(({ rule, bot, severity, words, value, since }) => ({
    rule,
    severity,
    words,
    since,
    href: whereTo(rule, bot),
    ...(bot === undefined ? {} : { bot }),
    ...(value === undefined ? {} : { value }),
  }))
  const fires = (rule: AlertRuleId) => needs.some((need) => need.rule === rule)
  if (!redis.ok && !fires('redis_down'))
    needs.push({
      rule: 'redis_down',
      severity: 'critical',
      href: '/health',
      ...(redis.words ? { words: redis.words } : {}),
    })
  if (processes.worker === 0 && bots.length > 0 && !fires('no_worker'))
    needs.push({ rule: 'no_worker', severity: 'critical', href: '/health' })
  for (const bot of bots)
    for (const need of needsOfBot(bot))
      if (!needs.some(({ rule, bot: of }) => rule === need.rule && of === bot.bot)) needs.push(need)
  return needs.sort(
    (a, b) =>
      rank(a) - rank(b) || (a.since ?? Number.MAX_SAFE_INTEGER) - (b.since ?? Number.MAX_SAFE_INTEGER),
  )
}

/** Seen in the figures of a bot, before a rule fires or where none is set. */
function needsOfBot({ bot, state, deadLetters, waiting }: BotOverview): Need[] {
  const need = (rule: AlertRuleId, value: number, words: string): Need => ({
    ...{ rule, bot, value, words },
    severity: 'warning',
    href: whereTo(rule, bot),
  })
  const letters = deadLetters === 1 ? '1 dead letter' : `${deadLetters} dead letters`
  return [
    ...(state === 'failing' ? [need('breaker_open', waiting.items, `Waiting: ${waiting.items}.`)] : []),
    ...(deadLetters > 0 ? [need('dead_letters', deadLetters, `${letters} to look at.`)] : []),
  ]
}

const rank = ({ severity }: Need) => (severity === 'critical' ? 0 : 1)

function whereTo(rule: AlertRuleId, bot: string | undefined): string {
  if (rule === 'dead_letters') return `/dead-letters${bot ? `?bot=${encodeURIComponent(bot)}` : ''}`
  if (rule === 'redis_down' || rule === 'no_worker' || rule === 'journal_in_use') return '/health'
  if (rule === 'certificate') return '/alerts'
  return bot ? path('bots', bot) : '/alerts'
}
