export type { BreakerState } from './breaker-watch'
export { createLimiter } from './limiter'
export type {
  Answer,
  BreakerView,
  CallReport,
  CallResult,
  Limiter,
  LimiterOptions,
  Permit,
  PermitRequest,
  WaitReason,
} from './limiter'
export { readLimits } from './read-limits'
export type { BotBreaker, ClosedScope, LimitsView } from './read-limits'
