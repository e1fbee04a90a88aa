import type { BusinessSpan } from '#libs/config'

const minuteMs = 60_000
const dayMs = 24 * 60 * minuteMs
/** Longer silences say nothing new. */
const mostDays = 400

/** How much of the time between two moments (Unix milliseconds) lies within business hours. */
export function businessMs(
  from: number,
  to: number,
  { spans, zone }: { spans: BusinessSpan[]; zone: string },
): number {
  const begin = Math.max(from, to - mostDays * dayMs)
  let sum = 0
  const firstDay = Math.floor((begin + offsetAt(begin, zone)) / dayMs) * dayMs
  for (let day = firstDay; day <= to + offsetAt(to, zone); day += dayMs) {
    for (const { days, fromMinute, toMinute } of spans) {
      if (!days.includes(new Date(day).getUTCDay())) continue
      const opens = utcOf(day + fromMinute * minuteMs, zone)
      const closes = utcOf(day + toMinute * minuteMs, zone)
      sum += Math.max(0, Math.min(to, closes) - Math.max(begin, opens))
    }
  }
  return sum
}

/** Local time, as milliseconds since 1970-01-01 00:00 of the place, to Unix milliseconds. */
function utcOf(local: number, zone: string): number {
  const near = local - offsetAt(local, zone)
  return local - offsetAt(near, zone)
}

const formats = new Map<string, Intl.DateTimeFormat>()

/** How far the clocks of a zone are ahead of UTC at a moment: milliseconds. */
function offsetAt(at: number, zone: string): number {
  const parts = new Map(
    formatOf(zone)
      .formatToParts(at)
      .map(({ type, value }) => [type, Number(value)]),
  )
  const part = (name: Intl.DateTimeFormatPartTypes) => parts.get(name) ?? 0
  const local = Date.UTC(
    part('year'),
    part('month') - 1,
    part('day'),
    part('hour'),
    part('minute'),
    part('second'),
  )
  return local - Math.floor(at / 1000) * 1000
}

function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone)
  if (known) return known
  const numeric = 'numeric'
  const format = new Intl.DateTimeFormat('en-US', {
    ...{ timeZone, hourCycle: 'h23', year: numeric, month: numeric, day: numeric },
    ...{ hour: numeric, minute: numeric, second: numeric },
  })
  formats.set(timeZone, format)
  return format
}
