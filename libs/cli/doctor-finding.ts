/** `skipped`: could not be looked at, and `found` says why. */
export type FindingState = 'ok' | 'warning' | 'problem' | 'skipped'

/** What one check found. Never holds a secret. */
export interface Finding {
  /** Stable name for scripts: `line-token`. */
  id: string
  /** What was looked at, for people. */
  name: string
  state: FindingState
  /** The value or what is wrong with it. */
  found: string
  /** One line: what goes wrong because of it. */
  why?: string
  /** The exact command or place. */
  remedy?: string
}

/** The checks of one thing: the configuration, Redis, a bot. */
export interface FindingGroup {
  title: string
  /** Name of the bot, for groups about one. */
  bot?: string
  platform?: string
  findings: Finding[]
}

/** What a check is called. */
export type Subject = Pick<Finding, 'id' | 'name'>

/** What is said about something that is not in order. */
export interface Fault {
  found: string
  why: string
  remedy: string
}

export const ok = (subject: Subject, found: string): Finding => ({ ...subject, state: 'ok', found })
export const skipped = (subject: Subject, found: string): Finding => ({ ...subject, state: 'skipped', found })
export const warning = (subject: Subject, fault: Fault): Finding => ({
  ...subject,
  state: 'warning',
  ...fault,
})
export const problem = (subject: Subject, fault: Fault): Finding => ({
  ...subject,
  state: 'problem',
  ...fault,
})

export function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
