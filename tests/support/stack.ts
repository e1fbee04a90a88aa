import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import {
  type Emulator,
  type SettingsPatch,
  baseUrlEnv,
  createDevAccounts,
  startEmulator,
} from '#libs/emulator'
import { eventually } from './eventually'
import { testRedisUrl } from './redis'

export const root = join(__dirname, '../..')

/** A process of the product, run as its users run it: the compiled file, settings from the environment. */
export interface Service {
  process: ChildProcess
  url: string
  /** Everything it printed so far. */
  output: () => string
  /** Sends a signal and resolves with the exit code, or the signal's name. */
  end: (signal?: NodeJS.Signals) => Promise<number | string>
}

const alive = new Set<ChildProcess>()

/** Starts one process and waits until it is ready (or, with `ready` false, until it answers at all). */
export async function startService(
  name: 'ingress' | 'worker' | 'console',
  env: Record<string, string>,
  ready = true,
): Promise<Service> {
  const child = spawn(process.execPath, [join(root, `dist/apps/${name}/main.js`)], {
    env: { ...baseEnv(), ...env },
    cwd: root,
  })
  alive.add(child)
  let text = ''
  child.stdout.on('data', (chunk) => (text += String(chunk)))
  child.stderr.on('data', (chunk) => (text += String(chunk)))
  const exited = once(child, 'exit').then(([code, signal]) => {
    alive.delete(child)
    return (code ?? signal) as number | string
  })
  const service: Service = {
    process: child,
    url: '',
    output: () => text,
    end: (signal = 'SIGTERM') => {
      child.kill(signal)
      return exited
    },
  }
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null
  try {
    await eventually(async () => {
      if (hasEnded()) return
      service.url = /"url":"([^"]+)"/.exec(text)?.[1] ?? ''
      const response = await fetch(`${service.url}/readyz`, { signal: AbortSignal.timeout(5000) })
      if (ready && !response.ok) throw new Error(await response.text())
    })
    if (hasEnded()) throw new Error(`${name} ended with ${child.exitCode ?? child.signalCode}: ${text}`)
  } catch (error) {
    // A process that listens and answers nothing must not live on beside the tests that follow.
    await service.end('SIGKILL')
    throw error
  }
  return service
}

/** Runs a process that is expected to end by itself. */
export async function runToEnd(
  file: string,
  env: Record<string, string>,
  args: string[] = [],
): Promise<{ code: number; output: string }> {
  const child = spawn(process.execPath, [join(root, file), ...args], {
    env: { ...baseEnv(), ...env },
    cwd: root,
  })
  let output = ''
  child.stdout.on('data', (chunk) => (output += String(chunk)))
  child.stderr.on('data', (chunk) => (output += String(chunk)))
  const [code] = (await once(child, 'exit')) as [number]
  return { code, output }
}

/** With Tocaro's own defaults (one post a second, mute after a burst) suites about other things would be slow. */
const fastTocaro = { TOCARO_RATE_PER_MINUTE: '6000', TOCARO_MUTE_AFTER: '0' }

/** No setting of the developer's own shell reaches the processes under test. */
function baseEnv(): Record<string, string> {
  return {
    PATH: process.env['PATH'] ?? '',
    HOME: process.env['HOME'] ?? '',
    INGRESS_PORT: '0',
    WORKER_PORT: '0',
    CONSOLE_PORT: '0',
    HOOKLINE_CONFIG: '',
  }
}

export interface Stack {
  emulator: Emulator
  redis: Redis
  ingress: Service
  workers: Service[]
  /** Environment of the processes: the emulator's credentials among it. */
  env: Record<string, string>
  addWorker: () => Promise<Service>
  output: () => string
  stop: () => Promise<void>
}

export interface StackOptions {
  workers?: number
  env?: Record<string, string>
  settings?: SettingsPatch
  /** False: do not wait for the ingress to be ready; it listens all the same. */
  ready?: boolean
}

/** Emulator, ingress and workers on a Redis database of their own, emptied before. */
export async function startStack({
  workers = 1,
  env: extra = {},
  settings = {},
  ready = true,
}: StackOptions = {}): Promise<Stack> {
  const redisUrl = `${testRedisUrl()}/${(Number(process.env['JEST_WORKER_ID'] ?? '1') % 15) + 1}`
  const redis = new Redis(redisUrl, { maxRetriesPerRequest: null })
  await redis.flushdb()
  const { accounts, env: credentials } = createDevAccounts({ ingressUrl: 'http://127.0.0.1:1' })
  const journalDir = mkdtempSync(join(tmpdir(), 'hookline-journal-'))
  const own = { ...credentials, ...fastTocaro, REDIS_URL: redisUrl, HOOKLINE_JOURNAL_DIR: journalDir }
  // The emulator must know where the ingress listens, the ingress does not need the emulator.
  const ingress = await startService('ingress', { ...own, ...extra }, ready)
  for (const account of [accounts.line, accounts.lineworks, accounts.tocaro]) {
    account.webhookUrl = account.webhookUrl.replace('http://127.0.0.1:1', ingress.url)
  }
  const emulator = await startEmulator({ host: '127.0.0.1', port: 0, accounts, settings })
  const env = { ...own, ...baseUrlEnv(emulator.url), ...extra }
  const started: Service[] = []
  const addWorker = async () => {
    const worker = await startService('worker', env)
    started.push(worker)
    return worker
  }
  for (let i = 0; i < workers; i++) await addWorker()
  return {
    emulator,
    redis,
    ingress,
    workers: started,
    env,
    addWorker,
    output: () => [ingress, ...started].map((service) => service.output()).join('\n'),
    stop: async () => {
      await Promise.all([ingress, ...started].map((service) => service.end('SIGKILL')))
      await emulator.close()
      await redis.quit()
      rmSync(journalDir, { recursive: true, force: true })
    },
  }
}

/** For afterAll: a failed test leaves no process behind. */
export function killLeftovers(): void {
  for (const child of alive) child.kill('SIGKILL')
}
