import type { Dispatcher } from 'undici'
import { type Head, headersOf } from './answer-headers'
import { Unanswered } from './unanswered'

/** An answer that came whole. */
export interface Answer extends Head {
  bytes: Buffer
}

export interface AnswerParts {
  maxBytes: number
  resolve: (answer: Answer) => void
  reject: (error: Unanswered) => void
}

/** undici's own names for what node:http names so. */
const nodeCodes: Record<string, string> = {
  UND_ERR_SOCKET: 'ECONNRESET',
  UND_ERR_CONNECT_TIMEOUT: 'ETIMEDOUT',
}

/** Answers that came in one turn of the event loop. */
interface Turn {
  tells: (() => void)[]
  /** How many of their connections are free again. */
  free: number
}

let turn: Turn = { tells: [], free: 0 }

/**
 * An answer is told when its connection is free: whoever went on with the next request before would open another one. All
 * answers of a turn are told in a row, so that what follows leaves for Redis in few system calls.
 */
function tellWhenFree(tell: () => void): void {
  const own = turn
  own.tells.push(tell)
  queueMicrotask(() => setImmediate(() => tellAll(own)))
}

function tellAll(own: Turn): void {
  // What comes from now on belongs to another one.
  if (own === turn) turn = { tells: [], free: 0 }
  own.free += 1
  if (own.free === own.tells.length) for (const tell of own.tells) tell()
}

/** Collects one answer. Once settled, nothing that undici reports counts any more. */
export class AnswerHandler implements Dispatcher.DispatchHandler {
  readonly #parts: AnswerParts
  /** There from the moment on at which the request is written. */
  #controller: Dispatcher.DispatchController | undefined
  #head: Head | undefined
  #chunks: Buffer[] = []
  #size = 0
  #settled = false

  constructor(parts: AnswerParts) {
    this.#parts = parts
  }

  /** Its request is dropped where it waits for a connection, and its connection closed where it is under way. */
  giveUp(): void {
    this.#end(new Unanswered('ERR_CANCELED', { sent: this.#controller !== undefined, head: this.#head }))
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    // To throw here drops the request; to abort it would close the connection, which others can use.
    if (this.#settled) throw new Error('given up')
    this.#controller = controller
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: Record<string, string | string[] | undefined>,
  ): void {
    // 103 and its like come before the answer.
    if (status >= 200) this.#head = { status, headers: headersOf(headers) }
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#size += chunk.length
    if (this.#size > this.#parts.maxBytes) this.#end(new Unanswered('ERR_BAD_RESPONSE', { sent: true }))
    else this.#chunks.push(chunk)
  }

  onResponseEnd(): void {
    if (this.#settled || !this.#head) return
    this.#settled = true
    const [only, ...more] = this.#chunks
    const bytes = only && more.length === 0 ? only : Buffer.concat(this.#chunks)
    const answer = { ...this.#head, bytes }
    tellWhenFree(() => this.#parts.resolve(answer))
  }

  onResponseError(_controller: unknown, error: Error & { code?: string }): void {
    const { code = 'connection failed' } = error
    const sent = this.#controller !== undefined
    this.#fail(new Unanswered(nodeCodes[code] ?? code, { sent, head: this.#head }))
  }

  #end(error: Unanswered): void {
    if (this.#settled) return
    this.#fail(error)
    this.#controller?.abort(error)
  }

  #fail(error: Unanswered): void {
    if (this.#settled) return
    this.#settled = true
    this.#chunks = []
    this.#parts.reject(error)
  }
}
