import { dirname } from 'node:path'
import type { PlatformName } from '#libs/contract'
import type { BotEntry } from './config-file'
import { fillIn } from './fill-in'
import { findVariable, type Found } from './find-variable'
import { platforms, settingsOf } from './platforms'
import type { Problem } from './problem'
import { readSetting, type SettingReading } from './read-setting'
import type { BotSetting, Role } from './setting'
import type { Surroundings } from './surroundings'

/** A bot to be read: which one, and where each of its settings is looked up. */
export interface BotSource {
  name: string
  platform: PlatformName
  find: (key: string, setting: BotSetting) => Found
  /** What the setting is called where this bot is configured. */
  placeOf: (key: string, setting: BotSetting) => string
}

export interface BotReading {
  bot: Record<string, unknown>
  /** Setting → where its value comes from. */
  origins: Record<string, string>
  problems: Problem[]
  warnings: string[]
}

/** The one bot of a platform that the environment can hold; named after the platform. */
export function environmentBot(platform: PlatformName, around: Surroundings): BotSource {
  const find: BotSource['find'] = (_key, setting) => findVariable(setting, around)
  return { name: platform, platform, find, placeOf: (_key, setting) => setting.env }
}

/** A bot of the config file. A value is filled in when it is looked up, so nobody needs what he does not use. */
export function fileBot(entry: BotEntry, path: string, around: Surroundings): BotSource {
  const { name, platform, given } = entry
  const folder = dirname(path)
  const placeOf = (key: string) => `bots.${name}.${key}`
  const find: BotSource['find'] = (key, setting) => {
    if (Object.hasOwn(given, key)) return findGiven(given[key], placeOf(key), { ...around, cwd: folder })
    return setting.everyBot
      ? findVariable(setting, around)
      : { kind: 'absent', place: placeOf(key), what: 'is missing' }
  }
  return { name, platform, find, placeOf }
}

function findGiven(given: unknown, place: string, around: Surroundings): Found {
  const { value, failures } = fillIn(given, around)
  if (failures.length > 0) {
    return {
      kind: 'broken',
      problems: failures.map(({ path, what, fix }) => ({ place: place + path, what, fix })),
    }
  }
  if (value === '') return { kind: 'absent', place, what: 'is empty' }
  return { kind: 'value', place, value, folder: around.cwd }
}

/** Reads the settings of a bot that the role uses, and only those. */
export function readBot(source: BotSource, role: Role, cwd: string): BotReading {
  const { name, platform } = source
  const readings = settingsOf(platform)
    .filter(([, setting]) => isUsed(setting, role))
    .map(([key, setting]) => [key, readOne(key, setting, { source, role, cwd })] as const)
  const values = readings.filter(([, reading]) => reading.value !== undefined)
  const given = new Set(
    readings.flatMap(([key, { value, problems }]) => ((value ?? problems[0]) ? [key] : [])),
  )
  return {
    bot: { platform, name, ...Object.fromEntries(values.map(([key, { value }]) => [key, value])) },
    origins: Object.fromEntries(readings.map(([key, { origin }]) => [key, origin ?? 'unset'])),
    problems: [...readings.flatMap(([, r]) => r.problems), ...credentialProblems(source, role, given)],
    warnings: readings.flatMap(([, r]) => r.warnings),
  }
}

interface ReadOptions {
  source: BotSource
  role: Role
  cwd: string
}

/** The emulator takes what is there and does without the rest. */
function readOne(key: string, setting: BotSetting, { source, role, cwd }: ReadOptions): SettingReading {
  const found = source.find(key, setting)
  if (found.kind === 'broken' && role === 'emulator') return { problems: [], warnings: [] }
  return readSetting(setting, found, { required: isRequired(setting, role), cwd })
}

export function isUsed(setting: BotSetting, role: Role): boolean {
  if (role === 'operator' || role === 'console') return false
  return role === 'emulator' || setting.usedBy === 'both' || setting.usedBy === role
}

export function isRequired(setting: BotSetting, role: Role): boolean {
  if (role === 'emulator' || setting.default !== undefined) return false
  return role === 'ingress' || !setting.optional
}

function credentialProblems(
  { name, platform, placeOf }: BotSource,
  role: Role,
  given: Set<string>,
): Problem[] {
  const { credentials } = platforms[platform]
  if (role !== 'worker' || credentials.length === 0) return []
  if (credentials.some((way) => way.every((key) => given.has(key)))) return []
  const rows = new Map(settingsOf(platform))
  const nameOf = (key: string) => {
    const setting = rows.get(key)
    return setting ? placeOf(key, setting) : key
  }
  const ways = credentials.map((way) => way.map(nameOf).join(' + '))
  return [
    {
      place: `bots.${name}`,
      what: 'has no credentials to send with',
      fix: `Give one of: ${ways.join('; ')}`,
    },
  ]
}
