/** What is wrong with the answers of all conversations; nothing when each has all of them, once and in order. */
export interface Disorder {
  missing: number
  twice: number
  /** Answers that came after a later one of their conversation. */
  reordered: number
}

/** Labels (`c12 n3`: the fourth answer of conversation 12) in the order in which the platform had them. */
export function disorderOf(labels: string[], expected: { conversations: number; events: number }): Disorder {
  const seen = new Set<string>()
  const latest = new Map<string, number>()
  const found = { missing: 0, twice: 0, reordered: 0 }
  for (const label of labels) {
    const [conversation = '', place = ''] = label.split(' n')
    const number = Number(place)
    const last = latest.get(conversation) ?? -1
    if (seen.has(label)) found.twice += 1
    else if (number < last) found.reordered += 1
    seen.add(label)
    latest.set(conversation, Math.max(last, number))
  }
  for (let i = 0; i < expected.events; i++) {
    const label = `c${i % expected.conversations} n${Math.floor(i / expected.conversations)}`
    if (!seen.has(label)) found.missing += 1
  }
  return found
}

/**
 * How many answers came after a later one. Throws where one is missing or came twice, and, unless it may, where one came
 * late.
 */
export function checkOrder(
  labels: string[],
  expected: { conversations: number; events: number },
  { mayBeLate = false } = {},
): number {
  const { missing, twice, reordered } = disorderOf(labels, expected)
  if (missing + twice > 0 || (reordered > 0 && !mayBeLate))
    throw new Error(`Of ${expected.events} answers ${missing} missing, ${twice} twice, ${reordered} late.`)
  return reordered
}
