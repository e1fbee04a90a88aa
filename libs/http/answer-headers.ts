/** What an answer begins with. Names are in lower case. */
export interface Head {
  status: number
  headers: Record<string, string>
}

/** As node:http has them: the first counts, since two of these make no list. */
const first = new Set([
  'age',
  'content-length',
  'content-type',
  'etag',
  'expires',
  'last-modified',
  'location',
  'retry-after',
  'server',
])

/** undici gives an array for a header that came more than once, also for those that node:http would not join. */
export function headersOf(raw: Record<string, string | string[] | undefined>): Record<string, string> {
  const headers: Record<string, string> = {}
  for (const name of Object.keys(raw)) {
    const value = raw[name]
    if (value !== undefined) headers[name] = typeof value === 'string' ? value : joined(name, value)
  }
  return headers
}

function joined(name: string, values: string[]): string {
  if (first.has(name)) return values[0] ?? ''
  return values.join(name === 'set-cookie' ? ',' : ', ')
}

/** What axios gives. */
export function plainHeaders(headers: object): Record<string, string> {
  const plain: Record<string, string> = {}
  for (const [name, value] of Object.entries(headers)) plain[name.toLowerCase()] = String(value)
  return plain
}
