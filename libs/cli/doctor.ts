import { readFileSync } from 'node:fs'
import { inspectConfig, type BotInspection, type ConfigInspection } from '#libs/config'
import { HooklineError } from '#libs/contract'
import { createHttp, type Http } from '#libs/http'
import { readDevSettings } from './dev-settings'
import { type ClockSample, judgeClock, watchClocks } from './doctor-clock'
import { checkConfig, settingProblem, settingWarning } from './doctor-config'
import type { Finding, FindingGroup } from './doctor-finding'
import { checkIngressBot, lookAtIngress, type IngressLook } from './doctor-ingress'
import { checkJournal } from './doctor-journal'
import { checkLine, type PlatformOptions } from './doctor-line'
import { checkLineworks } from './doctor-lineworks'
import type { BotSettings } from './doctor-probe'
import { lookAtRedis, type RedisLook } from './doctor-redis'
import { checkTocaro } from './doctor-tocaro'
import { type BotLoader, checkBotFile, checkWorker } from './doctor-worker'

export type DoctorRole = 'ingress' | 'worker' | 'both'

export interface DoctorOptions {
  env: Record<string, string | undefined>
  cwd: string
  loadBot: BotLoader
  /** Only this bot. */
  bot?: string | undefined
  /** Public address of the ingress, `https://bot.example.com`. */
  url?: string | undefined
  /** Where the ingress answers from here. */
  ingress?: string | undefined
  /** Whose settings are here; found out in a container. */
  role?: DoctorRole | undefined
  /** Authorities beside the well-known ones, for webhook URLs. */
  ca?: string | undefined
}

/** LINE's test waits for our endpoint, and everything else is quick or away. */
const timeouts = { usual: 5_000, test: 15_000 }

interface Examination extends DoctorOptions {
  role: DoctorRole
  inspection: ConfigInspection
  redis: RedisLook
  ingressLook: IngressLook | undefined
  clocks: ClockSample[]
  http: Http
  slowHttp: Http
}

/** Looks at everything and changes nothing. Throws `config_invalid` for options that make no sense. */
export async function diagnose(options: DoctorOptions): Promise<FindingGroup[]> {
  const role = options.role ?? roleOfContainer()
  const publicUrl = options.url === undefined ? undefined : baseOf(options.url, '--url')
  const env = await environment(options)
  const roles = role === 'both' ? (['ingress', 'worker'] as const) : ([role] as const)
  const inspection = inspectConfig({ roles: [...roles], env, cwd: options.cwd })
  const bots = chosen(inspection, options.bot)
  const clocks: ClockSample[] = []
  const [http, slowHttp] = [timeouts.usual, timeouts.test].map((timeoutMs) =>
    watchClocks(createHttp({ timeoutMs }), clocks),
  ) as [Http, Http]
  const { REDIS_URL: redisUrl, REDIS_CA: redisCa } = inspection.processes
  const local = createHttp({ timeoutMs: 3000 })
  const [redis, ingress] = await Promise.all([
    lookAtRedis(redisUrl as string | undefined, redisCa as string | undefined),
    lookAtIngress({ candidates: ingressAddresses(options, inspection, env), http: local }),
  ])
  try {
    const loadBot = once(options.loadBot)
    const shared = {
      ...options,
      loadBot,
      role,
      env,
      inspection,
      redis,
      ingressLook: ingress,
      clocks,
      http,
      slowHttp,
    }
    const [machine, ...groups] = await Promise.all([
      checkMachine(shared),
      ...bots.map((bot) => checkBot(bot, shared, { publicUrl, local })),
    ])
    const clock = judgeClock(clocks, redis.clock)
    return [
      { title: titleOf(inspection), findings: checkConfig(inspection, options.cwd) },
      { title: 'This machine', findings: [...clock, ...machine] },
      { title: 'Redis', findings: redis.findings },
      ...groups,
    ]
  } finally {
    redis.redis?.disconnect()
  }
}

/** Several bots often share a file. */
function once(load: BotLoader): BotLoader {
  const loaded = new Map<string, ReturnType<BotLoader>>()
  return (file) => {
    const result = loaded.get(file) ?? load(file)
    loaded.set(file, result)
    return result
  }
}

