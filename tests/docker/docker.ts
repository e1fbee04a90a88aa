import { execFile, spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

const root = join(__dirname, '../..')

export interface Ran {
  code: number
  stdout: string
  stderr: string
}

export interface RunOptions {
  cwd?: string
  env?: Record<string, string>
  /** What the program reads from its standard input. */
  input?: string
}

/** Runs a program to its end, however that is. */
export function run(
  program: string,
  args: string[],
  { cwd = root, env = {}, input }: RunOptions = {},
): Promise<Ran> {
  return new Promise((resolve) => {
    const options = { cwd, env: { ...baseEnv(), ...env }, maxBuffer: 64 * 1024 * 1024 }
    const child = execFile(program, args, options, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 1
      resolve({ code, stdout, stderr })
    })
    // A program may end without reading.
    child.stdin?.on('error', () => undefined)
    child.stdin?.end(input ?? '')
  })
}

/** As `run`, but a failure is an error that shows what was said. */
export async function must(program: string, args: string[], options: RunOptions = {}): Promise<string> {
  const { code, stdout, stderr } = await run(program, args, options)
  if (code !== 0) throw new Error(`${[program, ...args].join(' ')} ended with ${code}:\n${stdout}\n${stderr}`)
  return stdout
}

export const docker = (...args: string[]) => must('docker', args)

/** No setting of the developer's own shell reaches the containers. */
function baseEnv(): Record<string, string> {
  const kept = ['PATH', 'HOME', 'DOCKER_HOST', 'DOCKER_CONTEXT', 'DOCKER_CONFIG']
  return Object.fromEntries(kept.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])))
}

/** `docker compose` where the plugin is there, else the older `docker-compose`. */
export function composeCommand(): string[] | undefined {
  const works = ([program = '', ...args]: string[]) => spawnSync(program, [...args, 'version']).status === 0
  return [['docker', 'compose'], ['docker-compose']].find(works)
}

/** `describe` where there is an engine; else a skipped one that says why. In CI there has to be one. */
export function describeWithDocker(name: string, body: () => void): void {
  const missing =
    spawnSync('docker', ['info']).status !== 0
      ? 'no Docker engine answers (docker info)'
      : composeCommand() === undefined
        ? 'there is no docker compose'
        : undefined
  if (missing === undefined) describe(name, body)
  else if (process.env['CI']) throw new Error(`${name} can't run: ${missing}`)
  else describe.skip(`${name} (skipped: ${missing})`, body)
}

/** What a fresh clone would have, with what is not committed yet, in a folder of its own. */
export async function freshCopy(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'hookline-docker-'))
  const names = await must('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'])
  for (const name of names.split('\0').filter((name) => name !== '' && !name.startsWith('node_modules'))) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    cpSync(join(root, name), join(folder, name))
  }
  return folder
}
