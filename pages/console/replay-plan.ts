import type { DeadLetterView, ReplayView } from '../../apps/console/api-types'

/** What a replay of several dead letters would do, added up. */
export interface PlanSum {
  letters: number
  /** Those that can't be replayed this way. */
  impossible: number
  handlers: number
  /** Calls that go out, and how many messages they carry. */
  sends: number
  messages: number
  /** Of the calls that go out. */
  billed: number
  maybeTwice: number
  /** Calls that stay sent, and that are given up. */
  stays: number
  dropped: number
}

export function sumPlans(plans: ReplayView[]): PlanSum {
  const possible = plans.filter((plan) => plan.possible)
  const calls = possible.flatMap((plan) => plan.calls)
  const sends = calls.filter(({ does }) => does === 'send')
  return {
    letters: plans.length,
    impossible: plans.length - possible.length,
    handlers: possible.filter(({ runsHandler }) => runsHandler).length,
    sends: sends.length,
    messages: sends.reduce((sum, { messages }) => sum + messages, 0),
    billed: sends.filter(({ billed }) => billed).length,
    maybeTwice: sends.filter(({ maybeTwice }) => maybeTwice).length,
    stays: calls.filter(({ does }) => does === 'stays_sent').length,
    dropped: calls.filter(({ does }) => does === 'drop').length,
  }
}

/** So many letters are read for the plan of a bulk; the rest is not looked at, and that is said. */
export const planned = 30

/** Reads the letters for a plan, a few at a time. Those that went meanwhile are left out. */
export async function readForPlan(
  letters: { bot: string; id: string }[],
  read: (letter: { bot: string; id: string }) => Promise<DeadLetterView>,
): Promise<DeadLetterView[]> {
  const views: DeadLetterView[] = []
  for (let at = 0; at < Math.min(letters.length, planned); at += 6) {
    const some = letters.slice(at, Math.min(at + 6, planned))
    const answers = await Promise.allSettled(some.map(read))
    views.push(...answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : [])))
  }
  return views
}
