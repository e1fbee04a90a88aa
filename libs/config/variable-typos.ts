import { distance } from 'fastest-levenshtein'
import { platformNames, settingsOf } from './platforms'
import { processSettings } from './process-settings'
import type { Setting } from './setting'

const ours = /^(LINE|LINEWORKS|TOCARO|HOOKLINE)_/

/**
 * One warning per variable that looks like a misspelled setting. Only a warning: an environment is shared
 * with other programs. `alsoKnown` are names that the config file uses.
 */
export function variableTypos(
  env: Record<string, string | undefined>,
  alsoKnown: ReadonlySet<string>,
): string[] {
  const names = variableNames()
  const known = new Set([...names, ...alsoKnown])
  return Object.keys(env)
    .filter((name) => ours.test(name) && !known.has(name))
    .flatMap((name) => {
      const near = names.find((right) => distance(name, right) <= 2)
      return near === undefined ? [] : [`${name} is not a setting and is ignored. Did you mean ${near}?`]
    })
}

function variableNames(): string[] {
  const bots = platformNames.flatMap((platform) => settingsOf(platform).map(([, setting]) => setting))
  const all: Setting[] = [...Object.values(processSettings), ...bots]
  return [...new Set(all.flatMap(({ env, secret }) => (secret ? [env, `${env}_FILE`] : [env])))]
}
