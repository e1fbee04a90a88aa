import { settingsOf } from './platforms'
import { processSettings } from './process-settings'
import { isUsed } from './read-bot'
import type { ProcessSetting, Role, Setting } from './setting'
import type { ConfigOf } from './types'
import { showRedisUrl } from './redis-url'

/** The effective settings for the start-up log line: secrets as `set` or `unset`, nothing that grants access. */
export function describeConfig(config: ConfigOf[Role]): Record<string, unknown> {
  const { role, source } = config
  const rows: ProcessSetting[] = Object.values(processSettings)
  const shown = rows.filter(({ roles }) => roles.includes(role)).map((row) => [row.field, row] as const)
  const redis = 'redisUrl' in config ? { redisUrl: showRedisUrl(config.redisUrl) } : {}
  const bots = config.bots.map((bot) => describeBot(bot, role))
  return { role, source, ...describe(config, shown), ...redis, bots }
}

function describeBot(bot: ConfigOf[Role]['bots'][number], role: Role): Record<string, unknown> {
  const shown = settingsOf(bot.platform).filter(([, setting]) => isUsed(setting, role))
  return { name: bot.name, platform: bot.platform, ...describe(bot, shown) }
}

function describe(
  config: object,
  rows: (readonly [field: string, setting: Setting])[],
): Record<string, unknown> {
  const values = new Map<string, unknown>(Object.entries(config))
  return Object.fromEntries(
    rows.map(([field, { secret }]) => {
      const value = values.get(field)
      return [field, secret ? (value === undefined ? 'unset' : 'set') : value]
    }),
  )
}
