import { statSync } from 'node:fs'
import { resolve } from 'node:path'
import type { ConfigInspection, Problem } from '#libs/config'
import { type Finding, ok, problem, skipped, type Subject, warning } from './doctor-finding'

const settings: Subject = { id: 'settings', name: 'Settings' }

/** What is wrong with the settings of the processes, misspelled variables, and files that anybody can read. */
export function checkConfig(inspection: ConfigInspection, cwd: string): Finding[] {
  const { problems, warnings, bots, source } = inspection
  const wrong = [
    ...problems.map(settingProblem),
    ...(bots.length === 0 && problems.length === 0 ? [noBot()] : []),
  ]
  const names = bots.map(({ settings: { name } }) => name).join(', ')
  return [
    ...(wrong.length > 0 ? wrong : [ok(settings, `from ${source}; bots: ${names}`)]),
    ...warnings.map(noticed),
    ...readableFiles(inspection.secretFiles, cwd),
  ]
}

/** A setting that stops a start, as the start itself would word it. */
export function settingProblem({ place, what, fix }: Problem): Finding {
  return problem(
    { id: idOf(place), name: place },
    {
      found: what,
      why: 'Ingress or worker does not start with it.',
      remedy: fix,
    },
  )
}

export function settingWarning(text: string): Finding {
  return warning(settings, {
    found: text,
    why: 'It is not wrong, but probably not meant.',
    remedy: 'Correct the setting, or ignore this if it is on purpose',
  })
}

function idOf(place: string): string {
  return `setting-${place.replace(/^bots\./, '').replace(/\W+/g, '-')}`
}

function noticed(text: string): Finding {
  const [, name, right] = /^(\S+) is not a setting.*Did you mean (\w+)\?/.exec(text) ?? []
  if (name === undefined || right === undefined) return settingWarning(text)
  return warning(
    { id: 'variable-name', name: 'Variable name' },
    {
      found: `${name} is not a setting and is ignored`,
      why: 'A misspelled variable is as good as none.',
      remedy: `Rename it to ${right}`,
    },
  )
}

function noBot(): Finding {
  return problem(settings, {
    found: 'no bot is configured',
    why: 'Ingress and worker do not start without a bot.',
    remedy:
      'Write hookline.config.yaml, or set the variables of a platform (docs/settings.md). To try it without accounts: hookline dev',
  })
}

/** Where secrets are mounted for a container the mount decides, and nobody else is in there. */
const mounted = /^(\/var)?\/run\/secrets\//

function readableFiles(files: string[], cwd: string): Finding[] {
  const subject: Subject = { id: 'secret-files', name: 'Files with secrets' }
  const looked = [...files, '.env'].map((path) => resolve(cwd, path)).filter((path) => !mounted.test(path))
  const open = looked.filter(isOpen)
  if (open.length === 0)
    return files.length > 0 ? [ok(subject, 'readable by their owner and group only')] : []
  return [
    warning(subject, {
      found: `every user of this machine can read ${open.join(', ')}`,
      why: 'Whoever has these secrets can speak in the name of the bot.',
      remedy: `chmod 600 ${open.join(' ')}`,
    }),
  ]
}

/** Windows knows no such bits. */
function isOpen(path: string): boolean {
  if (process.platform === 'win32') return false
  const found = statSync(path, { throwIfNoEntry: false })
  return found?.isFile() === true && (found.mode & 0o004) !== 0
}

/** Says once why a bot's platform was not asked. */
export function incomplete(subject: Subject): Finding {
  return skipped(subject, 'its settings are not complete, see above')
}
