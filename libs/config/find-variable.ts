import type { PlatformName } from '#libs/contract'
import { platformNames, settingsOf } from './platforms'
import type { Problem } from './problem'
import type { Setting } from './setting'
import { readSecretFile, type Surroundings } from './surroundings'

/** What a source of settings knows about one of them. Empty means absent. */
export type Found =
  | { kind: 'value'; place: string; value: unknown; folder: string }
  | { kind: 'absent'; place: string; what: 'is missing' | 'is empty' }
  | { kind: 'broken'; problems: Problem[] }

/** Looks a setting up in the environment: `NAME`, or for a secret `NAME_FILE`. */
export function findVariable(setting: Setting, around: Surroundings): Found {
  const { env, secret } = setting
  const direct = around.env[env] ?? ''
  const file = secret ? (around.env[`${env}_FILE`] ?? '') : ''
  if (direct !== '' && file !== '') return broken(env, `and ${env}_FILE are both set`, 'Keep one of them')
  if (direct !== '') return { kind: 'value', place: env, value: direct, folder: around.cwd }
  if (file !== '') return findInFile(`${env}_FILE`, file, around)
  return { kind: 'absent', place: env, what: env in around.env ? 'is empty' : 'is missing' }
}

/** The path is not shown: a secret set under the wrong name would end up in the log. */
function findInFile(place: string, path: string, around: Surroundings): Found {
  const file = readSecretFile(path, around)
  if ('code' in file) {
    return broken(place, `names a file that can't be read (${file.code})`, 'Give the path of a readable file')
  }
  if (file.text === '') return { kind: 'absent', place, what: 'is empty' }
  return { kind: 'value', place, value: file.text, folder: around.cwd }
}

function broken(place: string, what: string, fix: string): Found {
  return { kind: 'broken', problems: [{ place, what, fix }] }
}

/** The variables that are set and make a bot of this platform exist: those of settings without a default. */
export function identifyingVariables(platform: PlatformName, env: Surroundings['env']): string[] {
  const names = settingsOf(platform)
    .filter(([, setting]) => setting.default === undefined)
    .flatMap(([, { env: name, secret }]) => (secret ? [name, `${name}_FILE`] : [name]))
  return names.filter((name) => (env[name] ?? '') !== '')
}

export function platformsInEnvironment(env: Surroundings['env']): PlatformName[] {
  return platformNames.filter((platform) => identifyingVariables(platform, env).length > 0)
}
