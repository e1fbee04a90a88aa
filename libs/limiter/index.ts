export { accountOf, readAccount } from './account'
export type { BreakerState } from './breaker-watch'
export { holdBot, readHold, releaseBot, tellAccount } from './hold'
export type { Hold, HoldOptions } from './hold'
export { createLimiter } from './limiter'
export type { LimiterOptions, RunningLimiter } from './limiter'
export type {
  Answer,
  BreakerView,
  CallReport,
  CallResult,
  Limiter,
  Permit,
  PermitRequest,
  WaitReason,
} from './permit'
export { readLimits } from './read-limits'
export type { BotBreaker, ClosedScope, LimitsView } from './read-limits'
export { readUse } from './read-use'
export type { LimitUse, LimiterView } from './read-use'
