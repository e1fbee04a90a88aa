import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { platformVariables, renderPlatformExample } from '#libs/config'
import { HooklineError, type PlatformName } from '#libs/contract'

/** Where this package lies, wherever it is installed. */
const packageRoot = resolve(__dirname, '../../..')

export interface ProjectOptions {
  /** As given on the command line. */
  folder: string
  cwd: string
  platforms: PlatformName[]
  /** What its package.json depends on; without it the package that runs. */
  spec?: string | undefined
}

export interface Project {
  name: string
  folder: string
  /** What its package.json says of `hookline`. */
  hookline: string
  files: string[]
}

/** Makes a bot project in a new or empty folder. Throws `config_invalid`. */
export async function createProject({ folder, cwd, platforms, spec }: ProjectOptions): Promise<Project> {
  const path = resolve(cwd, folder)
  const name = nameOf(path)
  refuseUsed(path, folder)
  const templates = readTemplates(join(packageRoot, 'template'))
  mkdirSync(path, { recursive: true })
  const hookline = spec ?? (await ownSpec(path))
  const values = valuesOf({ name, hookline, platforms })
  for (const { file, text } of templates) {
    const target = join(path, file)
    mkdirSync(dirname(target), { recursive: true })
    writeFileSync(target, fill(text, values))
  }
  return { name, folder: path, hookline, files: templates.map(({ file }) => file).sort() }
}

/** It becomes the name of an npm package and of a Docker image. */
function nameOf(path: string): string {
  const name = basename(path)
  if (!/^[a-z0-9]+([._-][a-z0-9]+)*$/.test(name) || name.length > 100)
    throw new HooklineError(
      'config_invalid',
      `"${name}" can't be the name of a project. Use a-z, 0-9 and single "-", "_" or "." between them, e.g. my-bot.`,
    )
  if (name === 'hookline' || name === 'node_modules')
    throw new HooklineError('config_invalid', `The name "${name}" is taken. Use another, e.g. my-bot.`)
  return name
}

function refuseUsed(path: string, folder: string): void {
  const found = contentsOf(path).filter((entry) => entry !== '.git')
  if (found.length === 0) return
  const some = found.slice(0, 3).join(', ') + (found.length > 3 ? ', …' : '')
  throw new HooklineError(
    'config_invalid',
    `The folder ${folder} is not empty (${some}). Give the name of a new one; nothing was changed.`,
  )
}

function contentsOf(path: string): string[] {
  try {
    return readdirSync(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw new HooklineError(
      'config_invalid',
      `${path} can't be used as a folder. Give the name of a new one.`,
    )
  }
}

interface Template {
  file: string
  text: string
}

/** npm leaves files out that begin with a dot; here they have none. */
const dotted = new Set(['gitignore', 'dockerignore', 'env.example'])

function readTemplates(folder: string): Template[] {
  if (!existsSync(folder))
    throw new HooklineError(
      'config_invalid',
      'This Hookline has no template for projects (an image has none). Run init from a checkout or a package.',
    )
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => {
      const path = join(entry.parentPath, entry.name)
      const name = dotted.has(entry.name) ? `.${entry.name}` : entry.name
      return { file: join(entry.parentPath, name).slice(folder.length + 1), text: readFileSync(path, 'utf8') }
    })
}

/**
 * The package that runs, so that the project gets what its author has tried. One that is on no registry goes into
 * the project: it then needs neither this folder nor this machine, and its image can be built.
 */
async function ownSpec(path: string): Promise<string> {
  const own = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as {
    version: string
    private?: boolean
  }
  if (!own.private) return `^${own.version}`
  const vendor = join(path, 'vendor')
  mkdirSync(vendor, { recursive: true })
  return `file:vendor/${await pack(vendor)}`
}

/** Packs this package into a folder; the name of the file. */
async function pack(folder: string): Promise<string> {
  const args = ['pack', packageRoot, '--pack-destination', folder, '--ignore-scripts', '--json', '--silent']
  try {
    await promisify(execFile)('npm', args, { cwd: folder, shell: process.platform === 'win32' })
  } catch (cause) {
    const words = cause instanceof Error ? (cause.message.split('\n')[0] ?? '') : String(cause)
    throw new HooklineError('config_invalid', `npm could not pack Hookline: ${words}. Is npm installed?`, {
      cause,
    })
  }
  const [file] = readdirSync(folder).filter((name) => name.endsWith('.tgz'))
  if (file === undefined) throw new Error(`npm pack made no file in ${folder}`)
  return file
}

const titles: Record<PlatformName, string> = { line: 'LINE', lineworks: 'LINE WORKS', tocaro: 'Tocaro' }

/** What stands for the `{{…}}` of the templates. */
function valuesOf(project: {
  name: string
  hookline: string
  platforms: PlatformName[]
}): Map<string, string> {
  const { name, hookline, platforms } = project
  return new Map([
    ['name', name],
    ['hookline', hookline],
    ['platforms', platforms.map((platform) => titles[platform]).join(', ')],
    ['webhooks', platforms.map((platform) => `\`https://YOUR-HOST/webhooks/${platform}\``).join(', ')],
    ['credentials', platforms.map(renderPlatformExample).join('\n\n')],
    ['ingressEnvironment', environmentOf('ingress', platforms)],
    ['workerEnvironment', environmentOf('worker', platforms)],
  ])
}

/** Variables that docker compose hands on from `.env`, those only that this process reads. */
function environmentOf(role: 'ingress' | 'worker', platforms: PlatformName[]): string {
  const names = ['LOG_LEVEL', ...platforms.flatMap((platform) => platformVariables(platform, role))]
  return [...new Set(names)].map((name) => `      ${name}:`).join('\n')
}

function fill(text: string, values: Map<string, string>): string {
  return text.replace(/\{\{(\w+)\}\}/g, (_all, name: string) => {
    const value = values.get(name)
    if (value === undefined) throw new Error(`the template has no value for ${name}`)
    return value
  })
}
