import { type IncomingMessage, type ServerResponse, createServer, request as startRequest } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer, text } from 'node:stream/consumers'
import type { Accounts } from '#libs/emulator'
import type { PlatformName } from '#libs/contract'
import { signLine, signTocaro } from '#libs/platforms'
import type { Fleet, Member } from './fleet'
import { labelsIn } from './labels'
import { sleep } from './until'

/** A webhook as the platform wrote and signed it. */
export interface Webhook {
  platform: PlatformName
  path: string
  headers: Record<string, string>
  body: Buffer
}

/** One try to hand a webhook to an ingress. */
export interface Attempt {
  /** 0: no answer. */
  status: number
  ms: number
  /** Not answered with 200 in time although the ingress lived all the while: nothing excuses that. */
  refused: boolean
}

/**
 * Stands between the emulator and the ingresses. The emulator writes and signs the webhooks; the edge keeps
 * them and hands them to an ingress as often and whenever the traffic wants.
 */
export interface Edge {
  url: string
  /** The webhook that carries this label; it is kept no longer. */
  collect(label: string): Webhook
  /** The next ingress that listens; one that refuses the connection is passed over, as a balancer does. */
  attempt(webhook: Webhook): Promise<Attempt>
  close(): void
}

/** LINE's limit for an answer, taken for all three. */
const answerWithinMs = 2000
/** How long a balancer holds a request while no ingress listens. */
const holdMs = 20_000

export async function openEdge(fleet: Fleet): Promise<Edge> {
  const kept = new Map<string, Webhook>()
  const balance = createBalancer(fleet)
  const server = createServer((incoming, outgoing) => {
    void receive(incoming, outgoing, { kept, balance })
  })
  // The emulator reuses its connections; one that is closed at this moment would cost a webhook.
  server.keepAliveTimeout = 0
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    collect: (label) => {
      const webhook = kept.get(label)
      if (!webhook) throw new Error(`the emulator sent no webhook with ${label}`)
      kept.delete(label)
      return webhook
    },
    attempt: (webhook) => attempt(webhook, balance),
    close: () => {
      server.close()
      server.closeAllConnections()
    },
  }
}

type Balancer = () => Promise<Member>

/** One ingress after the other; waits while none listens. */
function createBalancer(fleet: Fleet): Balancer {
  let turn = 0
  return async () => {
    for (const deadline = Date.now() + holdMs; Date.now() < deadline; await sleep(20)) {
      const members = fleet.running('ingress').filter(({ endingAt }) => endingAt === undefined)
      const member = members[turn++ % Math.max(1, members.length)]
      if (member) return member
    }
    throw new Error(`no ingress listened within ${holdMs / 1000} s`)
  }
}

interface Receiving {
  kept: Map<string, Webhook>
  balance: Balancer
}

/** A handshake goes through to an ingress; an event is kept. */
async function receive(incoming: IncomingMessage, outgoing: ServerResponse, { kept, balance }: Receiving) {
  const body = await buffer(incoming)
  const webhook = { path: incoming.url ?? '/', headers: plain(incoming.headers), body }
  const [label] = labelsIn(body.toString())
  if (label !== undefined) {
    kept.set(label, { ...webhook, platform: platformOf(webhook.path) })
    outgoing.end()
    return
  }
  const member = await balance()
  const answer = await post(member, { ...webhook, platform: 'tocaro' })
  outgoing.writeHead(answer.status || 502, { 'content-type': 'application/json' }).end(answer.body)
}

function platformOf(path: string): PlatformName {
  const name = path.split('/')[2]
  if (name === 'line' || name === 'lineworks' || name === 'tocaro') return name
  throw new Error(`no platform in the path ${path}`)
}

function plain(headers: IncomingMessage['headers']): Record<string, string> {
  const hops = new Set(['host', 'connection', 'content-length'])
  const rest = Object.entries(headers).filter(([name]) => !hops.has(name))
  return Object.fromEntries(rest.map(([name, value]) => [name, String(value)]))
}

async function attempt(webhook: Webhook, balance: Balancer): Promise<Attempt> {
  for (;;) {
    const member = await balance()
    const startedAt = Date.now()
    const answer = await post(member, webhook)
    // Nothing was sent: the balancer takes another ingress.
    if (answer.failure === 'ECONNREFUSED') continue
    const ms = Date.now() - startedAt
    if (answer.status === 200) return { status: 200, ms, refused: false }
    // The news of a death comes a moment after the cut that it caused.
    await sleep(100)
    return { status: answer.status, ms, refused: member.endingAt === undefined }
  }
}

interface Answer {
  status: number
  body: string
  failure?: string
}

/** Each on a connection of its own: a kept one that the ingress just closed would look like a refusal. */
function post(member: Member, { path, headers, body }: Webhook): Promise<Answer> {
  return new Promise((resolve) => {
    const fail = (failure: string) => resolve({ status: 0, body: '', failure })
    const call = startRequest(
      (member.url ?? '') + path,
      { method: 'POST', headers: { ...headers, 'content-length': body.length }, agent: false },
      (response) => {
        text(response).then(
          (answer) => resolve({ status: response.statusCode ?? 0, body: answer }),
          () => fail('cut'),
        )
      },
    )
    const timer = setTimeout(() => {
      fail('timeout')
      call.destroy()
    }, answerWithinMs)
    call.on('error', (error: NodeJS.ErrnoException) => fail(error.code ?? 'failed'))
    call.on('close', () => clearTimeout(timer))
    call.end(body)
  })
}

/**
 * The same event as the platform sends it once more: LINE flags it and signs anew, Tocaro adds a header and
 * a new time. LINE WORKS never does; there the same bytes stand for a network that repeats them.
 */
export function redelivered(webhook: Webhook, accounts: Required<Accounts>): Webhook {
  switch (webhook.platform) {
    case 'lineworks':
      return webhook
    case 'line': {
      const content = JSON.parse(webhook.body.toString()) as { events: object[] }
      const events = content.events.map((event) => ({ ...event, deliveryContext: { isRedelivery: true } }))
      const body = Buffer.from(JSON.stringify({ ...content, events }))
      const signature = signLine(body, accounts.line.channelSecret)
      return { ...webhook, body, headers: { ...webhook.headers, 'x-line-signature': signature } }
    }
    case 'tocaro': {
      const content = JSON.parse(webhook.body.toString()) as object
      const again = Buffer.from(JSON.stringify({ ...content, eventTime: Date.now() }))
      const body = signTocaro(again, accounts.tocaro.signingSecret)
      return { ...webhook, body, headers: { ...webhook.headers, 'x-tocaro-retry': '1' } }
    }
  }
}
