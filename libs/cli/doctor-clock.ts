import type { Http } from '#libs/http'
import { type Finding, ok, problem, skipped, warning } from './doctor-finding'

/** How far another clock is ahead of this machine's: milliseconds. */
export interface ClockSample {
  source: string
  aheadMs: number
}

const subject = { id: 'clock', name: 'Clock of this machine' }
/** `Date` has whole seconds, and an answer takes its time. */
const noiseMs = 5_000
/** Above this signed requests are refused sooner or later. */
const problemMs = 30_000

/** Notes the clock of everyone who answers. */
export function watchClocks(http: Http, samples: ClockSample[], now: () => number = Date.now): Http {
  return async (request) => {
    const before = now()
    const response = await http(request)
    const date = Date.parse(response.headers['date'] ?? '')
    // The middle of the exchange and of the second that the header names.
    if (Number.isFinite(date))
      samples.push({ source: new URL(request.url).host, aheadMs: date + 500 - (before + now()) / 2 })
    return response
  }
}

/** Platforms go before Redis: they are what refuses, and Redis may be on this very machine. */
export function judgeClock(platforms: ClockSample[], redis: ClockSample | undefined): Finding[] {
  const judge = nearest(platforms) ?? redis
  if (judge === undefined) return [skipped(subject, 'nobody answered whose clock could be compared')]
  return [judgeThisClock(judge), ...(redis && judge !== redis ? judgeRedisClock(judge, redis) : [])]
}

function judgeThisClock({ source, aheadMs }: ClockSample): Finding {
  const off = Math.abs(aheadMs)
  const found = `${seconds(off)} ${aheadMs > 0 ? 'behind' : 'ahead of'} ${source}`
  if (off < noiseMs) return ok(subject, `within ${noiseMs / 1000} s of ${source}`)
  const fault = {
    found: `clock skew: ${found}`,
    why: 'LINE and LINE WORKS refuse signed token requests (JWT) whose times are off.',
    remedy: 'sudo timedatectl set-ntp true   (in a container: on its host), then look: timedatectl',
  }
  return off < problemMs ? warning(subject, fault) : problem(subject, fault)
}

/** Both are compared with this machine; what differs is the distance between them. */
function judgeRedisClock(judge: ClockSample, redis: ClockSample): Finding[] {
  const off = redis.aheadMs - judge.aheadMs
  // Redis agrees with this machine where both run on it: then one remedy is enough.
  if (Math.abs(off) < problemMs || Math.abs(redis.aheadMs) < noiseMs) return []
  return [
    warning(
      { id: 'redis-clock', name: 'Clock of Redis' },
      {
        found: `${seconds(Math.abs(off))} ${off > 0 ? 'ahead of' : 'behind'} ${judge.source}`,
        why: "Retries and rate limits go by Redis' clock.",
        remedy: "On Redis' machine: sudo timedatectl set-ntp true",
      },
    ),
  ]
}

/** A single stray answer (a cache, a proxy) is not believed where another clock agrees with ours. */
function nearest(samples: ClockSample[]): ClockSample | undefined {
  return [...samples].sort((a, b) => Math.abs(a.aheadMs) - Math.abs(b.aheadMs))[0]
}

function seconds(ms: number): string {
  const rounded = Math.round(ms / 1000)
  return rounded < 120 ? `${rounded} s` : `${Math.round(rounded / 60)} min`
}
