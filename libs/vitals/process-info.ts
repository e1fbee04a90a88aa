import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { type ConfigOf, type Role, type ViewedConfig, viewConfig } from '#libs/config'
import type { PlatformName } from '#libs/contract'
import { type Metrics, version } from '#libs/observability'
import type { JournalSummary, ProcessKind } from './types'

/** What a process says of itself with each beat, beside its settings. */
export interface ProcessInfo {
  id: string
  kind: ProcessKind
  host: string
  pid: number
  version: string
  startedAt: number
  url?: string
  bots: Record<string, PlatformName>
  memoryBytes: number
  loopLagMs: number
  /** `folder`: the same for all processes that share one. */
  journal?: JournalSummary & { folder: string }
  /** Worker: lanes that it drains at once, of each bot. */
  slots?: number
  /** Worker: bot → lanes being drained now. */
  active?: Record<string, number>
  /** Worker: where a bot's access token comes from; a bot without one is absent. */
  tokens?: Record<string, 'minted' | 'static'>
}

export interface Described {
  kind: ProcessKind
  metrics: Metrics
  config: ConfigOf[Role]
  url?: string | undefined
  /** Ingress: the journal's folder id and its greatest size. */
  journal?: { folder: string; maxBytes: number } | undefined
}

/** The part that stays the same. */
export function createIdentity(
  kind: ProcessKind,
): Pick<ProcessInfo, 'id' | 'kind' | 'host' | 'pid' | 'version' | 'startedAt'> {
  const startedAt = Math.round(Date.now() - process.uptime() * 1000)
  const id = `${kind}-${randomUUID().slice(0, 8)}`
  return { id, kind, host: hostname(), pid: process.pid, version: version(), startedAt }
}

/** The part that changes, and the settings. */
export async function describeProcess({ kind, metrics, config, url, journal }: Described): Promise<{
  state: Omit<ProcessInfo, keyof ReturnType<typeof createIdentity> | 'loopLagMs'>
  settings: ViewedConfig
}> {
  const settings = viewConfig(config)
  const state = {
    ...(url === undefined ? {} : { url }),
    bots: Object.fromEntries(config.bots.map(({ name, platform }) => [name, platform])),
    memoryBytes: process.memoryUsage.rss(),
    ...(journal ? { journal: { ...journal, ...(await journalNow(metrics)) } } : {}),
    ...(kind === 'worker' && 'concurrency' in config
      ? { slots: config.concurrency, active: await activeDrains(metrics), tokens: tokensOf(settings) }
      : {}),
  }
  return { state, settings }
}

async function journalNow(metrics: Metrics): Promise<{ events: number; bytes: number }> {
  const [events, bytes] = await Promise.all([metrics.journalPending.get(), metrics.journalBytes.get()])
  return { events: events.values[0]?.value ?? 0, bytes: bytes.values[0]?.value ?? 0 }
}

async function activeDrains(metrics: Metrics): Promise<Record<string, number>> {
  const { values } = await metrics.activeDrains.get()
  return Object.fromEntries(values.map(({ labels, value }) => [String(labels.bot), value]))
}

/** As `createTokenSource` (libs/tokens) chooses. */
function tokensOf({ bots }: ViewedConfig): Record<string, 'minted' | 'static'> {
  return Object.fromEntries(
    bots.flatMap(({ bot, platform, settings }) => {
      const isSet = (name: string) => settings.some((row) => row.name === name && row.secret === 'set')
      if (platform === 'lineworks') return [[bot, 'minted' as const]]
      if (platform === 'line')
        return [[bot, isSet('channelAccessToken') ? ('static' as const) : ('minted' as const)]]
      return isSet('accessToken') ? [[bot, 'static' as const]] : []
    }),
  )
}