/** With nothing configured, what a `hookline dev` in this folder works with. */
async function environment({ env, cwd }: DoctorOptions): Promise<DoctorOptions['env']> {
  const own = inspectConfig({ roles: ['worker'], env, cwd })
  if (own.bots.length > 0 || own.problems.some(({ place }) => place.includes('HOOKLINE_CONFIG'))) return env
  return { ...env, ...(await readDevSettings(cwd)) }
}

/** A container's first process tells which settings it was given. */
function roleOfContainer(): DoctorRole {
  try {
    const [, name] = /apps\/(ingress|worker)\/main\.js/.exec(readFileSync('/proc/1/cmdline', 'utf8')) ?? []
    return name === 'ingress' || name === 'worker' ? name : 'both'
  } catch {
    return 'both'
  }
}

function baseOf(text: string, option: string): string {
  if (URL.canParse(text) && /^https?:\/\//.test(text)) {
    const { origin, pathname } = new URL(text)
    return `${origin}${pathname.replace(/\/webhooks\/.*$/, '').replace(/\/+$/, '')}`
  }
  throw new HooklineError('config_invalid', `"${text}" is no URL. Give ${option} https://bot.example.com`)
}

function chosen({ bots }: ConfigInspection, name: string | undefined): BotInspection[] {
  if (name === undefined) return bots
  const found = bots.filter(({ settings }) => settings.name === name)
  if (found.length > 0) return found
  const names = bots.map(({ settings }) => settings.name).join(', ') || 'none'
  throw new HooklineError('config_invalid', `There is no bot "${name}". Configured: ${names}.`)
}

/** Beside the usual place the name that compose file and Kubernetes give the ingress. */
function ingressAddresses(
  { ingress }: DoctorOptions,
  { processes }: ConfigInspection,
  env: DoctorOptions['env'],
): string[] {
  if (ingress !== undefined) return [baseOf(ingress, '--ingress')]
  if (env['INGRESS_URL']) return [baseOf(env['INGRESS_URL'], 'INGRESS_URL')]
  const host = textOf(processes['HOST']) ?? '127.0.0.1'
  const reachable = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host
  const port = textOf(processes['INGRESS_PORT']) ?? env['INGRESS_PORT'] ?? '3000'
  return [`http://${reachable}:${port}`, 'http://ingress:3000']
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined
}

function titleOf({ source }: ConfigInspection): string {
  return `Settings (${source})`
}

async function checkMachine({ inspection, role, ingressLook }: Examination): Promise<Finding[]> {
  const { HOOKLINE_JOURNAL_DIR: dir, HOOKLINE_JOURNAL_MAX_MB: maxBytes } = inspection.processes
  const elsewhere = role === 'worker' || ingressLook?.url === 'http://ingress:3000'
  const journal =
    typeof dir === 'string' && typeof maxBytes === 'number' && !elsewhere
      ? await checkJournal({ dir, maxBytes })
      : []
  return [...journal, ...(ingressLook?.findings ?? [])]
}

async function checkBot(
  { settings, problems, warnings }: BotInspection,
  shared: Examination,
  { publicUrl, local }: { publicUrl: string | undefined; local: Http },
): Promise<FindingGroup> {
  const { http, slowHttp, ca, redis, role, loadBot } = shared
  const url = shared.ingressLook?.url
  const sends = role !== 'ingress'
  const common = { http, slowHttp, publicUrl, ca }
  const [platform, secret, file, worker] = await Promise.all([
    sends ? checkPlatform(settings, common) : Promise.resolve([]),
    url !== undefined && role !== 'worker'
      ? checkIngressBot({ url, bot: settings, http: local })
      : Promise.resolve([]),
    sends ? checkBotFile(settings, loadBot) : Promise.resolve([]),
    checkWorker(settings.name, redis.redis),
  ])
  return {
    title: `${settings.name} (${titles[settings.platform]})`,
    bot: settings.name,
    platform: settings.platform,
    findings: [
      ...problems.map(settingProblem),
      ...warnings.map(settingWarning),
      ...[file, platform, secret, worker].flat(),
    ],
  }
}

const titles = { line: 'LINE', lineworks: 'LINE WORKS', tocaro: 'Tocaro' } as const

function checkPlatform(
  bot: BotSettings,
  common: Omit<PlatformOptions<BotSettings>, 'bot'>,
): Promise<Finding[]> {
  switch (bot.platform) {
    case 'line':
      return checkLine({ ...common, bot })
    case 'lineworks':
      return checkLineworks({ ...common, bot })
    case 'tocaro':
      return checkTocaro({ ...common, bot })
  }
}
