import { HooklineError } from '#libs/contract'

const units: Record<string, number> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/**
 * A span of time as people write it: `30s`, `10m`, `2h`, `1d`, or a number of milliseconds.
 * @throws HooklineError `message_invalid`
 */
export function toMilliseconds(delay: string | number): number {
  const [, amount, unit = ''] = /^(\d+)(s|m|h|d)$/.exec(String(delay)) ?? []
  const ms = typeof delay === 'number' ? delay : Number(amount) * (units[unit] ?? NaN)
  if (Number.isFinite(ms) && ms >= 0) return ms
  throw new HooklineError(
    'message_invalid',
    `"${delay}" is no span of time. Write 30s, 10m, 2h, 1d or milliseconds.`,
  )
}
