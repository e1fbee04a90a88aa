export { compareConfigs } from './compare-configs'
export type { ConfigChanges } from './compare-configs'
export { inspectConfig } from './inspect-config'
export type { BotInspection, ConfigInspection } from './inspect-config'
export type { Problem } from './problem'
export { loadConfig } from './load-config'
export type { LoadOptions } from './load-config'
export { explainConfig } from './explain-config'
export type { ExplainedConfig, ShownSetting } from './explain-config'
export { describeConfig } from './describe-config'
export { viewConfig } from './view-config'
export type { ViewedConfig, ViewedSetting } from './view-config'
export { baseUrlEnv } from './example-accounts'
export { parseRedisUrl, showRedisUrl } from './redis-url'
export type { RedisPlace } from './redis-url'
export type { ConsoleUser } from './console-users'
export type { Role } from './setting'
export { parseBusinessHours } from './business-hours'
export type { BusinessSpan } from './business-hours'
export type {
  AlertConfig,
  ConfigOf,
  ConsoleConfig,
  EmulatorBot,
  EmulatorConfig,
  IngressBot,
  IngressConfig,
  OperatorConfig,
  WorkerBot,
  WorkerConfig,
} from './types'
export { platformVariables, renderPlatformExample } from './render-env-example'
