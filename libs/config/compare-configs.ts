import { isDeepStrictEqual } from 'node:util'
import { processSettings } from './process-settings'
import type { ProcessSetting, Role } from './setting'
import type { ConfigOf } from './types'

/** What is different in a configuration that was read again: names only, no values. */
export interface ConfigChanges {
  /** Names of bots. */
  added: string[]
  changed: string[]
  removed: string[]
  /** Variables of the process's own settings. */
  settings: string[]
}

export function compareConfigs<R extends Role>(before: ConfigOf[R], after: ConfigOf[R]): ConfigChanges {
  const old = new Map(before.bots.map((bot) => [bot.name, bot]))
  const now = new Map(after.bots.map((bot) => [bot.name, bot]))
  const names = [...now.keys()]
  return {
    added: names.filter((name) => !old.has(name)),
    changed: names.filter((name) => old.has(name) && !isDeepStrictEqual(old.get(name), now.get(name))),
    removed: [...old.keys()].filter((name) => !now.has(name)),
    settings: changedSettings(before, after),
  }
}

function changedSettings(before: ConfigOf[Role], after: ConfigOf[Role]): string[] {
  const rows: ProcessSetting[] = Object.values(processSettings)
  const old = new Map<string, unknown>(Object.entries(before))
  const now = new Map<string, unknown>(Object.entries(after))
  return rows
    .filter(
      ({ roles, field }) => roles.includes(before.role) && !isDeepStrictEqual(old.get(field), now.get(field)),
    )
    .map(({ env }) => env)
}
