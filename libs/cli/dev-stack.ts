import { existsSync, mkdirSync } from 'node:fs'
import { createServer } from 'node:http'
import { join, resolve } from 'node:path'
import { HooklineError } from '#libs/contract'
import { type Emulator, baseUrlEnv, createDevAccounts, startEmulator } from '#libs/emulator'
import { closeServer, listen } from '#libs/process'
import { type Child, startChild } from './child-process'
import { createDevBackstage } from './dev-backstage'
import { devConsole } from './dev-console'
import { removeDevSettings, writeDevSettings } from './dev-settings'
import { type DevStories, createDevStories } from './dev-stories'
import { keepWorker } from './keep-worker'
import type { LinePrinter, Source } from './log-lines'

export interface DevOptions {
  env: NodeJS.ProcessEnv
  cwd: string
  print: LinePrinter
  /** Start the worker again when the bot's files change. */
  watch?: boolean
}

export interface DevStack {
  urls: { emulator: string; ingress: string; worker: string; console: string }
  /** Of the console's user `operator`; absent where HOOKLINE_CONSOLE_PASSWORD says it. */
  consolePassword?: string
  /** The bot file. */
  bot: string
  /** What holds the events: the embedded Redis keeps them in memory only. */
  redis: string
  /** Address of the private Redis; one that is given may have a password in it. */
  privateRedisUrl?: string
  /** Resolves with the first process but a worker that ends although nobody asked it to. */
  failed: Promise<{ name: string; code: number | string }>
  /** Ends everything, in order. */
  stop(): Promise<void>
  /** Ends everything at once. */
  kill(): void
}

const graceMs = 10_000
/** Folder of the compiled package, wherever it is installed. */
const dist = resolve(__dirname, '../..')

/** What runs; ended children are dropped where they are replaced. */
interface Started {
  children: Child[]
  emulator?: Emulator
  stories?: DevStories
  isStopping: boolean
}

/** Starts Redis, emulator, ingress, worker and console, each its own process but the emulator, and waits until all are ready. */
export async function startDevStack({ env, cwd, print, watch = false }: DevOptions): Promise<DevStack> {
  const bot = botFile(env, cwd)
  const home = join(cwd, '.hookline')
  mkdirSync(home, { recursive: true })
  const host = env['HOST'] ?? '127.0.0.1'
  const urls = {
    ingress: `http://${host}:${env['INGRESS_PORT'] ?? '3000'}`,
    emulator: `http://${host}:${env['EMULATOR_PORT'] ?? '3002'}`,
    worker: `http://${host}:${env['WORKER_PORT'] ?? '3003'}`,
    console: `http://${host}:${env['CONSOLE_PORT'] ?? '3001'}`,
  }
  await refuseTakenPorts(urls)
  const started: Started = { children: [], isStopping: false }
  const stop = async () => {
    removeDevSettings(cwd)
    await stopAll(started)
  }
  // Redis is only told to stop: it is quick, and its process must take the server along.
  const kill = () => {
    started.isStopping = true
    started.children.forEach((child) => (child.name === 'redis' ? void child.stop(graceMs) : child.kill()))
  }
  const start = (name: Source, file: string, childEnv: NodeJS.ProcessEnv, args: string[] = []) => {
    const child = startChild({
      name,
      file: join(dist, file),
      args,
      env: childEnv,
      cwd: home,
      print: (line) => print(name, line),
    })
    started.children.push(child)
    return child
  }
  try {
    const redis = await devRedis(env, () =>
      start('redis', 'libs/cli/redis-main.js', env, [join(home, 'redis')]),
    )
    const { accounts, env: credentials } = createDevAccounts({ ingressUrl: urls.ingress })
    const backstage = createDevBackstage(redis.canStop ? started.children[0] : undefined)
    started.stories = createDevStories(redis.url)
    started.emulator = await startEmulator({
      ...{ host, port: Number(new URL(urls.emulator).port), accounts, backstage, stories: started.stories },
      ...(env['EMULATOR_URL'] ? { publicUrl: env['EMULATOR_URL'] } : {}),
    })
    const childEnv = {
      ...withoutConfigFile(env),
      ...credentials,
      ...baseUrlEnv(urls.emulator),
      REDIS_URL: redis.url,
      HOOKLINE_BOT: bot,
      HOOKLINE_TIMELINE: env['HOOKLINE_TIMELINE'] || 'text',
      HOOKLINE_JOURNAL_DIR: resolve(cwd, env['HOOKLINE_JOURNAL_DIR'] || join(home, 'journal')),
    }
    writeDevSettings(cwd, childEnv)
    const ingress = start('ingress', 'apps/ingress/main.js', childEnv)
    const startWorker = () => {
      const child = start('worker', 'apps/worker/main.js', childEnv)
      backstage.worker(child)
      return child
    }
    const worker = startWorker()
    const { env: consoleEnv, password } = devConsole(withoutConfigFile(env), home)
    const console = start('console', 'apps/console/main.js', { ...consoleEnv, REDIS_URL: redis.url })
    await Promise.all([
      untilReady(ingress, urls.ingress),
      untilReady(worker, urls.worker),
      untilReady(console, urls.console),
    ])
    const failed = firstEnd(started.children.filter((child) => child !== worker))
    void keepWorker({
      ...{ worker, graceMs, print, watch: watch ? bot : undefined },
      start: () => {
        started.children = started.children.filter(({ name }) => name !== 'worker')
        return startWorker()
      },
      untilReady: (child) =>
        untilReady(child, urls.worker).then(
          () => true,
          () => false,
        ),
      isStopping: () => started.isStopping,
    })
    const own = {
      ...(env['REDIS_URL'] ? {} : { privateRedisUrl: redis.url }),
      ...(password === undefined ? {} : { consolePassword: password }),
    }
    return { urls, bot, redis: redis.kind, ...own, failed, stop, kill }
  } catch (error) {
    await stop()
    throw error
  }
}

