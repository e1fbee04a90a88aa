import type { Conversation, PlatformName } from '#libs/contract'
import { pause, type EmulatorContext } from './context'
import type { WebhookFault } from './faults'
import { createHttpPoster, type HttpPoster, type PostResult } from './http-post'
import type { RawEvent, Shown } from './platform-webhooks'

/** Something for the bot, and how its platform sends it. */
export interface Outgoing {
  platform: PlatformName
  url: string
  /** `events` or `url_verification`. */
  operation: string
  conversation?: Conversation
  /** What the user said, for the ledger. */
  messages?: unknown[]
  /** The events in it, as the platform words them; none in a handshake. */
  events?: RawEvent[]
  /** What the page wants shown beside them. */
  shown?: Shown
  eventIds?: string[]
  /** The request of one attempt, 0 being the first; `forged`: signed with another secret. */
  build(attempt: { attempt: number; forged: boolean }): { headers: Record<string, string>; body: Buffer }
  /** Did the bot take it? */
  accepted(result: PostResult): boolean
  /** Milliseconds until the next attempt; undefined: there is none. */
  nextAttempt(attempt: number, accepted: boolean): number | undefined
  /** Asked before each further attempt. */
  abandoned?(): boolean
}

/** What became of the first attempt. */
export interface Delivery {
  /** The bot acknowledged it, by the platform's own rule. */
  delivered: boolean
  /** The bot's status, 0 when no answer came. */
  status: number
  /** `ok`, `error_status_code`, `request_timeout`, `could_not_connect`, `unclassified`; LINE also `webhook_off`, Tocaro `not_registered`, `disabled`. */
  outcome: string
  conversation: Conversation
  /** LINE only: ids of the events sent. */
  eventIds: string[]
}

export interface WebhookSender {
  /** Sends, playing the faults that are on; resolves after the first attempt, retries in the background. */
  deliver(outgoing: Outgoing): Promise<Delivery>
  /** One attempt without faults or retries. */
  attempt(outgoing: Outgoing): Promise<PostResult>
  /** Ends the background attempts. */
  close(): Promise<void>
}

export function createWebhookSender(context: EmulatorContext): WebhookSender {
  const poster = createHttpPoster()
  const attempt = createAttempt(context, poster)
  const background = createBackground(context)
  const waiting: Record<PlatformName, (() => void)[]> = { line: [], lineworks: [], tocaro: [] }

  const retry = async (outgoing: Outgoing, firstDelay: number | undefined) => {
    let delay = firstDelay
    for (let number = 1; delay !== undefined; number++) {
      await pause(context, delay)
      if (context.closing.aborted || outgoing.abandoned?.()) return
      delay = (await attempt(outgoing, number)).delay
    }
  }
  const deliver = async (outgoing: Outgoing): Promise<Delivery> => {
    context.watch.happened(outgoing)
    const faults = context.faults.forDelivery(outgoing.platform)
    const held = waiting[outgoing.platform].splice(0)
    await hold(context, faults, waiting[outgoing.platform])
    if (context.closing.aborted) return delivery(outgoing, 'unclassified', 0)
    const twin = faults.some((fault) => fault.kind === 'duplicate') ? attempt(outgoing, 0, faults) : undefined
    const first = await attempt(outgoing, 0, faults)
    await twin
    held.forEach((release) => release())
    background.add(retry(outgoing, first.delay))
    return delivery(outgoing, outcomeOf(first.result, first.accepted), first.result.status)
  }

  return {
    deliver: (outgoing) => {
      const work = deliver(outgoing)
      background.add(work)
      return work
    },
    attempt: async (outgoing) => (await attempt(outgoing, 0)).result,
    close: async () => {
      Object.values(waiting).forEach((list) => list.splice(0).forEach((release) => release()))
      poster.close()
      await background.done()
    },
  }
}

function createAttempt(context: EmulatorContext, poster: HttpPoster) {
  return async (outgoing: Outgoing, number: number, faults: WebhookFault[] = []) => {
    const forged = faults.some((fault) => fault.kind === 'bad-signature')
    const request = outgoing.build({ attempt: number, forged })
    const timeoutMs = context.settings().webhookTimeoutMs[outgoing.platform]
    const startedAt = Date.now()
    const result = await poster.post({ url: outgoing.url, timeoutMs, ...request })
    const accepted = outgoing.accepted(result)
    // Before it is recorded: whoever reads the ledger finds the platform's state changed already.
    const delay = outgoing.nextAttempt(number, accepted)
    const fault = faults.map(({ kind }) => kind).join(' ')
    const outcome = outcomeOf(result, accepted)
    context.watch.attempted({
      ...{ outgoing, request, result, outcome, attempt: number, fault, forged, startedAt },
    })
    record(context, { outgoing, result, accepted, attempt: number, fault })
    return { result, accepted, delay }
  }
}

/** Work that nobody waits for until the emulator closes. */
function createBackground(context: EmulatorContext) {
  const running = new Set<Promise<unknown>>()
  return {
    add: (work: Promise<unknown>) => {
      const noted = work.catch((error: unknown) => context.log(`emulator: ${String(error)}`))
      running.add(noted)
      void noted.then(() => running.delete(noted))
    },
    done: () => Promise.all(running),
  }
}

/** Keeps a delivery back as its faults ask for. */
async function hold(
  context: EmulatorContext,
  faults: WebhookFault[],
  waiting: (() => void)[],
): Promise<void> {
  const late = faults.find((fault) => fault.kind === 'late')
  if (late) await pause(context, late.delayMs ?? 5000)
  const reorder = faults.find((fault) => fault.kind === 'reorder')
  if (!reorder) return
  const overtaken = new Promise<void>((resolve) => waiting.push(resolve))
  await Promise.race([overtaken, pause(context, reorder.delayMs ?? 1000)])
}

function outcomeOf(result: PostResult, accepted: boolean): string {
  if (accepted) return 'ok'
  return result.outcome === 'answered' ? 'error_status_code' : result.outcome
}

const nowhere: Conversation = { kind: 'none', id: '' }

function delivery(outgoing: Outgoing, outcome: string, status: number): Delivery {
  const { conversation = nowhere, eventIds = [] } = outgoing
  return { delivered: outcome === 'ok', status, outcome, conversation, eventIds }
}

interface Attempt {
  outgoing: Outgoing
  result: PostResult
  accepted: boolean
  attempt: number
  fault: string
}

function record(context: EmulatorContext, { outgoing, result, accepted, attempt, fault }: Attempt): void {
  const { platform, operation, conversation, messages, eventIds } = outgoing
  const outcome = outcomeOf(result, accepted)
  context.ledger.append({
    platform,
    kind: 'webhook',
    operation,
    status: result.status,
    outcome,
    attempt,
    ms: result.ms,
    ...(conversation ? { conversation } : {}),
    ...(messages ? { messages } : {}),
    ...(eventIds ? { eventIds } : {}),
    ...(fault ? { fault } : {}),
  })
  if (!accepted)
    context.log(`${platform}: webhook ${operation} attempt ${attempt + 1}: ${outcome} ${result.status || ''}`)
}
