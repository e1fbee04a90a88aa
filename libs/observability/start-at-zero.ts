import type { ApiErrorCode, PlatformName, RefusalReason } from '#libs/contract'
import type { Metrics } from './metrics'

interface KnownBot {
  name: string
  platform: PlatformName
}

/** A missing or a surplus one does not compile. */
const refusals: Record<RefusalReason, true> = {
  signature_missing: true,
  signature_mismatch: true,
  token_mismatch: true,
  bot_id_mismatch: true,
  not_json: true,
}
const apiErrors: Record<ApiErrorCode, true> = {
  api_unauthorized: true,
  api_rate_limited: true,
  api_quota_exhausted: true,
  api_reply_token_invalid: true,
  api_rejected: true,
  api_unavailable: true,
  api_outcome_unknown: true,
}
const answered = ['stored', 'journaled', 'challenge', 'unavailable', 'too_large', 'error']
const webhookResults = [...answered, ...Object.keys(refusals)]
const pushResults = ['stored', 'journaled', 'invalid', 'conflict', 'too_large', 'unavailable', 'error']
const sendResults = ['sent', 'error', ...Object.keys(apiErrors)]
/** Why an event is not for the handler, by platform. */
const ignored: Record<PlatformName, string[]> = {
  line: ['standby', 'unsent'],
  lineworks: [],
  tocaro: ['own_message'],
}
/** What becomes of a timer or schedule whose time has come. */
const timerResults = {
  timer: ['posted', 'repeated', 'cancelled'],
  schedule: ['posted', 'repeated', 'late', 'unwanted'],
}
const operations: Record<PlatformName, string[]> = {
  line: ['reply', 'push'],
  lineworks: ['users.messages', 'channels.messages'],
  tocaro: ['groups.messages', 'inbound_webhook'],
}

/**
 * Prometheus sees no increase in a series that begins with 1, so an alert would miss the first failure of a process.
 * The counters whose label values are known for a bot are there from the start; nothing counted is lost.
 */
export function startIngressAtZero(metrics: Metrics, bots: readonly KnownBot[]): void {
  for (const { name: bot } of bots) {
    for (const result of webhookResults) metrics.webhooks.inc({ bot, result }, 0)
    for (const result of pushResults) metrics.pushes.inc({ bot, result }, 0)
    for (const counter of [metrics.duplicates, metrics.unknownEvents]) counter.inc({ bot }, 0)
    for (const counter of [metrics.journalEvents, metrics.journalDrained]) counter.inc({ bot }, 0)
  }
}

/** The same for what workers count. */
export function startWorkerAtZero(metrics: Metrics, bots: readonly KnownBot[]): void {
  for (const { name: bot, platform } of bots) {
    for (const outcome of ['done', 'retry', 'postpone', 'park']) metrics.items.inc({ bot, outcome }, 0)
    for (const reason of ['limit', 'closed', 'breaker', 'hold']) metrics.callsHeld.inc({ bot, reason }, 0)
    for (const operation of operations[platform]) startCallsAtZero(metrics, bot, operation)
    for (const reason of ignored[platform]) metrics.ignoredEvents.inc({ bot, reason }, 0)
    metrics.ignoredEvents.inc({ bot, reason: 'timer_cancelled' }, 0)
    for (const [kind, results] of Object.entries(timerResults))
      for (const result of results) metrics.timersFired.inc({ bot, kind, result }, 0)
    metrics.tokenMints.inc({ bot }, 0)
    metrics.activeDrains.inc({ bot }, 0)
    if (platform === 'tocaro') metrics.muted.inc({ bot }, 0)
    if (platform === 'line') startLineAtZero(metrics, bot)
  }
}

function startCallsAtZero(metrics: Metrics, bot: string, operation: string): void {
  for (const result of sendResults) metrics.sends.inc({ bot, operation, result }, 0)
  metrics.uncertainSends.inc({ bot, operation }, 0)
  metrics.scopeClosed.inc({ bot, operation, reason: 'rate' }, 0)
}

function startLineAtZero(metrics: Metrics, bot: string): void {
  metrics.sends.inc({ bot, operation: 'reply', result: 'maybe_sent' }, 0)
  metrics.scopeClosed.inc({ bot, operation: 'push', reason: 'quota' }, 0)
  for (const result of ['push', 'park', 'drop']) metrics.lateReplies.inc({ bot, result }, 0)
}
