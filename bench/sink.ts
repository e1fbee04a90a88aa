#!/usr/bin/env node
import { type IncomingMessage, createServer } from 'node:http'
import { say } from './say'

/*
 * Stands for the platforms: takes any send call of the three, notes when and what, and answers as they do. It is not
 * the emulator, because that checks every call against the platform's rules, and its CPU time per call would be what
 * is measured (docs/performance.md states how much that is).
 *
 * GET gives the calls so far, `GET /?calls=N` when there are so many; DELETE forgets them. SINK_DELAY_MS: how long a call takes.
 */

/** Milliseconds of the monotonic clock, which all processes of a machine share, and the label at the text's begin. */
type Call = [at: number, label: string]

let calls: Call[] = []
const delayMs = Number(process.env['SINK_DELAY_MS'] ?? 0)
const answer = '{"sentMessages":[{"id":"1","quoteToken":"q"}]}'

/** Who waits for calls that are still to come: one at most. */
let waiting: { calls: number; answer: () => void } | undefined

function answerWhoWaits(): void {
  if (!waiting || calls.length < waiting.calls) return
  waiting.answer()
  waiting = undefined
}

const server = createServer((request, response) => {
  const at = Number(process.hrtime.bigint()) / 1e6
  if (request.method === 'GET') {
    const wanted = Number(new URL(request.url ?? '/', 'http://sink').searchParams.get('calls') ?? 0)
    waiting = { calls: wanted, answer: () => response.end(wanted > 0 ? '' : JSON.stringify(calls)) }
    return answerWhoWaits()
  }
  if (request.method === 'DELETE') calls = []
  void take(request).then((text) => {
    if (request.method === 'POST') calls.push([at, labelIn(text)])
    answerWhoWaits()
    const reply = () => {
      response.setHeader('content-type', 'application/json')
      response.end(answer)
    }
    if (delayMs > 0) setTimeout(reply, delayMs)
    else reply()
  })
})

function take(request: IncomingMessage): Promise<string> {
  return new Promise((resolve) => {
    let text = ''
    request.setEncoding('utf8')
    request.on('data', (chunk: string) => (text += chunk))
    request.on('end', () => resolve(text))
  })
}

/** The text is in `messages`, `content` or right there, as the platform has it; the label is the same in all. */
function labelIn(body: string): string {
  return /"text":"(c\d+ n\d+)/.exec(body)?.[1] ?? ''
}

say(server)
