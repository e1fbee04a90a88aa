import { composeSettings } from './compose-settings'
import { openConfigFile, type ConfigFile } from './config-file'
import { type ExampleUse, withExampleAccounts } from './example-accounts'
import { findVariable, identifyingVariables, platformsInEnvironment } from './find-variable'
import { platformNames, platforms, settingsOf } from './platforms'
import { configError, type Problem } from './problem'
import { processSettings } from './process-settings'
import { environmentBot, fileBot, isRequired, isUsed, readBot, type BotReading } from './read-bot'
import { type SettingReading, readSetting } from './read-setting'
import type { ProcessSetting, Role } from './setting'
import { readTextFile, type Surroundings } from './surroundings'
import type { ConfigOf } from './types'
import { variableTypos } from './variable-typos'

export interface LoadOptions<R extends Role> {
  role: R
  /** The environment; only `main.ts` files read it. */
  env: Record<string, string | undefined>
  /** Where relative paths start and the default config file lies. */
  cwd: string
  readFile?: (path: string) => string
}

/**
 * Reads the settings that a role needs, from the environment and from the config file if there is one.
 * Throws one `HooklineError('config_invalid')` that lists every problem with its place and its fix.
 */
export function loadConfig<R extends Role>(options: LoadOptions<R>): ConfigOf[R] {
  const { role, processes, bots, source, problems, hints, warnings } = readConfig(options)
  if (problems.length > 0) throw configError(problems, source, hints)
  // The rows give the values their types; TypeScript can't follow a table through a loop.
  return {
    ...processes.values,
    role,
    source,
    warnings,
    bots: bots.map(({ bot }) => bot),
  } as unknown as ConfigOf[R]
}

export interface ConfigReading {
  role: Role
  /** Where the bots come from. */
  source: string
  file: ConfigFile | undefined
  processes: ProcessReading
  bots: BotReading[]
  problems: Problem[]
  /** What may explain the problems. */
  hints: string[]
  warnings: string[]
}

/** Everything that is known of a role's settings, right or wrong. */
export function readConfig({ role, env, cwd, readFile = readTextFile }: LoadOptions<Role>): ConfigReading {
  const given: Surroundings = { env, cwd, readFile }
  const file = role === 'console' ? undefined : openConfigFile(given)
  const example = role === 'console' ? noExample(env) : withExampleAccounts(given, file !== undefined)
  const around = { ...given, env: example.env }
  const processes = readProcessSettings(role, around)
  const bots = role === 'console' ? [] : botsOf(file, role, around)
  const problems = [
    ...processes.problems,
    ...(file?.problems ?? []),
    ...example.problems,
    ...bots.flatMap((bot) => bot.problems),
  ]
  if (!file && bots.length === 0 && needsBots(role)) problems.push(noBot(role))
  const warnings = [
    ...(needsBots(role) ? example.warnings : []),
    ...(needsBots(role) || role === 'console' ? examplePasswordWarning(env) : []),
    ...bots.flatMap((bot) => bot.warnings),
    ...environmentWarnings(env, file),
  ]
  const source = example.inUse ? 'example accounts' : (file?.path ?? 'environment')
  const hints = variableTypos(env, file?.variables ?? new Set())
  return { role, source, file, processes, bots, problems, hints, warnings }
}

/** The console goes by what is in Redis: whatever a config file or the environment says of bots is nothing to it. */
function noExample(env: Surroundings['env']): ExampleUse {
  return { env, inUse: false, problems: [], warnings: [] }
}

function botsOf(file: ConfigFile | undefined, role: Role, around: Surroundings): BotReading[] {
  return file ? botsOfFile(file, role, around) : botsOfEnvironment(role, around)
}

interface ProcessReading {
  /** Field → value. */
  values: Record<string, unknown>
  /** Field → where its value comes from. */
  origins: Record<string, string>
  problems: Problem[]
}

