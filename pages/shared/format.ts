import type { Language } from './i18n'

const locale = { en: 'en-GB', ja: 'ja-JP' } as const

/** `14:32:07`; with the date where it is not today's. */
export function clockTime(at: number, language: Language, now = Date.now()): string {
  const date = new Date(at)
  const isToday = date.toDateString() === new Date(now).toDateString()
  return new Intl.DateTimeFormat(locale[language], {
    ...(isToday ? {} : { month: 'short', day: 'numeric' }),
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  }).format(date)
}

const units = {
  ms: [' ms', ' ms'],
  s: [' s', ' 秒'],
  min: [' min', ' 分'],
  h: [' h', ' 時間'],
  d: [' d', ' 日'],
} as const

/** `340 ms`, `2.4 s`, `3 min`, `5 h`, `2 d`. */
export function duration(ms: number, language: Language): string {
  const [value, unit] = inUnit(Math.max(0, ms))
  const digits = value < 10 && unit !== 'ms' && value % 1 !== 0 ? 1 : 0
  if (unit === 's') return seconds(value, digits, language)
  const number = new Intl.NumberFormat(locale[language], { maximumFractionDigits: digits }).format(value)
  return number + units[unit][language === 'ja' ? 1 : 0]
}

/** `10.02 s`, as exact as wanted. */
export function seconds(value: number, digits: number, language: Language): string {
  const number = new Intl.NumberFormat(locale[language], { maximumFractionDigits: digits }).format(value)
  return number + units.s[language === 'ja' ? 1 : 0]
}

function inUnit(ms: number): [number, keyof typeof units] {
  if (ms < 1000) return [ms, 'ms']
  if (ms < 60_000) return [ms / 1000, 's']
  if (ms < 3_600_000) return [Math.floor(ms / 60_000), 'min']
  if (ms < 86_400_000) return [Math.floor(ms / 3_600_000), 'h']
  return [Math.floor(ms / 86_400_000), 'd']
}

export function count(n: number, language: Language): string {
  return new Intl.NumberFormat(locale[language], { maximumFractionDigits: 1 }).format(n)
}

export function bytes(n: number, language: Language): string {
  const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte'] as const
  const power = Math.min(3, Math.floor(Math.log2(Math.max(1, n)) / 10))
  return new Intl.NumberFormat(locale[language], {
    style: 'unit',
    unit: units[power] ?? 'byte',
    unitDisplay: 'short',
    maximumFractionDigits: power === 0 ? 0 : 1,
  }).format(n / 1024 ** power)
}

/** `14:32`; with the date where it is not today's. */
export function hourMinute(at: number, language: Language, now = Date.now()): string {
  const isToday = new Date(at).toDateString() === new Date(now).toDateString()
  return new Intl.DateTimeFormat(locale[language], {
    ...(isToday ? {} : { month: 'short', day: 'numeric' }),
    hour: '2-digit',
    minute: '2-digit',
  }).format(new Date(at))
}

/** `62%` */
export function percent(share: number, language: Language): string {
  return new Intl.NumberFormat(locale[language], { style: 'percent', maximumFractionDigits: 0 }).format(share)
}
