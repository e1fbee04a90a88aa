import type { FeedEntry, Head, Item } from '#libs/mailbox'
import type { Effort } from './effort'
import type { Outcome } from './outcome'

/** One try of an item, when it is over. */
export interface Try {
  bot: string
  head: Head
  outcome: Outcome
  effort: Effort
  /** Failed tries before this one. */
  failuresBefore: number
  /** Unix milliseconds. */
  startedAt: number
  traceId: string | undefined
}

export type ItemLine = Record<string, unknown>

/** The fields of the one log line about it; docs/metrics.md lists them. Nothing that was said, no token. */
export function itemLine({ bot, head, outcome, effort, ...rest }: Try): ItemLine {
  const { item, crashes } = head
  const { platform, type, conversation } = item.event
  return {
    bot,
    platform,
    event: item.id,
    type,
    conversation: `${conversation.kind}:${conversation.id}`,
    attempt: rest.failuresBefore + 1,
    starts: crashes + 1,
    ...(item.replays === undefined ? {} : { replays: item.replays }),
    wait_ms: rest.startedAt - item.postedAt,
    work_ms: Date.now() - rest.startedAt,
    ...effortFields(effort),
    ...callFields(item),
    failures: item.failures,
    outcome: outcome.kind,
    ...outcomeFields(outcome, item),
    ...(rest.traceId === undefined ? {} : { trace_id: rest.traceId }),
  }
}

/** What of the line goes to those who follow: not the words of an error, which may quote what a user said. */
export function feedEntry(line: ItemLine): FeedEntry {
  const entry: Record<string, unknown> = { kind: 'item', at: Date.now() }
  for (const field of feedFields) if (line[field] !== undefined) entry[field] = line[field]
  return entry as unknown as FeedEntry
}

const feedFields = [
  ...([
    'bot',
    'platform',
    'event',
    'type',
    'conversation',
    'outcome',
    'reason',
    'attempt',
    'messages',
  ] as const),
  ...(['wait_ms', 'work_ms', 'handler_ms', 'permit_wait_ms', 'send_ms', 'delay_ms'] as const),
] satisfies (keyof FeedEntry)[]

/** Milliseconds and seconds to a tenth; what was not measured is left out of a line by JSON itself. */
function effortFields({ handlerMs, permitWaitMs, sendMs, replySecondsLeft }: Effort) {
  return {
    handler_ms: rounded(handlerMs),
    permit_wait_ms: rounded(permitWaitMs),
    send_ms: rounded(sendMs),
    reply_seconds_left: rounded(replySecondsLeft),
  }
}

function rounded(value: number | undefined): number | undefined {
  return value === undefined ? undefined : Math.round(value * 10) / 10
}

function callFields({ calls, pushes }: Item) {
  const all = [...pushes.flat(), ...calls]
  const states: Record<string, number> = {}
  for (const { state } of all) states[state] = (states[state] ?? 0) + 1
  return { messages: all.reduce((sum, call) => sum + call.messages.length, 0), calls: states }
}

function outcomeFields(outcome: Outcome, item: Item): Record<string, unknown> {
  switch (outcome.kind) {
    case 'done':
      return outcome.reason === undefined ? {} : { reason: outcome.reason }
    case 'postpone':
      return { reason: outcome.reason, delay_ms: Math.round(outcome.delayMs) }
    case 'retry': {
      const last = item.attempts.at(-1)
      return { reason: last?.code, delay_ms: Math.round(outcome.delayMs), words: last?.words }
    }
    case 'park':
      return { reason: outcome.reason, words: outcome.explanation }
  }
}
