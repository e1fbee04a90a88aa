export type AlertRuleId =
  | 'oldest_item'
  | 'dead_letters'
  | 'breaker_open'
  | 'ack_slow'
  | 'certificate'
  | 'no_events'
  | 'signature_failures'
  | 'journal_in_use'
  | 'redis_down'
  | 'no_worker'

export interface FiringAlert {
  rule: AlertRuleId
  bot?: string
  since: number
  severity: 'warning' | 'critical'
  /** English, one sentence: what and how much. */
  words: string
  /** For the page's own language: the number in the words. */
  value?: number
  told?: number
}

export interface AlertRule {
  id: AlertRuleId
  on: boolean
  /** What it is set to, in words: `older than 5 min`. */
  setting: string
  /** The same in Japanese. */
  settingJa: string
}
