import type { PlatformName, Target } from '#libs/contract'

interface Rule {
  title: string
  /** What can be pushed to, and the kind that its events carry: what is said there must travel in one lane. */
  kinds: Partial<Record<Target['kind'], Target['kind']>>
}

const rules: Record<PlatformName, Rule> = {
  line: { title: 'LINE', kinds: { user: 'user', group: 'group', room: 'room' } },
  lineworks: { title: 'LINE WORKS', kinds: { user: 'user', channel: 'channel' } },
  tocaro: { title: 'Tocaro', kinds: { group: 'group', channel: 'group' } },
}

/** The conversation that a push to this target goes to, or why the platform has none: words that follow a field's name. */
export function pushTarget(
  platform: PlatformName,
  { kind, id }: Target,
): { target: Target; problem?: never } | { target?: never; problem: string } {
  const { title, kinds } = rules[platform]
  const own = kinds[kind]
  if (own) return { target: { kind: own, id } }
  const known = Object.keys(kinds)
  return { problem: `names a ${kind}, which ${title} can't be sent to. Use ${known.join(' or ')}` }
}
