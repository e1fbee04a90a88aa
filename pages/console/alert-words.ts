import type { AlertRuleId } from '../../apps/console/api-types'
import { count, duration } from '../shared/format'
import type { Language } from '../shared/i18n'

/** What the number of an alert says in Japanese; the server's own words are English. */
const inJapanese: Partial<Record<AlertRuleId, (value: number) => string>> = {
  oldest_item: (seconds) => `最も古いものは ${duration(seconds * 1000, 'ja')}待っています。`,
  dead_letters: (n) => `デッドレターが ${count(n, 'ja')} 件あります。`,
  breaker_open: (n) => `${count(n, 'ja')} 件が待っています。`,
  ack_slow: (ms) => `応答時間(p99): ${duration(ms, 'ja')}。`,
  certificate: (days) => (days < 0 ? '期限が切れています。' : `期限まで ${count(days, 'ja')} 日です。`),
  no_events: (hours) => `営業時間で ${count(hours, 'ja')} 時間、イベントが届いていません。`,
  signature_failures: (n) => `5 分間で ${count(n, 'ja')} 件の Webhook を拒否しました。`,
  journal_in_use: (n) => `ジャーナルに ${count(n, 'ja')} 件のイベントがあります。`,
  no_worker: (n) => `${count(n, 'ja')} 件が待っています。`,
}

interface Told {
  rule: AlertRuleId
  words?: string
  value?: number
}

/** How much, in the page's language where that is known, and which language it is in. */
export function alertDetail(
  { rule, words, value }: Told,
  language: Language,
): { words: string; lang: Language } | undefined {
  const own = language === 'ja' && value !== undefined ? inJapanese[rule]?.(value) : undefined
  if (own !== undefined) return { words: own, lang: 'ja' }
  return words === undefined ? undefined : { words, lang: 'en' }
}
