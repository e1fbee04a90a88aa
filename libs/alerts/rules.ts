import { type AlertConfig, parseBusinessHours } from '#libs/config'
import type { BotOverview } from '#libs/vitals'
import { businessMs } from './business-time'
import type { AlertReadings } from './readings'
import type { AlertRule, AlertRuleId } from './types'
import { type Words, count, span } from './words'

/** Something that a rule is set to tell of, as it is now. */
export interface Finding {
  rule: AlertRuleId
  bot?: string
  severity: 'warning' | 'critical'
  words: Words
  /** The number in the words. */
  value?: number
}

type Found = Omit<Finding, 'rule'>

/** What a rule sees. */
export interface Situation {
  readings: AlertReadings
  settings: AlertConfig
  now: number
  /** When an event of a bot came last, as far as that is known. */
  lastEventAt: (bot: string) => number
}

interface Rule {
  isOn: (settings: AlertConfig) => boolean
  setting: (settings: AlertConfig) => Words
  /** Undefined: not known now. */
  find: (situation: Situation) => Found[] | undefined
  /** It must hold for so long before it is told: milliseconds. */
  holdMs?: (settings: AlertConfig) => number
}

const dayMs = 24 * 3_600_000
const hourMs = 3_600_000

const en = (ms: number) => span(ms, 'en')
const ja = (ms: number) => span(ms, 'ja')

