import { randomBytes } from 'node:crypto'
import type { Conversation } from '#libs/contract'
import { signTocaro } from '#libs/platforms'
import { defaultTocaroGroup } from './accounts'
import { isRecord } from './api-call'
import type { EmulatorContext } from './context'
import type { PlatformWebhooks, RawEvent, Said, Shown } from './platform-webhooks'
import { registerTocaro, type Registration, type TocaroRegistrationOptions } from './tocaro-registration'
import type { Delivery, Outgoing } from './webhook-sender'

export interface TocaroWebhooks extends PlatformWebhooks {
  /** Runs the handshake; also the only way back after disablement. A new `url` becomes the endpoint. */
  register(url?: string): Promise<Registration>
  state(): EndpointState
}

/** `unregistered` until the first handshake; `disabled` after five failures, until a person registers again. */
export type EndpointState = 'unregistered' | 'registered' | 'disabled'

interface Endpoint {
  state: EndpointState
  /** Failed sends in a row, over all events: the R3 reading. */
  failures: number
  /** Callers that speak at the same time share one handshake. */
  handshake: Promise<Registration> | undefined
}

export function createTocaroWebhooks(options: TocaroRegistrationOptions): TocaroWebhooks {
  const { account, context, sender } = options
  const endpoint: Endpoint = { state: 'unregistered', failures: 0, handshake: undefined }

  const register = (url = account.webhookUrl) => {
    endpoint.handshake ??= registerTocaro(url, options)
      .then((result) => {
        if (!result.registered) {
          context.log(`tocaro: not registered. ${result.reason}`)
          return result
        }
        account.webhookUrl = url
        Object.assign(endpoint, { state: 'registered', failures: 0 })
        return result
      })
      .finally(() => (endpoint.handshake = undefined))
    return endpoint.handshake
  }
  const deliver = async (partial: RawEvent, shown?: Shown): Promise<Delivery> => {
    const body = complete(partial, options)
    const built = outgoing(body, endpoint, options)
    const request = shown ? { ...built, shown } : built
    context.watch.happened(request)
    if (endpoint.state === 'unregistered') await register()
    // The handshake may have moved the endpoint.
    if (endpoint.state === 'registered') return sender.deliver({ ...request, url: account.webhookUrl })
    const outcome = endpoint.state === 'disabled' ? 'disabled' : 'not_registered'
    context.watch.undelivered(request, outcome)
    return { delivered: false, status: 0, outcome, conversation: conversationOf(body), eventIds: [] }
  }
  return {
    register,
    state: () => endpoint.state,
    say: (said) => deliver(textEvent(said)),
    send: async (partials, _batch, shown) => {
      const deliveries = []
      for (const partial of partials) deliveries.push(await deliver(partial, shown))
      return deliveries
    },
  }
}

function textEvent({ text, user = 'usemulator', room = defaultTocaroGroup }: Said): RawEvent {
  return { event: { user, item: { text, group: room, user } } }
}

/** [assumed] `authedUser` is the person who made the bot, not the bot itself. */
const owner = 'usemulatorowner'

/** Fills in envelope and item [Tocaro Event API specification]; what is given stays. */
function complete(partial: RawEvent, { context }: TocaroRegistrationOptions): RawEvent {
  const now = context.clock()
  const { event: given, ...envelope } = partial
  const event = isRecord(given) ? given : {}
  const item = isRecord(event.item) ? event.item : {}
  const user = item.user ?? event.user ?? 'usemulator'
  const mentions = { empty: { mentions: [] }, null: { mentions: null }, absent: {} }[
    context.settings().tocaroMentions
  ]
  const body = {
    token: '',
    type: 'event_callback',
    authedUser: owner,
    eventTime: now,
    event: {
      user,
      type: 'message.posted',
      ...event,
      item: { type: 'message', ts: now, text: '', ...mentions, group: defaultTocaroGroup, user, ...item },
    },
    ...envelope,
  }
  remember(body.event.item, context)
  return body
}

function remember({ user, group }: RawEvent, { directory }: EmulatorContext): void {
  directory.saw('tocaro', {
    ...(typeof user === 'string' ? { user } : {}),
    ...(typeof group === 'string' ? { room: group } : {}),
  })
}

function itemOf({ event }: RawEvent): RawEvent {
  return isRecord(event) && isRecord(event.item) ? event.item : {}
}

function conversationOf(body: RawEvent): Conversation {
  const { group } = itemOf(body)
  return typeof group === 'string' ? { kind: 'group', id: group } : { kind: 'none', id: '' }
}

function outgoing(body: RawEvent, endpoint: Endpoint, options: TocaroRegistrationOptions): Outgoing {
  const { account, context } = options
  return {
    platform: 'tocaro',
    url: account.webhookUrl,
    operation: 'events',
    events: [body],
    conversation: conversationOf(body),
    messages: [itemOf(body)],
    build: ({ attempt, forged }) => request(body, { attempt, forged }, options),
    // [assumed] Exactly 200, the strictest reading.
    accepted: ({ status }) => status === 200,
    nextAttempt: (attempt, accepted) => nextAttempt(attempt, accepted, { endpoint, context }),
    abandoned: () => endpoint.state !== 'registered',
  }
}

/** Sends of one event before the endpoint is disabled, by the reading of the retry rule. */
const sends = { R1: 6, R2: 5, R3: 6 }

function nextAttempt(
  attempt: number,
  accepted: boolean,
  { endpoint, context }: { endpoint: Endpoint; context: EmulatorContext },
): number | undefined {
  if (accepted) {
    endpoint.failures = 0
    return undefined
  }
  const { tocaroRetryMode: mode, tocaroRetryIntervalMs } = context.settings()
  endpoint.failures++
  const over = attempt + 1 >= sends[mode] || (mode === 'R3' && endpoint.failures >= 5)
  if (!over) return tocaroRetryIntervalMs
  if (endpoint.state === 'registered')
    context.log('tocaro: endpoint disabled after failed sends; register it again.')
  endpoint.state = 'disabled'
  return undefined
}

interface AttemptNumber {
  attempt: number
  forged: boolean
}

function request(
  body: RawEvent,
  { attempt, forged }: AttemptNumber,
  { account, context }: TocaroRegistrationOptions,
) {
  const settings = context.settings()
  const { signingSecret, accessToken = signingSecret } = account
  const own = settings.tocaroEventToken === 'accessToken' ? accessToken : signingSecret
  const late = attempt > 0 && settings.mutateEventTimeOnRetry ? { eventTime: context.clock() } : {}
  const { tocaroRetryHeader: retryHeader } = settings
  const value = retryHeader === 'number' ? String(attempt) : retryHeader
  return {
    headers: {
      'content-type': 'application/json',
      ...(attempt > 0 && value !== null ? { 'x-tocaro-retry': value } : {}),
    },
    body: signTocaro(
      Buffer.from(JSON.stringify({ ...body, ...late })),
      forged ? randomBytes(20).toString('hex') : own,
    ),
  }
}
