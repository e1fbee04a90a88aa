import type { Head, Item } from '#libs/mailbox'
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

/** The fields of the one log line about it; docs/metrics.md lists them. Nothing that was said, no token. */
export function itemLine({ bot, head, outcome, effort, ...rest }: Try): Record<string, unknown> {
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

function effortFields({ handlerMs, permitWaitMs, sendMs, replySecondsLeft }: Effort) {
  const fields = {
    handler_ms: rounded(handlerMs),
    permit_wait_ms: rounded(permitWaitMs),
    send_ms: rounded(sendMs),
    reply_seconds_left: rounded(replySecondsLeft),
  }
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
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
