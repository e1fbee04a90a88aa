import {
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type ServerResponse,
  createServer,
  request,
} from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { labelsIn } from './labels'

/** One API call as seen on the line between a worker and the platform. */
export interface WireCall {
  slot: string
  labels: string[]
  /** Unix milliseconds. */
  startedAt: number
  /** When the platform was done with it, whatever the worker heard of that. */
  endedAt: number
  /** What the platform answered; 0: it cut the connection. */
  status: number
  /** The whole answer went out to the worker. */
  answered: boolean
}

/** The line between one worker and the emulator. Each worker has its own, so that we know who heard what. */
export interface Wire {
  url: string
  /** Calls that have ended. */
  calls(): WireCall[]
  /** Nobody listens any more, and open connections are cut. */
  down(): void
  up(): Promise<void>
  close(): void
}

export async function openWire(slot: string, target: () => string): Promise<Wire> {
  const calls: WireCall[] = []
  const server = createServer((incoming, outgoing) => {
    void pass(incoming, outgoing, { slot, target: target(), calls })
  })
  const listen = (port: number) => new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  await listen(0)
  const { port } = server.address() as AddressInfo
  const down = () => {
    server.close()
    server.closeAllConnections()
  }
  return {
    url: `http://127.0.0.1:${port}`,
    calls: () => calls,
    down,
    up: async () => (server.listening ? undefined : listen(port)),
    close: down,
  }
}

interface Passing {
  slot: string
  target: string
  calls: WireCall[]
}

/** A call that reached the platform is carried through there, also when the worker is gone meanwhile. */
async function pass(incoming: IncomingMessage, outgoing: ServerResponse, { slot, target, calls }: Passing) {
  const body = await buffer(incoming).catch(() => undefined)
  if (!body) return
  const startedAt = Date.now()
  const answer = await ask(target, incoming, body)
  const answered = await relay(answer, outgoing)
  const labels = labelsIn(body.toString())
  calls.push({ slot, labels, startedAt, endedAt: Date.now(), status: answer?.status ?? 0, answered })
}

interface Answer {
  status: number
  headers: OutgoingHttpHeaders
  body: Buffer
}

/** Undefined when the platform cut the connection. */
function ask(target: string, { method, url, headers }: IncomingMessage, body: Buffer) {
  return new Promise<Answer | undefined>((resolve) => {
    const call = request(target + (url ?? '/'), { method, headers, agent: false }, (response) => {
      buffer(response).then(
        (bytes) => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: bytes }),
        () => resolve(undefined),
      )
    })
    call.on('error', () => resolve(undefined))
    call.end(body)
  })
}

/** True when the whole answer went out. */
function relay(answer: Answer | undefined, outgoing: ServerResponse): Promise<boolean> {
  return new Promise((resolve) => {
    if (!answer || outgoing.destroyed) {
      outgoing.destroy()
      resolve(false)
      return
    }
    outgoing.once('close', () => resolve(outgoing.writableFinished))
    outgoing.writeHead(answer.status, endToEnd(answer.headers))
    outgoing.end(answer.body)
  })
}

/** Without what concerns the connection to the platform only. */
function endToEnd(headers: OutgoingHttpHeaders): OutgoingHttpHeaders {
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => name !== 'connection' && name !== 'keep-alive'),
  )
}
