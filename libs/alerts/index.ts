export type { AlertRule, AlertRuleId, FiringAlert } from './types'