function readProcessSettings(role: Role, around: Surroundings): ProcessReading {
  const rows: ProcessSetting[] = Object.values(processSettings)
  const readings = rows
    .filter(({ roles }) => roles.includes(role))
    .map((row) => ({
      row,
      ...readSetting(row, findVariable(row, around), { required: !row.optional, cwd: around.cwd }),
    }))
  return {
    values: Object.fromEntries(
      readings.flatMap(({ row, value }) => (value === undefined ? [] : [[row.field, value] as const])),
    ),
    origins: Object.fromEntries(readings.map(({ row, origin }) => [row.field, origin ?? 'unset'])),
    problems: readings
      .filter((reading) => isNeeded(reading.row, readings))
      .flatMap(({ problems }) => problems),
  }
}

/**
 * Hosting platforms set variables of OpenTelemetry for every container. Where there are no traces, because they are
 * disabled or have no endpoint, nothing in them may stop a start.
 */
function isNeeded(row: ProcessSetting, readings: (SettingReading & { row: ProcessSetting })[]): boolean {
  if (!row.env.startsWith('OTEL_')) return true
  const readingOf = ({ env }: ProcessSetting) => readings.find((reading) => reading.row.env === env)
  const { otelDisabled, otlpEndpoint, otlpTracesEndpoint } = processSettings
  if (readingOf(otelDisabled)?.value === true) return false
  return [otlpEndpoint, otlpTracesEndpoint]
    .map(readingOf)
    .some((reading) => reading !== undefined && (reading.value !== undefined || reading.problems.length > 0))
}

function botsOfFile(file: ConfigFile, role: Role, around: Surroundings): BotReading[] {
  return file.entries.map((entry) => readBot(fileBot(entry, file.path, around), role, around.cwd))
}

function botsOfEnvironment(role: Role, around: Surroundings): BotReading[] {
  return platformsInEnvironment(around.env).map((name) =>
    readBot(environmentBot(name, around), role, around.cwd),
  )
}

/** The emulator makes accounts up; an operator's command goes by what is in Redis. */
function needsBots(role: Role): boolean {
  return role === 'ingress' || role === 'worker'
}

function noBot(role: Role): Problem {
  const choices = platformNames.map(
    (platform) => `\n      ${platforms[platform].title}: ${toSet(platform, role)}`,
  )
  return {
    place: 'bots',
    what: 'are missing: no bot is configured',
    fix: `Write hookline.config.yaml, or set the variables of a platform:${choices.join('')}\n    To try Hookline without an account, run \`hookline dev\``,
  }
}

/** The variables that make a bot of this platform complete for the role. */
function toSet(platform: (typeof platformNames)[number], role: Role): string {
  const rows = settingsOf(platform).filter(([, setting]) => isUsed(setting, role))
  const required = rows.filter(([, setting]) => isRequired(setting, role)).map(([, { env }]) => env)
  const envOf = new Map(rows.map(([key, { env }]) => [key, env]))
  const ways = platforms[platform].credentials.map((way) =>
    way.map((key) => envOf.get(key) ?? key).join(' + '),
  )
  return [...required, ...(role === 'worker' && ways.length > 0 ? [ways.join(', or ')] : [])].join(', ')
}

function examplePasswordWarning(env: Surroundings['env']): string[] {
  const isExample = env[processSettings.redisUrl.env]?.includes(composeSettings.redisPassword.inExample)
  return isExample ? ["Redis' password is the one of .env.example, which everybody knows. Change it."] : []
}

function environmentWarnings(env: Surroundings['env'], file: ConfigFile | undefined): string[] {
  const typos = variableTypos(env, file?.variables ?? new Set())
  if (!file) return typos
  const unused = platformNames
    .flatMap((platform) => identifyingVariables(platform, env))
    .filter((name) => !file.variables.has(name))
  if (unused.length === 0) return typos
  return [...typos, `${unused.join(', ')}: set but not used, because the bots come from ${file.path}.`]
}
