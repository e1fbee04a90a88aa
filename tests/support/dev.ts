import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../../libs/cli/dev-redis'
import { eventually } from './eventually'
import { root } from './stack'

/** `hookline dev` as a newcomer starts it, in a folder and on ports of its own. */
export interface Dev {
  emulator: string
  console: string
  folder: string
  output: () => string
  /** Ctrl-C; resolves when everything has ended. */
  stop: () => Promise<void>
}

export interface DevOptions {
  /** The bot file; default: the echo bot. */
  bot?: string
  env?: Record<string, string>
}

/** Starts it and waits until it says that it is ready. */
export async function startDev({ bot, env = {} }: DevOptions = {}): Promise<Dev> {
  const folder = mkdtempSync(join(tmpdir(), 'hookline-dev-'))
  const [ingress = 0, worker = 0, emulator = 0, console = 0] = await Promise.all([1, 2, 3, 4].map(freePort))
  const args = ['dev', '--no-watch', ...(bot === undefined ? [] : ['--bot', bot])]
  const child = spawn(process.execPath, [join(root, 'dist/libs/cli/main.js'), ...args], {
    cwd: folder,
    env: {
      ...{ PATH: process.env['PATH'], HOME: process.env['HOME'], CONSOLE_PORT: String(console) },
      ...{ INGRESS_PORT: String(ingress), WORKER_PORT: String(worker), EMULATOR_PORT: String(emulator) },
      ...env,
    },
  })
  let output = ''
  child.stdout.on('data', (chunk) => (output += String(chunk)))
  child.stderr.on('data', (chunk) => (output += String(chunk)))
  const ended = once(child, 'exit')
  const stop = async () => {
    child.kill('SIGINT')
    await ended
    rmSync(folder, { recursive: true, force: true })
  }
  await eventually(() => {
    if (child.exitCode !== null) throw new Error(`hookline dev ended with ${child.exitCode}: ${output}`)
    expect(output).toContain('Ctrl-C stops everything')
  }, 90_000).catch(async (error: unknown) => {
    if (child.exitCode === null) await stop()
    throw error
  })
  const on = (port: number) => `http://127.0.0.1:${port}`
  return { emulator: on(emulator), console: on(console), folder, output: () => output, stop }
}
