import { basename, resolve } from 'node:path'
import { type PlatformName, suggestion } from '#libs/contract'
import { referencedVariables } from './fill-in'
import { parseYaml } from './parse-yaml'
import { platformNames, settingsOf } from './platforms'
import type { Problem } from './problem'
import { processSettings } from './process-settings'
import { tryRead, type Surroundings } from './surroundings'

/** A bot as the file has it: known keys, values as they stand. */
export interface BotEntry {
  name: string
  platform: PlatformName
  given: Record<string, unknown>
}

export interface ConfigFile {
  path: string
  entries: BotEntry[]
  problems: Problem[]
  /** Variables that the file refers to. */
  variables: ReadonlySet<string>
  /** As it stands; empty when it can't be read. */
  text: string
}

const row = processSettings.configFile

/** Opens the config file; undefined when none is named and the default one does not exist. */
export function openConfigFile({ env, cwd, readFile }: Surroundings): ConfigFile | undefined {
  const named = env[row.env] ?? ''
  const path = resolve(cwd, named === '' ? row.default : named)
  const file = tryRead(path, readFile)
  if ('text' in file)
    return {
      path,
      text: file.text,
      variables: referencedVariables(file.text),
      ...readEntries(file.text, path),
    }
  if (named === '' && file.code === 'ENOENT') return undefined
  const what = `names ${path}, which can't be read (${file.code})`
  const fix = `Give the path of a readable file, or remove ${row.env} to configure bots by environment variables`
  const place = named === '' ? `${row.env} (default)` : row.env
  return { path, text: '', entries: [], problems: [{ place, what, fix }], variables: new Set() }
}

type Entries = Pick<ConfigFile, 'entries' | 'problems'>

function readEntries(text: string, path: string): Entries {
  const file = basename(path)
  const yaml = parseYaml(text, file)
  if ('problems' in yaml) return { entries: [], problems: yaml.problems }
  const top = isMap(yaml.value) ? yaml.value : {}
  const bots = isMap(top['bots']) ? top['bots'] : {}
  const found = Object.entries(bots).map(([name, value]) => readEntry(name, value))
  const problems = [...topLevelProblems(top), ...found.flatMap((entry) => entry.problems)]
  if (found.length === 0) problems.push(noBots(file))
  return { entries: found.flatMap((entry) => entry.entries), problems }
}

function noBots(file: string): Problem {
  const fix = 'Write at least one bot: "bots:", below it a name, below that "platform:" and its settings'
  return { place: file, what: 'has no bots', fix }
}

function topLevelProblems(top: Record<string, unknown>): Problem[] {
  const unknown = Object.keys(top).filter((key) => key !== 'bots')
  return unknown.map((key) => {
    const process = Object.values(processSettings).find(({ field, env }) => field === key || env === key)
    const fix = process ? `Set ${process.env} in the environment` : 'The only key here is bots'
    return { place: key, what: 'is not a key of the config file', fix }
  })
}

function readEntry(name: string, value: unknown): Entries {
  const place = `bots.${name}`
  const nameProblems = namingProblems(name)
  if (!isMap(value)) {
    const problem = {
      place,
      what: 'has no settings',
      fix: 'Write "platform:" and the settings below it, indented',
    }
    return { entries: [], problems: [...nameProblems, problem] }
  }
  const { platform: platformName, ...given } = value
  const platform = platformNames.find((known) => known === platformName)
  if (platform === undefined)
    return { entries: [], problems: [...nameProblems, platformProblem(place, platformName)] }
  const problems = [...nameProblems, ...unknownKeys({ name, platform, given })]
  return { entries: [{ name, platform, given }], problems }
}

/** The name is part of webhook URLs and Redis keys. */
function namingProblems(name: string): Problem[] {
  if (/^[a-z0-9][a-z0-9-]{0,39}$/.test(name)) return []
  const fix = 'Use up to 40 of a-z, 0-9 and "-", beginning with a letter or digit'
  return [{ place: `bots.${name}`, what: "has a name that can't be used", fix }]
}

function platformProblem(place: string, given: unknown): Problem {
  const known = `one of ${platformNames.join(', ')}`
  if (typeof given !== 'string' || given === '') {
    return { place: `${place}.platform`, what: 'is missing', fix: `Give ${known}` }
  }
  const fix = suggestion(given, platformNames)
  return { place: `${place}.platform`, what: `must be ${known}, not ${JSON.stringify(given)}`, fix }
}

function unknownKeys({ name, platform, given }: BotEntry): Problem[] {
  const known = settingsOf(platform).map(([key]) => key)
  return Object.keys(given)
    .filter((key) => !known.includes(key))
    .map((key) => ({
      place: `bots.${name}.${key}`,
      what: `is not a setting of a ${platform} bot`,
      fix: suggestion(key, ['platform', ...known]),
    }))
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
