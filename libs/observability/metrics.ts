import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client'
import { type BacklogSource, createBacklogGauges } from './backlog-gauges'
import { version } from './version'

/** Milliseconds from nothing to well past LINE's two seconds, in seconds. */
const ackBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5]
/** Up to what a call with a token that another worker fetches, or a handler, takes at its default limit. */
const callBuckets = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60]
/** From at once to the age at which an item is given up. */
const waitBuckets = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 300, 900, 3600, 21_600, 86_400]
/** LINE's reply tokens are good for a minute. */
const tokenBuckets = [0, 5, 10, 20, 30, 40, 50, 55, 60]

/** Upper bounds of the buckets, seconds, for who works with what the histograms counted. */
export const bucketBounds = {
  ack: ackBuckets,
  wait: waitBuckets,
  handler: callBuckets,
  permit: waitBuckets,
  send_time: callBuckets,
} as const

export type Metrics = ReturnType<typeof createMetrics>

export interface MetricsOptions {
  /** Asked at every scrape. */
  backlog?: BacklogSource
}

/** All metrics of Hookline, on a registry of their own. Names and labels: docs/metrics.md. */
export function createMetrics({ backlog }: MetricsOptions = {}) {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const registers = [registry]
  tellBuild(registers)
  if (backlog) createBacklogGauges(backlog, registers)
  const counter = <L extends string>(name: string, help: string, labelNames: readonly L[]) =>
    new Counter({ name: `hookline_${name}`, help, labelNames, registers })
  const histogram = <L extends string>(
    name: string,
    help: string,
    labelNames: readonly L[],
    buckets: number[],
  ) => new Histogram({ name: `hookline_${name}`, help, labelNames, buckets, registers })

  return {
    registry,
    webhooks: counter('webhook_requests_total', 'Webhook requests by result', ['bot', 'result']),
    ackSeconds: histogram(
      'webhook_ack_seconds',
      'From the start of a webhook request to the 200',
      ['bot', 'platform'],
      ackBuckets,
    ),
    events: counter('events_total', 'Events stored, by type', ['bot', 'type']),
    pushes: counter('push_requests_total', 'Requests to the push API by result', ['bot', 'result']),
    consoleLogins: counter('console_logins_total', 'Attempts to log in to the console, by result', [
      'result',
    ]),
    unconfirmedEvents: counter('unconfirmed_events_total', 'Events stored without the replicas asked for', [
      'bot',
    ]),
    unknownEvents: counter('unknown_events_total', 'Authentic events of unknown type or shape', ['bot']),
    duplicates: counter('duplicate_events_total', 'Deliveries of an event that was stored before', ['bot']),
    ignoredEvents: counter('ignored_events_total', 'Events that are not for the handler', ['bot', 'reason']),
    items: counter('items_total', 'Lane items by outcome', ['bot', 'outcome']),
    itemWaitSeconds: histogram('item_wait_seconds', 'From stored to first started', ['bot'], waitBuckets),
    handlerSeconds: histogram('handler_seconds', 'Run time of the handler', ['bot'], callBuckets),
    sends: counter('sends_total', 'API calls that send messages, by result', ['bot', 'operation', 'result']),
    sendSeconds: histogram(
      'send_seconds',
      'Duration of an API call that sends',
      ['bot', 'operation'],
      callBuckets,
    ),
    apiCalls: counter('api_calls_total', 'API calls of handlers beside messages, by result', [
      'bot',
      'operation',
      'result',
    ]),
    apiCallSeconds: histogram(
      'api_call_seconds',
      'Duration of an API call of a handler',
      ['bot', 'operation'],
      callBuckets,
    ),
    tokenMints: counter('token_mints_total', 'Access tokens fetched from the platform', ['bot']),
    suppressedReplies: counter('suppressed_replies_total', 'Replies where nobody can be answered', [
      'bot',
      'type',
    ]),
    uncertainSends: counter('uncertain_sends_total', 'Calls repeated although they may have been done', [
      'bot',
      'operation',
    ]),
    muted: counter('muted_total', 'Times that a group was held for answering without end', ['bot']),
    permitWaitSeconds: histogram(
      'permit_wait_seconds',
      'How long a call waited for its permit',
      ['bot', 'operation'],
      waitBuckets,
    ),
    callsHeld: counter('calls_held_total', 'Calls that had to wait for their permit', ['bot', 'reason']),
    scopeClosed: counter('scope_closed_total', 'Answers 429 that closed a limit for all who share it', [
      'bot',
      'operation',
      'reason',
    ]),
    replySecondsLeft: histogram(
      'reply_seconds_left',
      'What was left of a reply token when the reply was sent',
      ['bot'],
      tokenBuckets,
    ),
    lateReplies: counter('late_replies_total', 'Replies whose token had run out', ['bot', 'result']),
    breakerState: new Gauge({
      name: 'hookline_breaker_state',
      help: 'Whether sending goes on: 0 it does, 1 opening up again, 2 held because the platform fails',
      labelNames: ['bot'],
      registers,
    }),
    journalEvents: counter('journal_events_total', 'Events kept in the journal', ['bot']),
    journalDrained: counter('journal_drained_total', 'Events posted from the journal', ['bot']),
    journalDamaged: counter('journal_damaged_total', 'Parts of journal files that could not be read', []),
    journalAppendSeconds: histogram(
      'journal_append_seconds',
      'Until appended events are on the disk',
      [],
      ackBuckets,
    ),
    journalPending: new Gauge({
      name: 'hookline_journal_pending_events',
      help: 'Events in the journal folder, of all processes, that are not drained yet',
      registers,
    }),
    journalBytes: new Gauge({
      name: 'hookline_journal_bytes',
      help: 'Size of the journal files that are not drained yet',
      registers,
    }),
    timersFired: counter('timers_fired_total', 'Timers and schedules whose time came', [
      'bot',
      'kind',
      'result',
    ]),
    activeDrains: new Gauge({
      name: 'hookline_active_drains',
      help: 'Lanes being drained now',
      labelNames: ['bot'],
      registers,
    }),
  }
}

/** Always 1: for the versions that run, and for joins. */
function tellBuild(registers: Registry[]): void {
  const help = 'The version that runs, always 1'
  new Gauge({ name: 'hookline_build_info', help, labelNames: ['version'], registers }).set(
    { version: version() },
    1,
  )
}