/** Before anything starts: a second Redis on the same append-only file, for one, would spoil it. */
async function refuseTakenPorts(urls: DevStack['urls']): Promise<void> {
  for (const [name, url] of Object.entries(urls)) {
    const { hostname, port } = new URL(url)
    const probe = createServer()
    await listen(probe, { host: hostname, port: Number(port), setting: `${name.toUpperCase()}_PORT` })
    await closeServer(probe)
  }
}

interface UsedRedis {
  url: string
  kind: string
  /** The emulator's page may play an outage of it. */
  canStop: boolean
}

/** REDIS_URL where it is set, else a private one. */
async function devRedis(env: NodeJS.ProcessEnv, start: () => Child): Promise<UsedRedis> {
  if (env['REDIS_URL']) return { url: env['REDIS_URL'], kind: 'REDIS_URL', canStop: false }
  const child = start()
  const first = await Promise.race([child.firstMessage, child.ended.then(() => undefined)])
  if (first === undefined)
    throw new HooklineError('config_invalid', 'The private Redis did not start; its lines above say why.')
  return first as UsedRedis
}

/** The processes get the accounts of this emulator from the environment; a config file would win over it. */
function withoutConfigFile(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return { ...env, HOOKLINE_CONFIG: '', EMULATOR_URL: '' }
}

function botFile(env: NodeJS.ProcessEnv, cwd: string): string {
  const own = resolve(cwd, env['HOOKLINE_BOT'] || 'bots/echo.ts')
  if (existsSync(own)) return own
  if (!env['HOOKLINE_BOT']) return resolve(dist, '../bots/echo.ts')
  throw new HooklineError(
    'bot_file_invalid',
    `There is no bot file ${own}. Give one with --bot or HOOKLINE_BOT.`,
  )
}

/** Until the process answers that it is ready; an error when it ends before. */
async function untilReady(child: Child, url: string): Promise<void> {
  let ended: number | string | undefined
  void child.ended.then((code) => (ended = code))
  for (;;) {
    if (ended !== undefined)
      throw new HooklineError('config_invalid', `The ${child.name} did not start; its lines above say why.`)
    const response = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(1000) }).catch(
      () => undefined,
    )
    if (response?.ok) return
    await new Promise((next) => setTimeout(next, 50))
  }
}

function firstEnd(children: Child[]): DevStack['failed'] {
  return Promise.race(children.map(async (child) => ({ name: child.name, code: await child.ended })))
}

/** Intake first, then the workers, then the platforms, Redis last. */
async function stopAll(started: Started): Promise<void> {
  started.isStopping = true
  const { children, emulator, stories } = started
  stories?.close()
  for (const name of ['ingress', 'console', 'worker', 'emulator', 'redis']) {
    if (name === 'emulator') await emulator?.close()
    else await children.find((child) => child.name === name)?.stop(graceMs)
  }
}
