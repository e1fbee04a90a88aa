import { resolve } from 'node:path'
import type { z } from 'zod'
import type { Found } from './find-variable'
import type { Problem } from './problem'
import type { Setting } from './setting'

/** What became of one setting. Without `value` it is absent or wrong. */
export interface SettingReading {
  value?: unknown
  /** Where the value comes from: a variable, a place in the config file, or `default`. */
  origin?: string
  problems: Problem[]
  warnings: string[]
}

/** Turns what was found into the typed value, the default, or a problem. */
export function readSetting(
  setting: Setting,
  found: Found,
  options: { required: boolean; cwd: string },
): SettingReading {
  if (found.kind === 'broken') return { problems: found.problems, warnings: [] }
  if (found.kind === 'value') return parse(setting, found)
  if (setting.default !== undefined) {
    const given = { kind: 'value', place: found.place, value: setting.default, folder: options.cwd } as const
    return { ...parse(setting, given), origin: 'default' }
  }
  const problem = { place: found.place, what: found.what, fix: missingFix(setting, found.place) }
  return { problems: options.required ? [problem] : [], warnings: [] }
}

function parse(setting: Setting, found: Extract<Found, { kind: 'value' }>): SettingReading {
  const result = setting.schema.safeParse(found.value)
  if (!result.success) return { problems: [invalid(setting, found, result.error)], warnings: [] }
  const value =
    setting.path && typeof result.data === 'string' ? resolve(found.folder, result.data) : result.data
  const isEmpty = Array.isArray(value) && value.length === 0
  const warnings =
    isEmpty && setting.ifEmpty !== undefined ? [`${found.place} is empty: ${setting.ifEmpty}`] : []
  return { value, origin: found.place, problems: [], warnings }
}

function invalid(setting: Setting, found: { place: string; value: unknown }, error: z.ZodError): Problem {
  const what = (error.issues[0]?.message ?? 'is not valid') + shown(setting, found.value)
  const { example } = setting
  const fix = example === undefined ? `Give it again: ${firstSentence(setting)}` : `Example: ${example}`
  return { place: found.place, what, fix }
}

/** The wrong value, where it may be seen. */
function shown({ secret }: Setting, value: unknown): string {
  if (secret || typeof value !== 'string' || value === '') return ''
  const harmless = value.replace(/\/\/.*@/s, '//…@').replace(/\?.*/s, '?…')
  return `, not ${JSON.stringify(harmless.length > 80 ? `${harmless.slice(0, 80)}…` : harmless)}`
}

function missingFix(setting: Setting, place: string): string {
  if (setting.ifMissing !== undefined) return setting.ifMissing
  if (!place.startsWith(setting.env)) return `Give it: ${firstSentence(setting)}`
  return `Set ${setting.env}${setting.secret ? ` (or ${setting.env}_FILE)` : ''}: ${firstSentence(setting)}`
}

function firstSentence({ doc }: Setting): string {
  return (doc.en.split('. ')[0] ?? '').replace(/\.$/, '')
}
