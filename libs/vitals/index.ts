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
