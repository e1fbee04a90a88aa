/** The fields of an `INFO` answer. A field that a server does not know is absent. */
export function parseInfo(text: string): Map<string, string> {
  const rows = text.split(/\r?\n/).map((row) => row.split(':', 2))
  return new Map(rows.map(([name = '', value = '']) => [name, value]))
}

/** Why this Redis may throw away what it holds; undefined when it never does. */
export function evictionProblem(memory: Map<string, string>): string | undefined {
  const policy = memory.get('maxmemory_policy') ?? 'noeviction'
  if (policy === 'noeviction') return undefined
  return `Redis may evict stored events (maxmemory-policy ${policy}). Set it to noeviction.`
}

/** Why this Redis counts as full, above so many percent of its `maxmemory`; undefined when it is not. */
export function memoryProblem(memory: Map<string, string>, percent: number): string | undefined {
  const used = Number(memory.get('used_memory') ?? 0)
  const limit = Number(memory.get('maxmemory') ?? 0)
  if (limit === 0 || used < (limit * percent) / 100) return undefined
  const share = Math.round((used / limit) * 100)
  return `Redis is full: ${share} % of its maxmemory is used. Give it more, or let the workers catch up.`
}
