import type { PlatformName } from '#libs/contract'

/** An event that the traffic sent. */
export interface SentEvent {
  label: string
  platform: PlatformName
  /** The platform's id of the conversation. */
  conversation: string
  sequence: number
  /** When a request that carried it got its 200: Unix milliseconds. Undefined: none did, nothing was promised. */
  ackedAt: number | undefined
  /** It can only end as a dead letter: its handler kills the process, or never returns. */
  mustPark: boolean
}

/** A message that the platform accepted, in the order of acceptance. */
export interface Accepted {
  label: string
  conversation: string
  at: number
}

/** One API call that carried a message. */
export interface Call {
  label: string
  startedAt: number
  endedAt: number
  /** The acceptance reached a worker that lived, with Redis there, long enough to note it. */
  clear: boolean
  /** How it ended, for people: `answered`, `cut`, … */
  how: string
}

export interface Parked {
  label: string
  reason: string
}

export interface Ledgers {
  sent: SentEvent[]
  accepted: Accepted[]
  calls: Call[]
  parked: Parked[]
  /** Labels of the events that still wait in a lane. */
  waiting: string[]
}

export interface Verdict {
  sent: number
  acked: number
  delivered: number
  lost: number
  /** Neither delivered nor parked in time, but still in its lane. */
  late: number
  reordered: number
  repeated: number
  /** Of the repeated: the platform has no way to tell, and the call before had no answer that could be noted. */
  unknowable: number
  parked: number
  /** Never acknowledged, answered all the same: the request was cut after it was stored. */
  unasked: number
  slowestAnswerMs: number
  /** What breaks the promise, in words. Empty: nothing does. */
  offences: string[]
}

/** Compares what was acknowledged with what the platform accepted. Pure, so that it can be shown to fail. */
export function reconcile(ledgers: Ledgers): Verdict {
  const events = new Map(ledgers.sent.map((event) => [event.label, event]))
  const acked = ledgers.sent.filter(({ ackedAt }) => ackedAt !== undefined)
  const accepted = groupBy(ledgers.accepted, ({ label }) => label)
  const parked = new Set(ledgers.parked.map(({ label }) => label))
  const delivered = acked.filter(({ label }) => accepted.has(label))
  const waiting = new Set(ledgers.waiting)
  const missing = acked.filter(({ label }) => !accepted.has(label) && !parked.has(label))
  const lost = missing.filter(({ label }) => !waiting.has(label))
  const late = missing.filter(({ label }) => waiting.has(label))
  const reordered = findReordered(ledgers.accepted, events)
  const repeats = findRepeats(accepted, events, ledgers.calls)
  const unexcused = repeats.filter(({ excused }) => !excused)
  const delays = delivered.map((event) => (accepted.get(event.label)?.[0]?.at ?? 0) - (event.ackedAt ?? 0))
  return {
    sent: ledgers.sent.length,
    acked: acked.length,
    delivered: delivered.length,
    lost: lost.length,
    late: late.length,
    reordered: reordered.length,
    repeated: repeats.length,
    unknowable: repeats.length - unexcused.length,
    parked: parked.size,
    unasked: ledgers.sent.filter((event) => event.ackedAt === undefined && accepted.has(event.label)).length,
    slowestAnswerMs: Math.max(0, ...delays),
    offences: [
      ...lost.map((event) => `lost: ${named(event)} was acknowledged, never accepted and not parked`),
      ...late.map((event) => `late: ${named(event)} was acknowledged and still waits in its lane`),
      ...reordered,
      ...unexcused.map(({ words }) => words),
      ...wrongPlaces(ledgers.accepted, events),
      ...wrongParks(ledgers, events),
    ],
  }
}

function named({ label, platform }: SentEvent): string {
  return `${label} (${platform})`
}

function groupBy<T>(list: T[], keyOf: (entry: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const entry of list) {
    const group = groups.get(keyOf(entry))
    if (group) group.push(entry)
    else groups.set(keyOf(entry), [entry])
  }
  return groups
}