const rules: Record<AlertRuleId, Rule> = {
  oldest_item: {
    isOn: ({ alertOldestItemMs }) => alertOldestItemMs > 0,
    setting: ({ alertOldestItemMs }) => ({
      en: `older than ${en(alertOldestItemMs)}`,
      ja: `最も古いものが ${ja(alertOldestItemMs)}を超えたとき`,
    }),
    find: ({ readings, settings }) =>
      readings.bots.flatMap((bot) => oldestItem(bot, settings.alertOldestItemMs)),
  },
  dead_letters: {
    isOn: ({ alertDeadLetters }) => alertDeadLetters > 0,
    setting: ({ alertDeadLetters }) => ({
      en: `${alertDeadLetters} or more, and again when there are more`,
      ja: `${alertDeadLetters} 件以上のとき(増えたときは再び通知)`,
    }),
    find: ({ readings, settings }) =>
      readings.bots
        .filter(({ deadLetters }) => deadLetters >= settings.alertDeadLetters)
        .map(({ bot, deadLetters: value }) => ({
          ...{ bot, value, severity: 'warning' },
          words: {
            en: `${count(value, 'dead letter')} to look at.`,
            ja: `デッドレターが ${value} 件あります。`,
          },
        })),
  },
  breaker_open: {
    isOn: ({ alertBreakerMs }) => alertBreakerMs > 0,
    setting: ({ alertBreakerMs }) => ({
      en: `for longer than ${en(alertBreakerMs)}`,
      ja: `${ja(alertBreakerMs)}以上続いたとき`,
    }),
    holdMs: ({ alertBreakerMs }) => alertBreakerMs,
    find: ({ readings }) => readings.bots.filter(isHeld).map(held),
  },
  ack_slow: {
    isOn: ({ alertAckPercent }) => alertAckPercent > 0,
    setting: ({ alertAckPercent }) => ({
      en: `p99 above ${alertAckPercent} % of the platform’s deadline`,
      ja: `p99 がプラットフォームの制限時間の ${alertAckPercent}% を超えたとき`,
    }),
    find: ({ readings, settings }) => readings.bots.flatMap((bot) => slowAck(bot, settings.alertAckPercent)),
  },
  certificate: {
    isOn: ({ alertCertificateDays, ingressPublicUrl }) =>
      alertCertificateDays > 0 && ingressPublicUrl !== undefined,
    setting: ({ alertCertificateDays, ingressPublicUrl }) =>
      ingressPublicUrl === undefined
        ? { en: 'HOOKLINE_PUBLIC_URL is not set', ja: 'HOOKLINE_PUBLIC_URL が未設定' }
        : {
            en: `expires within ${count(alertCertificateDays, 'day')}`,
            ja: `期限まで ${alertCertificateDays} 日を切ったとき`,
          },
    find: ({ readings: { certificateEndsAt }, settings, now }) =>
      certificateEndsAt === undefined
        ? undefined
        : endingCertificate(Math.floor((certificateEndsAt - now) / dayMs), settings.alertCertificateDays),
  },
  no_events: {
    isOn: ({ alertNoEventsHours }) => alertNoEventsHours > 0,
    setting: ({ alertNoEventsHours, alertBusinessHours, alertTimeZone }) => ({
      en: `for ${count(alertNoEventsHours, 'business hour')} (${alertBusinessHours}, ${alertTimeZone})`,
      ja: `営業時間で ${alertNoEventsHours} 時間続いたとき(${alertBusinessHours}、${alertTimeZone})`,
    }),
    find: (situation) => situation.readings.bots.flatMap((bot) => silence(bot, situation)),
  },
  signature_failures: {
    isOn: ({ alertSignatureFailures }) => alertSignatureFailures > 0,
    setting: ({ alertSignatureFailures }) => ({
      en: `${alertSignatureFailures} or more within 5 min`,
      ja: `5 分間で ${alertSignatureFailures} 件以上のとき`,
    }),
    find: ({ readings: { refusedSignatures }, settings }) =>
      refusedSignatures &&
      Object.entries(refusedSignatures)
        .filter(([, refused]) => refused >= settings.alertSignatureFailures)
        .map(([bot, value]) => ({
          ...{ bot, value, severity: 'warning' },
          words: {
            en: `${count(value, 'webhook')} refused within 5 min for a wrong signature or token.`,
            ja: `署名またはトークンが正しくない Webhook を 5 分間で ${value} 件拒否しました。`,
          },
        })),
  },
  journal_in_use: {
    isOn: ({ alertJournalEvents }) => alertJournalEvents > 0,
    setting: ({ alertJournalEvents }) => ({
      en: `${count(alertJournalEvents, 'event')} or more`,
      ja: `イベントが ${alertJournalEvents} 件以上のとき`,
    }),
    find: ({ readings: { journal }, settings }) =>
      journal && usedJournal(journal, settings.alertJournalEvents),
  },
  redis_down: {
    isOn: ({ alertRedisMs }) => alertRedisMs > 0,
    setting: ({ alertRedisMs }) => ({
      en: `for longer than ${en(alertRedisMs)}, from this console`,
      ja: `このコンソールから ${ja(alertRedisMs)}以上接続できないとき`,
    }),
    holdMs: ({ alertRedisMs }) => alertRedisMs,
    // Not read from Redis: see `redisFinding`.
    find: () => undefined,
  },
  no_worker: {
    isOn: ({ alertNoWorkerMs }) => alertNoWorkerMs > 0,
    setting: ({ alertNoWorkerMs }) => ({
      en: `events wait for longer than ${en(alertNoWorkerMs)}`,
      ja: `イベントが ${ja(alertNoWorkerMs)}以上待っているとき`,
    }),
    holdMs: ({ alertNoWorkerMs }) => alertNoWorkerMs,
    find: ({ readings }) =>
      readings.bots
        .filter(({ workers, waiting }) => workers === 0 && waiting.items > 0)
        .map(({ bot, waiting: { items: value } }) => ({
          ...{ bot, value, severity: 'critical' },
          words: {
            en: `${count(value, 'event')} waiting, and no worker runs for this bot.`,
            ja: `イベントが ${value} 件待っていますが、このボットを処理する worker がいません。`,
          },
        })),
  },
}

function oldestItem({ bot, state, waiting }: BotOverview, limitMs: number): Found[] {
  const { oldestAgeMs, items } = waiting
  if (items === 0 || oldestAgeMs <= limitMs) return []
  const isStopped = state === 'paused' || state === 'held'
  const stopped = {
    en: ` The bot is ${state}.`,
    ja: `ボットは${state === 'paused' ? '一時停止中' : '送信保留中'}です。`,
  }
  const words = {
    en: `The oldest of ${count(items, 'waiting item')} is ${en(oldestAgeMs)} old.${isStopped ? stopped.en : ''}`,
    ja: `${items} 件が待っています。最も古いものは ${ja(oldestAgeMs)}待っています。${isStopped ? stopped.ja : ''}`,
  }
  return [{ bot, severity: 'warning', value: Math.floor(oldestAgeMs / 1000), words }]
}

