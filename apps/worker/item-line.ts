import { type FeedEntry, type Head, type Item, callsOf } from '#libs/mailbox'
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
  const { messages, states } = countCalls(item)
  // What is undefined is left out by JSON itself; objects spread into this one would take longer than all else here.
  const line: ItemLine = {
    bot,
    platform,
    event: item.id,
    type,
    conversation: `${conversation.kind}:${conversation.id}`,
    attempt: rest.failuresBefore + 1,
    starts: crashes + 1,
    replays: item.replays,
    wait_ms: rest.startedAt - item.postedAt,
    work_ms: Date.now() - rest.startedAt,
    handler_ms: toTenths(effort.handlerMs),
    permit_wait_ms: toTenths(effort.permitWaitMs),
    send_ms: toTenths(effort.sendMs),
    reply_seconds_left: toTenths(effort.replySecondsLeft),
    messages,
    calls: states,
    failures: item.failures,
    outcome: outcome.kind,
    trace_id: rest.traceId,
  }
  if (outcome.kind !== 'done') Object.assign(line, whyNot(outcome, item))
  else if (outcome.reason !== undefined) line['reason'] = outcome.reason
  return line
}

/** What of the line goes to those who follow: not the words of an error, which may quote what a user said. */
export function feedEntry(line: ItemLine): FeedEntry {
  const entry: Record<keyof FeedEntry, unknown> = {
    kind: 'item',
    at: Date.now(),
    bot: line['bot'],
    platform: line['platform'],
    event: line['event'],
    type: line['type'],
    conversation: line['conversation'],
    outcome: line['outcome'],
    reason: line['reason'],
    attempt: line['attempt'],
    messages: line['messages'],
    wait_ms: line['wait_ms'],
    work_ms: line['work_ms'],
    handler_ms: line['handler_ms'],
    permit_wait_ms: line['permit_wait_ms'],
    send_ms: line['send_ms'],
    delay_ms: line['delay_ms'],
  }
  return entry as FeedEntry
}

/** Milliseconds and seconds to a tenth. */
function toTenths(value: number | undefined): number | undefined {
  return value === undefined ? undefined : Math.round(value * 10) / 10
}

function countCalls(item: Item) {
  const states: Record<string, number> = {}
  let messages = 0
  for (const call of callsOf(item)) {
    states[call.state] = (states[call.state] ?? 0) + 1
    messages += call.messages.length
  }
  return { messages, states }
}

function whyNot(outcome: Exclude<Outcome, { kind: 'done' }>, item: Item): ItemLine {
  switch (outcome.kind) {
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