/** Every message, a repeat too, that the user saw after a later one of the same conversation. */
function findReordered(accepted: Accepted[], events: Map<string, SentEvent>): string[] {
  const latest = new Map<string, SentEvent>()
  return accepted.flatMap(({ label }) => {
    const event = events.get(label)
    // What was never acknowledged was given up by its platform: nothing was promised about it.
    if (event?.ackedAt === undefined) return []
    const before = latest.get(event.conversation)
    if (!before || before.sequence <= event.sequence) latest.set(event.conversation, event)
    else return [`reordered: ${named(event)} was accepted after ${before.label}`]
    return []
  })
}

interface Repeat {
  excused: boolean
  words: string
}

function findRepeats(
  accepted: Map<string, Accepted[]>,
  events: Map<string, SentEvent>,
  calls: Call[],
): Repeat[] {
  const callsOf = groupBy(calls, ({ label }) => label)
  return [...accepted].flatMap(([label, times]) => {
    const event = events.get(label)
    if (!event || times.length < 2) return []
    return repeatsOf(event, times, callsOf.get(label) ?? [])
  })
}

/**
 * A repeat is excused when every earlier call with this message ended without an answer that could be noted.
 * Never on LINE: its reply tokens and retry keys make a repeat impossible. Never twice in one call.
 */
function repeatsOf(event: SentEvent, accepted: Accepted[], calls: Call[]): Repeat[] {
  // The call that ended first explains the acceptance first: so each finds one where there is one.
  const unused = calls.toSorted((a, b) => a.endedAt - b.endedAt)
  const madeBy = accepted.map(({ at }) => {
    const index = unused.findIndex(({ startedAt, endedAt }) => startedAt <= at && at <= endedAt)
    return index < 0 ? undefined : unused.splice(index, 1)[0]
  })
  return madeBy.slice(1).map((call) => {
    const earlier = call && calls.filter((other) => other.startedAt < call.startedAt)
    const known = !call || earlier?.some(({ clear }) => clear)
    const why =
      event.platform === 'line'
        ? 'LINE has ways to prevent it'
        : known
          ? 'an earlier call was answered'
          : undefined
    return {
      excused: why === undefined,
      words: `repeated: ${named(event)} was accepted ${accepted.length} times, although ${why ?? ''}${story(calls)}`,
    }
  })
}

/** The calls with times from the first on: `(worker-2 0–20 ms cut, worker-1 1200–1215 ms answered)`. */
function story(calls: Call[]): string {
  const first = Math.min(...calls.map(({ startedAt }) => startedAt))
  const parts = calls
    .toSorted((a, b) => a.startedAt - b.startedAt)
    .map(({ startedAt, endedAt, how }) => `${startedAt - first}–${endedAt - first} ms ${how}`)
  return parts.length === 0 ? '' : ` (${parts.join(', ')})`
}

function wrongPlaces(accepted: Accepted[], events: Map<string, SentEvent>): string[] {
  return accepted.flatMap(({ label, conversation }) => {
    const event = events.get(label)
    if (!event) return [`misdirected: ${label} was accepted, but nobody had sent it`]
    if (event.conversation === conversation) return []
    return [`misdirected: ${named(event)} went to another conversation`]
  })
}

function wrongParks({ sent, parked, accepted }: Ledgers, events: Map<string, SentEvent>): string[] {
  const inLetters = new Set(parked.map(({ label }) => label))
  const answered = new Set(accepted.map(({ label }) => label))
  const needless = parked
    .filter(({ label }) => !events.get(label)?.mustPark)
    .map(({ label, reason }) => `parked: ${label} became a dead letter (${reason}) and should not have`)
  const missing = sent
    .filter(({ mustPark, ackedAt, label }) => mustPark && ackedAt !== undefined && !inLetters.has(label))
    .filter(({ label }) => answered.has(label))
    .map((event) => `not parked: ${named(event)} was answered although its handler can't end`)
  return [...needless, ...missing]
}
