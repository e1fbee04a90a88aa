import type { Accounts, Emulator } from '#libs/emulator'
import { type Conversation, createConversations } from './conversations'
import { type Attempt, type Edge, type Webhook, redelivered } from './edge'
import { labelOf } from './labels'
import type { Random } from './random'
import type { SentEvent } from './reconcile'
import { sleep } from './until'

/** What is sent, and how. */
export interface Load {
  conversations: number
  /** Events of each conversation: at least so many, and no more than that while the harm goes on. */
  least: number
  most: number
  /** From one acknowledgement to the conversation's next event, on average: milliseconds. */
  pauseMs: number
  /** Share of the requests that are sent twice at the same time, to two ingresses where there are two. */
  twice?: number
  /** Share of the requests that are sent again up to three seconds after they were acknowledged. */
  again?: number
  /** Each request is held back up to so many milliseconds: they arrive in another order than they happened. */
  heldMs?: number
  /** LINE: so many conversations speak at the same time, in one request and in any order. */
  bundle?: number
  /** What a text ends with, for a bot that knows such texts; its event must become a dead letter. */
  mark?: (conversation: number, sequence: number) => string | undefined
}

export interface Traffic {
  /** The harm is over: every conversation ends when it has sent its least. */
  finish(): void
  /** Resolves when all has been sent. */
  done: Promise<void>
  sent(): SentEvent[]
  report(): TrafficReport
}

export interface TrafficReport {
  slowestAckMs: number
  /** Requests that a living ingress did not answer with 200 within two seconds. */
  refusals: string[]
  /** Requests sent more often than the platform had to. */
  duplicates: number
  heldBack: number
}

export interface TrafficOptions {
  load: Load
  emulator: Emulator
  edge: Edge
  accounts: Required<Accounts>
  random: Random
}

interface Deps extends TrafficOptions {
  sent: SentEvent[]
  report: TrafficReport
  /** Redeliveries that nobody waits for before the next event. */
  background: Promise<void>[]
  isFinished: () => boolean
}

/** A platform's own tries after the first; LINE WORKS has none. Minutes apart there, much less here. */
const retries = { line: 5, tocaro: 5, lineworks: 0 }

export function startTraffic(options: TrafficOptions): Traffic {
  let finished = false
  const deps: Deps = {
    ...options,
    sent: [],
    report: { slowestAckMs: 0, refusals: [], duplicates: 0, heldBack: 0 },
    background: [],
    isFinished: () => finished,
  }
  const walks = walksOf(options.load).map((walk) =>
    talk(walk, { ...deps, random: options.random.fork(`walk ${walk[0]?.number ?? 0}`) }),
  )
  return {
    finish: () => void (finished = true),
    done: Promise.all(walks)
      .then(() => Promise.all(deps.background))
      .then(() => undefined),
    sent: () => deps.sent,
    report: () => deps.report,
  }
}

/** Who speaks together: on LINE as many as one request shall carry, else everybody alone. */
function walksOf({ conversations, bundle = 1 }: Load): Conversation[][] {
  const all = createConversations(conversations)
  const line = all.filter(({ platform }) => platform === 'line')
  const bundles = Array.from({ length: Math.ceil(line.length / bundle) }, (_, i) =>
    line.slice(i * bundle, (i + 1) * bundle),
  )
  return [...bundles, ...all.filter(({ platform }) => platform !== 'line').map((one) => [one])]
}

/** One event after the other: the next is sent when the one before was acknowledged, or given up. */
async function talk(walk: Conversation[], deps: Deps): Promise<void> {
  const { least, most, pauseMs } = deps.load
  await sleep(deps.random.between(0, pauseMs))
  for (let sequence = 1; sequence <= most; sequence++) {
    if (deps.isFinished() && sequence > least) return
    await sayAndDeliver(walk, sequence, deps)
    await sleep(deps.random.between(0, 2 * pauseMs))
  }
}

async function sayAndDeliver(walk: Conversation[], sequence: number, deps: Deps): Promise<void> {
  const { emulator, edge, load, random } = deps
  const parts = random.shuffle(walk).map((conversation) => {
    const mark = load.mark?.(conversation.number, sequence)
    const event = noteSent(conversation, { sequence, mark }, deps)
    return { event, raw: conversation.says(mark === undefined ? event.label : `${event.label} ${mark}`) }
  })
  const [first] = parts
  if (!first) return
  const { platform } = first.event
  await emulator.sendEvent({ platform, events: parts.map(({ raw }) => raw), batch: true })
  const webhook = edge.collect(first.event.label)
  await holdBack(deps)
  if (!(await deliver(webhook, first.event.label, deps))) return
  const ackedAt = Date.now()
  for (const { event } of parts) event.ackedAt = ackedAt
}

async function holdBack({ load: { heldMs }, random, report }: Deps): Promise<void> {
  if (heldMs === undefined) return
  report.heldBack++
  await sleep(random.between(0, heldMs))
}

function noteSent(
  { number, platform, id }: Conversation,
  { sequence, mark }: { sequence: number; mark: string | undefined },
  { sent }: Deps,
): SentEvent {
  const event: SentEvent = {
    label: labelOf(number, sequence),
    platform,
    conversation: id,
    sequence,
    ackedAt: undefined,
    mustPark: mark !== undefined,
  }
  sent.push(event)
  return event
}

/** True when it was acknowledged, be it at a later try. */
async function deliver(webhook: Webhook, label: string, deps: Deps): Promise<boolean> {
  const { accounts, load, random } = deps
  const twin = random.chance(load.twice ?? 0)
  const again = random.chance(load.again ?? 0) ? random.between(50, 3000) : undefined
  let acked = await attempt(webhook, label, deps, twin)
  for (let retry = 0; !acked && retry < retries[webhook.platform]; retry++) {
    await sleep(random.between(300, 700))
    acked = await attempt(redelivered(webhook, accounts), label, deps)
  }
  if (acked && again !== undefined) deps.background.push(repeatLater(webhook, { label, again }, deps))
  return acked
}

async function attempt(webhook: Webhook, label: string, deps: Deps, twin = false): Promise<boolean> {
  if (twin) deps.report.duplicates++
  const tries = await Promise.all([webhook, ...(twin ? [webhook] : [])].map((w) => deps.edge.attempt(w)))
  for (const result of tries) note(result, label, deps.report)
  return tries.some(({ status }) => status === 200)
}

function note({ status, ms, refused }: Attempt, label: string, report: TrafficReport): void {
  if (status === 200) report.slowestAckMs = Math.max(report.slowestAckMs, ms)
  if (refused)
    report.refusals.push(`refused: the request with ${label} got ${status || 'no answer'} after ${ms} ms`)
}

async function repeatLater(
  webhook: Webhook,
  { label, again }: { label: string; again: number },
  deps: Deps,
): Promise<void> {
  await sleep(again)
  deps.report.duplicates++
  const sameBytes = deps.random.chance(0.5)
  note(await deps.edge.attempt(sameBytes ? webhook : redelivered(webhook, deps.accounts)), label, deps.report)
}
