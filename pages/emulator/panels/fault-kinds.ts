import type { PlatformName } from '#libs/contract'
import type { ActiveFault, PageFaultRequest } from '../../../libs/emulator/page-types'

export type FaultKind = PageFaultRequest['kind']
export type FaultArea = 'api' | 'webhook' | 'outage'

/** One switch of the fault panel. */
export interface FaultSort {
  kind: FaultKind
  area: FaultArea
  /** Where it can happen; none: it is not of one platform. */
  platforms: readonly PlatformName[]
  /** It may hit only some of the calls. */
  hasRate: boolean
  /** Milliseconds at first, where a delay can be chosen; null: none is stated. */
  delayMs?: number | null
}

export const allPlatforms: readonly PlatformName[] = ['line', 'lineworks', 'tocaro']

const api = { area: 'api', platforms: allPlatforms, hasRate: true } as const
const webhook = { area: 'webhook', platforms: allPlatforms, hasRate: true } as const
const outage = { area: 'outage', platforms: allPlatforms, hasRate: false } as const

export const faultSorts: readonly FaultSort[] = [
  // LINE has no way to state a wait: null lets each platform do what it does.
  { ...api, kind: '429', delayMs: null },
  { ...api, kind: '429-no-header' },
  { ...api, kind: 'quota', platforms: ['line'] },
  { ...api, kind: '401' },
  { ...api, kind: '403' },
  { ...api, kind: '500' },
  { ...api, kind: 'timeout', delayMs: null },
  { ...api, kind: 'accept-then-cut' },
  { ...api, kind: 'slow', delayMs: 5000 },
  { ...webhook, kind: 'duplicate' },
  { ...webhook, kind: 'reorder', delayMs: 1000 },
  { ...webhook, kind: 'late', delayMs: 5000 },
  { ...webhook, kind: 'bad-signature' },
  { ...outage, kind: 'reply-token-expired', platforms: ['line'] },
  { ...outage, kind: 'platform-down' },
  { ...outage, kind: 'redis-down', platforms: [] },
]

/** How a fault is switched on. */
export interface FaultChoice {
  platform: PlatformName | 'all'
  /** Share of the calls: 0–100. */
  percent: number
  /** Milliseconds; absent: until it is switched off. */
  durationMs?: number | undefined
  delayMs?: number | undefined
}

export function firstChoice({ delayMs }: FaultSort): FaultChoice {
  return { platform: 'all', percent: 100, ...(typeof delayMs === 'number' ? { delayMs } : {}) }
}

/** What to ask the emulator for: one fault for each platform that is meant. */
export function requestsFor(sort: FaultSort, choice: FaultChoice): PageFaultRequest[] {
  const { kind } = sort
  const lasting = choice.durationMs === undefined ? {} : { durationMs: choice.durationMs }
  if (kind === 'redis-down') return [{ kind, ...lasting }]
  const meant = sort.platforms.filter((each) => choice.platform === 'all' || choice.platform === each)
  return meant.map((platform): PageFaultRequest => {
    if (kind === 'platform-down' || kind === 'reply-token-expired') return { kind, platform, ...lasting }
    const delay = choice.delayMs === undefined ? {} : { delayMs: choice.delayMs }
    return { kind, platform, rate: choice.percent / 100, ...lasting, ...delay }
  })
}

/** Those of one switch that are on now: one that has run out is gone, also before the emulator says so. */
export function activeOf(faults: readonly ActiveFault[], kind: FaultKind, now: number): ActiveFault[] {
  return faults.filter(({ fault, endsAt }) => fault.kind === kind && (endsAt === undefined || endsAt > now))
}

/** Whole seconds that are left, never 0 while it is on. */
export function secondsLeft({ endsAt }: ActiveFault, now: number): number | undefined {
  return endsAt === undefined ? undefined : Math.max(1, Math.ceil((endsAt - now) / 1000))
}
