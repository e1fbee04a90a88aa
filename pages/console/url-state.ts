export type Query = Record<string, string>

/** The query's fields; empty ones are left out, of two with one name the last counts. */
export function readQuery(search: string): Query {
  return Object.fromEntries([...new URLSearchParams(search)].filter(([, value]) => value !== ''))
}

/** `?a=1&b=2` in the order of the fields, or nothing. */
export function writeQuery(query: Record<string, string | number | undefined>): string {
  const parts = Object.entries(query).filter(([, value]) => value !== undefined && value !== '')
  const text = new URLSearchParams(parts.map(([name, value]) => [name, String(value)])).toString()
  return text && `?${text}`
}

/** A path of the console from its parts, each escaped: lanes and ids may hold anything. */
export function path(...parts: string[]): string {
  return `/${parts.map(encodeURIComponent).join('/')}`
}

/** The part of a path at a place, unescaped: `pathPart('/bots/a%2Fb', 1)` is `a/b`. */
export function pathPart(pathname: string, place: number): string {
  const part = pathname.split('/')[place + 1] ?? ''
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

/** `2026-07-01T09:30` of a datetime-local field, in this browser's time zone, as Unix milliseconds. */
export function timeOf(field: string | undefined): number | undefined {
  const at = field ? new Date(field).getTime() : Number.NaN
  return Number.isNaN(at) ? undefined : at
}
