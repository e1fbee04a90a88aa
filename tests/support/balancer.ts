import {
  Agent,
  type IncomingMessage,
  type ServerResponse,
  createServer,
  request as startRequest,
} from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'

/** A load balancer as people run them: keeps connections, looks at the readiness of each target, never tries twice. */
export interface Balancer {
  url: string
  /** The target gets requests as soon as it is ready. */
  add(target: string): void
  /** How often each target was handed a request. */
  handed: Map<string, number>
  /** What became of requests that no target answered. */
  failures: string[]
  close(): Promise<void>
}

/** Slow enough that a target which ends without notice would be handed requests. */
const lookEveryMs = 200

export async function startBalancer(): Promise<Balancer> {
  const agent = new Agent({ keepAlive: true })
  const ready = new Map<string, boolean>()
  const balancer = { handed: new Map<string, number>(), failures: [] as string[] }
  let turn = 0

  const look = async () => {
    for (const target of ready.keys()) {
      const answer = await fetch(`${target}/readyz?exclude=redis`).catch(() => undefined)
      ready.set(target, answer?.ok === true)
    }
  }
  const pick = () => {
    const targets = [...ready.keys()].filter((target) => ready.get(target))
    return targets[turn++ % Math.max(1, targets.length)]
  }
  const server = createServer((incoming, outgoing) => {
    const target = pick()
    const fail = (why: string) => {
      balancer.failures.push(why)
      outgoing.writeHead(502).end()
    }
    if (target === undefined) return fail('no target is ready')
    balancer.handed.set(target, (balancer.handed.get(target) ?? 0) + 1)
    pass(incoming, outgoing, { target, agent }).catch((error: unknown) => fail(`${target}: ${String(error)}`))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  let looking = Promise.resolve()
  const timer = setInterval(() => {
    looking = looking.then(look)
  }, lookEveryMs)
  return {
    ...balancer,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    add: (target) => void ready.set(target, false),
    close: async () => {
      clearInterval(timer)
      await looking
      agent.destroy()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

async function pass(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  { target, agent }: { target: string; agent: Agent },
): Promise<void> {
  const body = await buffer(incoming)
  const { method, url = '/', headers } = incoming
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    startRequest(target + url, { method, headers: { ...headers, connection: 'keep-alive' }, agent }, resolve)
      .on('error', reject)
      .end(body)
  })
  const type = answer.headers['content-type']
  outgoing.writeHead(answer.statusCode ?? 502, type === undefined ? {} : { 'content-type': type })
  outgoing.end(await buffer(answer))
}
