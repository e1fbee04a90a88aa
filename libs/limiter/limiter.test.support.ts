import { randomUUID } from 'node:crypto'
import { createLogger } from '#libs/observability'
import type { Limit, StatedLimit } from '#libs/contract'
import { testRedis } from '../../tests/support/redis'
import {
  type Limiter,
  type LimiterOptions,
  type Permit,
  type PermitRequest,
  type RunningLimiter,
  createLimiter,
} from '.'

export const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))

/** A limit that no other test shares. */
export function uniqueLimit(amount: number, perMs: number, more: Partial<Limit> = {}): Limit {
  return { scope: `test:${randomUUID()}:send`, amount, perMs, ...more }
}

/** Limiters of several workers: each with a connection of its own. */
export function workers(count: number, options: Partial<LimiterOptions> = {}) {
  const lines: string[] = []
  const log = createLogger({
    name: 'test',
    level: 'info',
    destination: { write: (line) => void lines.push(line) },
  })
  const connections = Array.from({ length: count }, () => testRedis())
  const limiters = connections.map((redis) => createLimiter({ bot: 'shop', redis, log, ...options }))
  const [redis] = connections as [ReturnType<typeof testRedis>]
  const [limiter] = limiters as [RunningLimiter]
  const end = async () => {
    await Promise.all(limiters.map((each) => each.close()))
    await Promise.all(connections.map((connection) => connection.quit()))
  }
  return { limiter, limiters, redis, lines, end }
}

/** Asks until the permit is there, as a worker does. */
export async function permitFor(limiter: Limiter, request: PermitRequest): Promise<Permit> {
  for (;;) {
    const answer = await limiter.ask(request)
    if (answer.kind === 'granted') return answer.permit
    if (answer.kind === 'exhausted') throw new Error('exhausted')
    await pause(answer.ms)
  }
}

export interface PlatformOptions {
  amount: number
  windowMs: number
  kind: 'fixed' | 'sliding'
  /** How the stated seconds are made whole. */
  round: (seconds: number) => number
}

/** A platform that enforces a limit and states it. */
export function limitedPlatform({ amount, windowMs, kind, round }: PlatformOptions) {
  let window = { from: -Infinity, calls: [] as number[] }
  const counts = { accepted: 0, refused: 0 }
  const call = async (): Promise<{ ok: boolean; stated: StatedLimit }> => {
    await pause(Math.random() * 10)
    const now = performance.now()
    if (kind === 'sliding') window.calls = window.calls.filter((at) => at > now - windowMs)
    else if (now >= window.from + windowMs) window = { from: now, calls: [] }
    const ok = window.calls.length < amount
    if (ok) window.calls.push(now)
    counts[ok ? 'accepted' : 'refused'] += 1
    const from = kind === 'sliding' ? (window.calls[0] ?? now) : window.from
    const resetMs = round((from + windowMs - now) / 1000) * 1000
    await pause(Math.random() * 10)
    return { ok, stated: { amount, remaining: amount - window.calls.length, resetMs } }
  }
  return { call, counts }
}

/** The most of these that lie within any `windowMs`. */
export function mostWithin(times: number[], windowMs: number): number {
  const sorted = [...times].sort((a, b) => a - b)
  return Math.max(...sorted.map((from) => sorted.filter((at) => at >= from && at < from + windowMs).length))
}
