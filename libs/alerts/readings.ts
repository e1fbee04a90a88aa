import type { BotOverview, JournalSummary } from '#libs/vitals'

/** What the rules look at. What is left out is not known now: its alerts neither fire nor end. */
export interface AlertReadings {
  bots: BotOverview[]
  journal?: JournalSummary
  /** Webhooks refused for their signature or token over the last five minutes, by bot. A bot that is left out: none. */
  refusedSignatures?: Record<string, number>
  /** When the latest event came, by bot: Unix milliseconds. Without it the evaluator remembers when it saw events. */
  lastEventAt?: Record<string, number>
  /** When the certificate of the public URL ends: Unix milliseconds. */
  certificateEndsAt?: number
}

type More = Pick<AlertReadings, 'refusedSignatures' | 'lastEventAt' | 'certificateEndsAt'>

/** The readings of an overview, and what it does not tell. */
export function alertReadings(
  { bots, journal }: { bots: BotOverview[]; journal: JournalSummary },
  more: { [K in keyof More]: More[K] | undefined } = {},
): AlertReadings {
  const known = Object.fromEntries(Object.entries(more).filter(([, value]) => value !== undefined)) as More
  return { bots, journal, ...known }
}
