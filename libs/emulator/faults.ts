import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import { HooklineError, type PlatformName } from '#libs/contract'

const apiKinds = [
  '429',
  '429-no-header',
  'quota',
  '401',
  '403',
  '500',
  'timeout',
  'accept-then-cut',
  'slow',
] as const
const webhookKinds = ['duplicate', 'bad-signature', 'late', 'reorder'] as const

/**
 * Faults of the API.
 * - `429` states a wait where the platform has a way to (`delayMs`, default 1 s; LINE has none, so it
 *   states one only if `delayMs` is given), `429-no-header` never does.
 * - `quota`: LINE's 429 for the monthly limit. `401`, `403` (a right is missing), `500`: in the
 *   platform's own words.
 * - `timeout`: the call is not done and never answered; the connection is cut after `delayMs`, if given.
 * - `accept-then-cut`: the call is done, then the connection is cut instead of the answer.
 * - `slow`: the call is done after `delayMs`, default 5 s.
 */
export type ApiFaultKind = (typeof apiKinds)[number]

/**
 * Faults of the webhook sender; they concern the first attempt of a delivery.
 * - `duplicate`: the same request twice, at the same time.
 * - `bad-signature`: signed with another secret.
 * - `late`: sent after `delayMs`, default 5 s.
 * - `reorder`: sent after the next delivery of this platform, or after `delayMs`, default 1 s.
 */
export type WebhookFaultKind = (typeof webhookKinds)[number]

export const faultSchema = z.strictObject({
  platform: z.enum(['line', 'lineworks', 'tocaro']),
  /** An operation's name as in the ledger, or `*`. Not for webhook faults. */
  operation: z.string().default('*'),
  kind: z.enum([...apiKinds, ...webhookKinds]),
  /** Share of the calls that are hit. */
  rate: z.number().min(0).max(1).default(1),
  /** Only each n-th call is hit. */
  every: z.int().positive().default(1),
  /** How many calls are hit before the fault is over. */
  count: z.int().positive().optional(),
  /** How long the fault lasts. */
  durationMs: z.number().positive().optional(),
  delayMs: z.number().min(0).optional(),
})

/** What shall go wrong, how often and for how long. */
export type FaultRequest = z.input<typeof faultSchema>

/** A fault that is on. */
export interface Fault extends z.infer<typeof faultSchema> {
  id: string
}
export type ApiFault = Fault & { kind: ApiFaultKind }
export type WebhookFault = Fault & { kind: WebhookFaultKind }

/** A fault that is on, and what it did so far. Times: Unix milliseconds of the emulator's clock. */
export interface FaultInForce {
  fault: Fault
  startedAt: number
  /** Absent: it has no end. */
  endsAt?: number
  hits: number
}

/** The faults of one emulator. */
export interface Faults {
  /** Refuses what makes no sense with `config_invalid`. */
  add(request: FaultRequest): Fault
  /** Ends one fault, or all. */
  clear(id?: string): void
  /** Those that are still on. */
  list(): Fault[]
  /** The same with when they began and end, and how often they hit. */
  active(): FaultInForce[]
  /** The fault that hits this API call; asking counts as a call. */
  forCall(platform: PlatformName, operation: string): ApiFault | undefined
  /** The faults that hit this delivery; asking counts as a delivery. */
  forDelivery(platform: PlatformName): WebhookFault[]
}

export interface FaultsOptions {
  clock: () => number
  random?: () => number
}

interface ActiveFault {
  fault: Fault
  startedAt: number
  endsAt: number
  seen: number
  hits: number
}

export function createFaults({ clock, random = Math.random }: FaultsOptions): Faults {
  let active: ActiveFault[] = []
  const current = () =>
    (active = active.filter((a) => a.endsAt > clock() && a.hits < (a.fault.count ?? Infinity)))
  const hits = (a: ActiveFault): boolean => {
    const hit = ++a.seen % a.fault.every === 0 && random() < a.fault.rate
    if (hit) a.hits++
    return hit
  }

  return {
    add: (request) => {
      const fault = { id: randomUUID(), ...checked(request) }
      const startedAt = clock()
      active.push({ fault, startedAt, endsAt: startedAt + (fault.durationMs ?? Infinity), seen: 0, hits: 0 })
      return fault
    },
    clear: (id) => (active = id === undefined ? [] : active.filter((a) => a.fault.id !== id)),
    list: () => current().map((a) => a.fault),
    active: () =>
      current().map(({ fault, startedAt, endsAt, hits }) => ({
        ...{ fault, startedAt, hits },
        ...(endsAt === Infinity ? {} : { endsAt }),
      })),
    forCall: (platform, operation) => {
      const mine = (fault: Fault) =>
        fault.platform === platform && (fault.operation === '*' || fault.operation === operation)
      for (const a of current()) if (isApiFault(a.fault) && mine(a.fault) && hits(a)) return a.fault
      return undefined
    },
    forDelivery: (platform) =>
      current()
        .filter((a) => a.fault.platform === platform && !isApiFault(a.fault) && hits(a))
        .map((a) => a.fault as WebhookFault),
  }
}

function checked(request: unknown): z.infer<typeof faultSchema> {
  const result = faultSchema.safeParse(request)
  if (!result.success) {
    throw new HooklineError('config_invalid', `This fault is wrong:\n${z.prettifyError(result.error)}`)
  }
  if (result.data.kind === 'quota' && result.data.platform !== 'line') {
    throw new HooklineError(
      'config_invalid',
      `Only LINE has a monthly quota, not ${result.data.platform}. Use 429.`,
    )
  }
  return result.data
}

function isApiFault(fault: Fault): fault is ApiFault {
  return (apiKinds as readonly string[]).includes(fault.kind)
}