/** Let through again with nothing to send, it only waits for somebody to speak. */
function isHeld({ breaker, waiting }: BotOverview): boolean {
  return breaker.state === 'held' || (breaker.state === 'opening' && waiting.items > 0)
}

function held({ bot, waiting: { items } }: BotOverview): Found {
  const words = {
    en: `Sending is held, because the platform fails; ${count(items, 'item')} waiting.`,
    ja: `プラットフォームの障害により送信を保留しています。${items} 件が待っています。`,
  }
  return { bot, severity: 'critical', value: items, words }
}

function slowAck({ bot, ack }: BotOverview, percent: number): Found[] {
  if (ack?.deadlineMs === undefined || ack.p99Ms <= (ack.deadlineMs * percent) / 100) return []
  const [value, deadline] = [Math.round(ack.p99Ms), Math.round(ack.deadlineMs)]
  const words = {
    en: `The slowest answers to webhooks take ${value} ms (p99) of the ${deadline} ms that the platform allows.`,
    ja: `Webhook への応答時間(p99)が ${value} ms に達しています。プラットフォームの制限時間は ${deadline} ms です。`,
  }
  return [{ bot, severity: value >= deadline ? 'critical' : 'warning', value, words }]
}

const urgentDays = 7

function endingCertificate(days: number, limit: number): Found[] {
  if (days >= limit) return []
  const words =
    days < 0
      ? { en: 'It has expired: every webhook fails.', ja: '期限が切れています。Webhook はすべて失敗します。' }
      : { en: `It expires in ${count(days, 'day')}.`, ja: `期限まで ${days} 日です。` }
  return [{ severity: days < urgentDays ? 'critical' : 'warning', value: days, words }]
}

function silence({ bot }: BotOverview, { settings, now, lastEventAt }: Situation): Found[] {
  const spans = parseBusinessHours(settings.alertBusinessHours) ?? []
  const silentMs = businessMs(lastEventAt(bot), now, { spans, zone: settings.alertTimeZone })
  if (silentMs < settings.alertNoEventsHours * hourMs) return []
  const value = Math.floor(silentMs / hourMs)
  const words = {
    en: `No event for ${count(value, 'business hour')}.`,
    ja: `営業時間で ${value} 時間、イベントが届いていません。`,
  }
  return [{ bot, severity: 'warning', value, words }]
}

function usedJournal(
  { events, bytes, maxBytes }: NonNullable<AlertReadings['journal']>,
  limit: number,
): Found[] {
  if (events < limit) return []
  const percent = maxBytes > 0 ? Math.round((100 * bytes) / maxBytes) : 0
  const words = {
    en: `${count(events, 'event')} in the journal, which is ${percent} % full.`,
    ja: `ジャーナルに ${events} 件のイベントがあります(使用率 ${percent}%)。`,
  }
  return [{ severity: percent >= 50 ? 'critical' : 'warning', value: events, words }]
}

/** Seen by each console for itself: what is kept in Redis can't say it. */
export function redisFinding(): Finding {
  const words = {
    en: 'The console can’t reach Redis.',
    ja: 'コンソールから Redis に接続できません。',
  }
  return { rule: 'redis_down', severity: 'critical', words }
}

const ids = Object.keys(rules) as AlertRuleId[]

/** What the rules that are on find, and which of them could see anything. */
export function findAll(situation: Situation): { findings: Finding[]; known: Set<AlertRuleId> } {
  const known = new Set<AlertRuleId>()
  const findings = ids.flatMap((rule) => {
    if (!rules[rule].isOn(situation.settings)) return []
    const found = rules[rule].find(situation)
    if (found) known.add(rule)
    return (found ?? []).map((one) => ({ rule, ...one }))
  })
  return { findings, known }
}

export function isOn(rule: AlertRuleId, settings: AlertConfig): boolean {
  return rules[rule].isOn(settings)
}

export function holdMs(rule: AlertRuleId, settings: AlertConfig): number {
  return rules[rule].holdMs?.(settings) ?? 0
}

export function ruleList(settings: AlertConfig): AlertRule[] {
  return ids.map((id) => {
    const on = rules[id].isOn(settings)
    const setting = on || id === 'certificate' ? rules[id].setting(settings) : { en: 'off', ja: 'オフ' }
    return { id, on, setting: setting.en, settingJa: setting.ja }
  })
}
