import { HooklineError } from '#libs/contract'

const units: Record<string, number> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** Longer plans belong into a database and `bot.every`. */
const longestMs = 30 * 86_400_000

/**
 * Milliseconds of `30s`, `10m`, `2h`, `3d` or a number of milliseconds: more than nothing, at most 30 days.
 * @throws HooklineError `state_invalid`
 */
export function readDelay(delay: string | number, what: string): number {
  const [, amount, unit = ''] = typeof delay === 'string' ? (/^(\d+)\s*(s|m|h|d)$/.exec(delay) ?? []) : []
  const ms = typeof delay === 'number' ? delay : Number(amount) * (units[unit] ?? NaN)
  if (ms > 0 && ms <= longestMs) return Math.ceil(ms)
  throw new HooklineError(
    'state_invalid',
    `${what} is ${JSON.stringify(delay)}. Give '30s', '10m', '2h', '3d' or milliseconds, at most 30 days.`,
  )
}
