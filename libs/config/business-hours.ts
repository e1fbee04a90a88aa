/** Days and hours in which people work; minutes since local midnight. */
export interface BusinessSpan {
  /** 0 is Sunday. */
  days: number[]
  fromMinute: number
  toMinute: number
}

const dayNames = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat']
const spanPattern = /^([a-z]{3})(?:-([a-z]{3}))? (\d\d):(\d\d)-(\d\d):(\d\d)$/i

/** Reads `Mon-Fri 09:00-18:00, Sat 10:00-15:00`; undefined where it can't be read. */
export function parseBusinessHours(text: string): BusinessSpan[] | undefined {
  const spans = text.split(',').map((part) => parseSpan(part.trim().replace(/\s+/g, ' ')))
  return spans.every((span) => span !== undefined) ? spans : undefined
}

function parseSpan(text: string): BusinessSpan | undefined {
  const [, first = '', last = first, ...clock] = spanPattern.exec(text) ?? []
  const [fromHour = 0, fromMinutes = 0, toHour = 0, toMinutes = 0] = clock.map(Number)
  const days = daysFrom(dayNames.indexOf(first.toLowerCase()), dayNames.indexOf(last.toLowerCase()))
  const [fromMinute, toMinute] = [fromHour * 60 + fromMinutes, toHour * 60 + toMinutes]
  const isRight = fromMinutes < 60 && toMinutes < 60 && fromMinute < toMinute && toMinute <= 24 * 60
  return days && isRight ? { days, fromMinute, toMinute } : undefined
}

/** `Fri-Mon` goes over the end of the week. */
function daysFrom(first: number, last: number): number[] | undefined {
  if (first < 0 || last < 0) return undefined
  return Array.from({ length: ((last - first + 7) % 7) + 1 }, (_, i) => (first + i) % 7)
}
