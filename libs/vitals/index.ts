export { addCounts, countOf, quantileMs, sumOf } from './counts'
export type { Counts, Observed } from './counts'
export { forecast } from './forecast'
export type { ForecastInput, Rates } from './forecast'
export { startVitals } from './heartbeat'
export type { Vitals, VitalsOptions } from './heartbeat'
export { unknownBot } from './keys'
export { createMinuteReader, readCounts } from './read-minutes'
export type { MinuteReader } from './read-minutes'
export { readHistory } from './read-history'
export type { HistoryQuery } from './read-history'
export { readOverview } from './read-overview'
export type { ReadOptions, VitalsOverview } from './read-overview'
export { listBots, readConfigView, readProcesses, rememberBots } from './read-processes'
export type { ConfigView } from './read-processes'
export { readRedisHealth } from './read-redis-health'
export type { RedisServerView } from './read-redis-health'
export type {
  BotOverview,
  BotState,
  Budget,
  Forecast,
  History,
  JournalSummary,
  ProcessKind,
  ProcessSummary,
  ProcessView,
  RedisSummary,
  SettingView,
} from './types'
