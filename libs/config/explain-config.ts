import { basename } from 'node:path'
import type { PlatformName } from '#libs/contract'
import { LineCounter, isNode, parseDocument } from 'yaml'
import { type ConfigReading, type LoadOptions, readConfig } from './load-config'
import { settingsOf } from './platforms'
import type { Problem } from './problem'
import { processSettings } from './process-settings'
import { isUsed } from './read-bot'
import { showRedisUrl } from './redis-url'
import type { ProcessSetting, Role, Setting } from './setting'
import { readTextFile } from './surroundings'

/** A setting as it is in effect. */
export interface ShownSetting {
  /** Its variable; of a bot in the config file its key there. */
  name: string
  /** What it is; of a secret only `set`. Absent when nothing is set. */
  value?: unknown
  secret: boolean
  /** `default`, the variable, or the file with its line; `unset`. */
  origin: string
}

/** The configuration as one process reads it. Holds no secret. */
export interface ExplainedConfig {
  role: Role
  /** Where the bots come from: `environment`, `example accounts`, or the path of the config file. */
  source: string
  settings: ShownSetting[]
  bots: { name: string; platform: PlatformName; settings: ShownSetting[] }[]
  problems: Problem[]
  warnings: string[]
}

/** All that is right and wrong with the settings of a role. Never throws for a setting. */
export function explainConfig(options: LoadOptions<'ingress' | 'worker'>): ExplainedConfig {
  const reading = readConfig(options)
  const { role, source, processes, warnings } = reading
  const placeOf = placesIn(reading, options.readFile ?? readTextFile)
  const rows: ProcessSetting[] = Object.values(processSettings)
  return {
    role,
    source,
    settings: rows
      .filter(({ roles }) => roles.includes(role))
      .map((row) =>
        shown(row, row.env, { value: processes.values[row.field], origin: processes.origins[row.field] }),
      ),
    bots: reading.bots.map(({ bot, origins }) => {
      const platform = bot['platform'] as PlatformName
      const settings = settingsOf(platform)
        .filter(([, setting]) => isUsed(setting, role))
        .map(([key, setting]) => {
          const name = reading.file ? key : setting.env
          return shown(setting, name, { value: bot[key], origin: placeOf(origins[key] ?? 'unset') })
        })
      return { name: String(bot['name']), platform, settings }
    }),
    problems: unique(reading.problems.map((problem) => ({ ...problem, place: placeOf(problem.place) }))),
    warnings: [...new Set([...warnings, ...reading.hints])],
  }
}

function shown(
  setting: Setting,
  name: string,
  { value, origin = 'unset' }: { value: unknown; origin: string | undefined },
): ShownSetting {
  const secret = setting.secret === true
  if (value === undefined) return { name, secret, origin: 'unset' }
  const isRedis = setting.env === processSettings.redisUrl.env
  return { name, value: isRedis ? showRedisUrl(value as string) : secret ? 'set' : value, secret, origin }
}

function unique(problems: Problem[]): Problem[] {
  return [...new Map(problems.map((problem) => [JSON.stringify(problem), problem])).values()]
}

/** Adds file and line to a place in the config file, such as `bots.shop.channelSecret`. */
function placesIn({ file }: ConfigReading, readFile: (path: string) => string): (place: string) => string {
  if (!file) return (place) => place
  const lineOf = linesOf(file.path, readFile)
  return (place) => {
    const line = lineOf(place.split(/[.[\]]+/).filter(Boolean))
    return line === undefined ? place : `${basename(file.path)}:${line} ${place}`
  }
}

/** The line of a path in the file, or of what it would stand below. */
function linesOf(path: string, readFile: (path: string) => string): (keys: string[]) => number | undefined {
  try {
    const lines = new LineCounter()
    const document = parseDocument(readFile(path), {
      schema: 'failsafe',
      prettyErrors: false,
      lineCounter: lines,
    })
    return (keys) => {
      if (keys[0] !== 'bots') return undefined
      for (let length = keys.length; length > 0; length--) {
        const node = document.getIn(keys.slice(0, length), true)
        const start = isNode(node) ? node.range?.[0] : undefined
        if (start !== undefined) return lines.linePos(start).line
      }
      return undefined
    }
  } catch {
    return () => undefined
  }
}
