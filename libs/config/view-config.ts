import type { PlatformName } from '#libs/contract'
import { settingsOf } from './platforms'
import { processSettings } from './process-settings'
import { isUsed } from './read-bot'
import { showRedisUrl } from './redis-url'
import type { ProcessSetting, Role, Setting } from './setting'
import type { ConfigOf } from './types'

/** One setting in effect, for people: of a secret only whether it is set. */
export interface ViewedSetting {
  /** Its variable; of a bot its key in the config file. */
  name: string
  value?: string
  secret?: 'set' | 'unset'
}

/** The settings that a process goes by. Holds no secret. */
export interface ViewedConfig {
  settings: ViewedSetting[]
  bots: { bot: string; platform: PlatformName; settings: ViewedSetting[] }[]
}

/** The effective settings of a process, as texts. */
export function viewConfig(config: ConfigOf[Role]): ViewedConfig {
  const rows: ProcessSetting[] = Object.values(processSettings)
  const values = new Map<string, unknown>(Object.entries(config))
  const settings = rows
    .filter(({ roles }) => roles.includes(config.role))
    .map((row) => {
      const value = values.get(row.field)
      // Without the credentials that may be in it the address is no secret, and worth seeing.
      if (row.env === processSettings.redisUrl.env && typeof value === 'string')
        return { name: row.env, value: showRedisUrl(value) }
      return view(row.env, row, value)
    })
  return { settings, bots: config.bots.map((bot) => viewBot(bot, config.role)) }
}

function viewBot(bot: ConfigOf[Role]['bots'][number], role: Role): ViewedConfig['bots'][number] {
  const values = new Map<string, unknown>(Object.entries(bot))
  const used = settingsOf(bot.platform).filter(([, setting]) => isUsed(setting, role))
  const settings = used.map(([key, setting]) => view(key, setting, values.get(key)))
  return { bot: bot.name, platform: bot.platform, settings }
}

function view(name: string, { secret }: Setting, value: unknown): ViewedSetting {
  const isSet = value !== undefined && !(Array.isArray(value) && value.length === 0)
  if (secret) return { name, secret: isSet ? 'set' : 'unset' }
  if (!isSet) return { name }
  return { name, value: typeof value === 'string' ? value : JSON.stringify(value) }
}
