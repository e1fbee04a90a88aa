import { openConfigFile, type ConfigFile } from './config-file'
import { withExampleAccounts } from './example-accounts'
import { findVariable, platformsInEnvironment } from './find-variable'
import { platformNames, settingsOf } from './platforms'
import type { Problem } from './problem'
import { processSettings } from './process-settings'
import { environmentBot, fileBot, readBot, type BotSource } from './read-bot'
import { readSetting } from './read-setting'
import type { ProcessSetting } from './setting'
import { readTextFile, type Surroundings } from './surroundings'
import type { EmulatorBot } from './types'
import { variableTypos } from './variable-typos'

/** One bot as far as it can be read. */
export interface BotInspection {
  /** What is there and in order, of both sides. */
  settings: EmulatorBot
  problems: Problem[]
  warnings: string[]
}

/** Everything that can be said about a configuration, for one who looks for faults in it. */
export interface ConfigInspection {
  /** `environment`, `example accounts`, or the absolute path of the config file. */
  source: string
  /** Those of no single bot. */
  problems: Problem[]
  warnings: string[]
  bots: BotInspection[]
  /** The settings of ingress and worker by the names of their variables; without those that are wrong. */
  processes: Record<string, unknown>
  /** Files that hold secrets, as far as the configuration names them. */
  secretFiles: string[]
}

export interface InspectOptions {
  /** Whose settings are asked for. */
  roles: ('ingress' | 'worker')[]
  env: Record<string, string | undefined>
  cwd: string
  readFile?: (path: string) => string
}

/** Reads what `loadConfig` reads, but keeps what is in order beside what is wrong, and never throws. */
export function inspectConfig({
  roles,
  env,
  cwd,
  readFile = readTextFile,
}: InspectOptions): ConfigInspection {
  const given: Surroundings = { env, cwd, readFile }
  const file = openConfigFile(given)
  const example = withExampleAccounts(given, file !== undefined)
  const around = { ...given, env: example.env }
  const sources: BotSource[] = file
    ? file.entries.map((entry) => fileBot(entry, file.path, around))
    : platformsInEnvironment(around.env).map((name) => environmentBot(name, around))
  const processes = inspectProcesses(roles, around)
  return {
    source: example.inUse ? 'example accounts' : (file?.path ?? 'environment'),
    problems: [...(file?.problems ?? []), ...example.problems, ...processes.problems],
    warnings: [...example.warnings, ...variableTypos(env, file?.variables ?? new Set())],
    bots: sources.map((source) => inspectBot(source, roles, cwd)),
    processes: processes.values,
    secretFiles: secretFiles(file, env),
  }
}

function inspectBot(source: BotSource, roles: InspectOptions['roles'], cwd: string): BotInspection {
  const readings = roles.map((role) => readBot(source, role, cwd))
  const settings = Object.assign({}, ...readings.map(({ bot }) => bot)) as EmulatorBot
  return {
    settings,
    problems: once(readings.flatMap(({ problems }) => problems)),
    warnings: [...new Set(readings.flatMap(({ warnings }) => warnings))],
  }
}

function inspectProcesses(roles: InspectOptions['roles'], around: Surroundings) {
  const rows: ProcessSetting[] = Object.values(processSettings)
  const readings = rows
    // What is wrong with traces stops no start unless they are on; the processes say so themselves.
    .filter((row) => row.roles.some((role) => roles.some((asked) => asked === role)))
    .filter(({ env }) => !env.startsWith('OTEL_'))
    .map((row) => ({
      row,
      ...readSetting(row, findVariable(row, around), { required: !row.optional, cwd: around.cwd }),
    }))
  return {
    values: Object.fromEntries(readings.map(({ row, value }) => [row.env, value])),
    problems: once(readings.flatMap(({ problems }) => problems)),
  }
}

function once(problems: Problem[]): Problem[] {
  return [...new Map(problems.map((problem) => [`${problem.place} ${problem.what}`, problem])).values()]
}

function secretFiles(file: ConfigFile | undefined, env: Surroundings['env']): string[] {
  const bots = platformNames.flatMap((name) => settingsOf(name).map(([, setting]) => setting))
  const named = [...Object.values<ProcessSetting>(processSettings), ...bots]
    .filter(({ secret }) => secret)
    .flatMap(({ env: name }) => env[`${name}_FILE`] ?? [])
  const inFile = file ? Array.from(file.text.matchAll(/\$\{file:([^}]+)\}/g), ([, path = '']) => path) : []
  return [...new Set([...named, ...inFile])].filter((path) => path !== '')
}
