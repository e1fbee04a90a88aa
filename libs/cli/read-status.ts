import type { OperatorConfig } from '#libs/config'
import type { PlatformName } from '#libs/contract'
import { type BotBreaker, type ClosedScope, type Hold, readHold, readLimits } from '#libs/limiter'
import {
  type Pause,
  countWorkers,
  deadLetterRefs,
  knownBots,
  platformOf,
  readBacklog,
  readDeadLetters,
  readPause,
} from '#libs/mailbox'
import type { RedisClient } from '#libs/redis'

export interface BotStatus {
  bot: string
  /** Absent where no worker has worked for it and the configuration does not have it. */
  platform?: PlatformName
  paused: boolean
  pause?: Pause
  /** A person holds what it sends. */
  hold?: Hold
  /** Worker processes that listen for it; absent where Redis does not tell. */
  workers?: number
  items: number
  lanes: number
  oldestAgeMs: number
  /** Timers that are not due yet. */
  timers: number
  deadLetters: number
  /** Reason → how many. */
  deadLettersByReason: Record<string, number>
  /** Whether sending goes on. */
  breaker: BotBreaker['state']
  heldForMs: number
}

/** What the ingress says of itself. */
export interface IngressStatus {
  url: string
  ready: boolean
  /** Check → `ok`, or what is wrong. Empty where it did not answer. */
  checks: Record<string, string>
}

export interface Status {
  at: number
  bots: BotStatus[]
  /** Limits that keep calls waiting. */
  limits: ClosedScope[]
  ingress?: IngressStatus
  /** What needs a person, in words; empty when all is well. */
  attention: string[]
}

export interface StatusQuery {
  redis: RedisClient
  config: OperatorConfig
  url?: string | undefined
}

export async function readStatus({ redis, config, url }: StatusQuery): Promise<Status> {
  const configured = new Map(config.bots.map(({ name, platform }) => [name, platform]))
  const names = [...new Set([...configured.keys(), ...(await knownBots(redis))])].sort()
  const { closed, breakers } = await readLimits(redis)
  const bots = await Promise.all(
    names.map(async (bot) => {
      const breaker = breakers.find((found) => found.bot === bot) ?? { state: 'closed', heldForMs: 0 }
      const found = await readBot(redis, bot)
      const platform = configured.get(bot) ?? found.platform
      return { ...found, ...(platform && { platform }), breaker: breaker.state, heldForMs: breaker.heldForMs }
    }),
  )
  const ingress = url === undefined ? undefined : await askIngress(url)
  const attention = [...bots.flatMap(botNeeds), ...(ingress ? ingressNeeds(ingress) : [])]
  return { at: Date.now(), bots, limits: closed, ...(ingress && { ingress }), attention }
}

async function readBot(redis: RedisClient, bot: string): Promise<Omit<BotStatus, 'breaker' | 'heldForMs'>> {
  const [backlog, pause, hold, workers, platform] = await Promise.all([
    readBacklog(redis, bot),
    readPause(redis, bot),
    readHold(redis, bot),
    countWorkers(redis, bot),
    platformOf(redis, bot),
  ])
  const byReason: Record<string, number> = {}
  for await (const { reason } of readDeadLetters(redis, await deadLetterRefs(redis, [bot])))
    byReason[reason] = (byReason[reason] ?? 0) + 1
  return {
    bot,
    ...(platform && { platform }),
    ...{ ...backlog, deadLettersByReason: byReason },
    ...(pause && { pause }),
    ...(hold && { hold }),
    ...(workers !== undefined && { workers }),
  }
}

/** Older than any wait that heals by itself soon. */
const oldMs = 5 * 60_000

function botNeeds(status: BotStatus): string[] {
  const { bot, paused, hold, workers, lanes, oldestAgeMs, deadLetters, breaker } = status
  return [
    ...(deadLetters > 0
      ? [`${bot} has ${deadLetters} dead letter(s): hookline dead-letters list --bot ${bot}`]
      : []),
    ...(paused ? [`${bot} is paused: hookline resume ${bot}`] : []),
    ...(hold ? [`${bot} is held: hookline release ${bot}`] : []),
    ...(workers === 0 && lanes > 0 ? [`${bot} has events waiting and no worker: start one`] : []),
    ...(workers !== 0 && !paused && !hold && oldestAgeMs > oldMs
      ? [
          `${bot} has an event that has waited for ${Math.round(oldestAgeMs / 60_000)} min: see the workers' log`,
        ]
      : []),
    ...(breaker === 'held' ? [`sending is held for ${bot}: its platform fails`] : []),
  ]
}

function ingressNeeds({ url, ready, checks }: IngressStatus): string[] {
  if (!ready && Object.keys(checks).length === 0) return [`the ingress at ${url} does not answer`]
  const wrong = Object.entries(checks).filter(([, words]) => words !== 'ok')
  return wrong.map(([name, words]) => `the ingress at ${url}: ${name} ${words}`)
}

async function askIngress(given: string): Promise<IngressStatus> {
  const url = given.replace(/\/+$/, '')
  try {
    const response = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(3000) })
    const body = (await response.json()) as Partial<IngressStatus>
    return { url, ready: body.ready === true, checks: body.checks ?? {} }
  } catch {
    return { url, ready: false, checks: {} }
  }
}
