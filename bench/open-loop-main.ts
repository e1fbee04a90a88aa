#!/usr/bin/env node
import { openSync, readSync } from 'node:fs'
import { type Socket, connect } from 'node:net'
import { percentile } from './statistics'

/*
 * Sends the requests of a pool at a fixed rate, whatever the answers do, and measures each from the moment at which it was due.
 * autocannon is not used for this: with a rate it sends a second's worth at once and then waits for the next second, and
 * what it corrects for afterwards are waits that nobody had.
 *
 * Arguments: URL, seconds, file of the pool, bytes of one request, first request, requests per second, connections.
 */

/** An answer that is later than this does not count any more: milliseconds. */
const lateMs = 5000

interface Plan {
  host: string
  port: number
  seconds: number
  rate: number
  connections: number
  /** The request with this number, from 0. */
  request: (number: number) => Buffer
}

interface Result {
  answered: number
  failed: number
  p50Ms: number
  p99Ms: number
  mostMs: number
}

/** One connection with at most one request under way. */
interface Line {
  socket: Socket
  /** When its request was due; undefined while it is idle. */
  due: number | undefined
  heard: string
}

async function send({ host, port, seconds, rate, connections, request }: Plan): Promise<Result> {
  const total = seconds * rate
  const latencies: number[] = []
  const waiting: number[] = []
  const idle: Line[] = []
  let [failed, sent, ended, lines] = [0, 0, 0, 0]

  const dispatch = () => {
    for (let line = idle.pop(); line; line = idle.pop()) {
      const due = waiting.shift()
      if (due === undefined) return void idle.push(line)
      line.due = due
      line.socket.write(request(sent))
      sent += 1
    }
    for (let more = waiting.length; more > 0 && lines < connections; more--) void openLine().then(dispatch)
  }
  const hear = (line: Line, chunk: string) => {
    line.heard += chunk
    const status = endOfAnswer(line.heard)
    if (status === undefined || line.due === undefined) return
    if (status === 200) latencies.push(performance.now() - line.due)
    else failed += 1
    ended += 1
    line.heard = ''
    line.due = undefined
    idle.push(line)
    dispatch()
  }
  /** A server ends connections that rest for long; what was under way on one gets no answer. */
  const close = (line: Line) => {
    lines -= 1
    const place = idle.indexOf(line)
    if (place >= 0) idle.splice(place, 1)
    if (line.due === undefined) return
    failed += 1
    ended += 1
  }
  const openLine = () => {
    lines += 1
    return open({ host, port, idle, hear, close })
  }
  await Promise.all(Array.from({ length: connections }, openLine))

  const from = performance.now()
  const dueAt = (number: number) => from + (number * 1000) / rate
  for (let next = 0; ended < total && performance.now() < dueAt(total) + lateMs; await tick()) {
    for (; next < total && dueAt(next) <= performance.now(); next++) waiting.push(dueAt(next))
    dispatch()
  }
  return {
    answered: latencies.length,
    failed: failed + total - ended,
    p50Ms: percentile(latencies, 0.5),
    p99Ms: percentile(latencies, 0.99),
    mostMs: percentile(latencies, 1),
  }
}

interface Opening {
  host: string
  port: number
  idle: Line[]
  hear: (line: Line, chunk: string) => void
  close: (line: Line) => void
}

function open({ host, port, idle, hear, close }: Opening): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, noDelay: true })
    const line: Line = { socket, due: undefined, heard: '' }
    socket.setEncoding('latin1')
    socket.on('data', (chunk: string) => hear(line, chunk))
    socket.on('error', reject)
    socket.once('close', () => close(line))
    socket.once('connect', () => {
      idle.push(line)
      resolve()
    })
  })
}

/** The status of an answer that is complete. All subjects say how long their answers are. */
function endOfAnswer(heard: string): number | undefined {
  const end = heard.indexOf('\r\n\r\n')
  if (end < 0) return undefined
  const length = Number(/\r\ncontent-length: (\d+)/i.exec(heard)?.[1] ?? 0)
  return heard.length >= end + 4 + length ? Number(heard.slice(9, 12)) : undefined
}

function tick(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 1))
}

async function main(args: string[]): Promise<void> {
  const [url = '', seconds, file = '', size, from, rate, connections] = args
  const { hostname, port } = new URL(url)
  const pool = openSync(file, 'r')
  const request = (number: number) => {
    const bytes = Buffer.alloc(Number(size))
    readSync(pool, bytes, 0, bytes.length, (Number(from) + number) * bytes.length)
    return bytes
  }
  const result = await send({
    ...{ host: hostname, port: Number(port), request },
    ...{ seconds: Number(seconds), rate: Number(rate), connections: Number(connections) },
  })
  process.stdout.write(`${JSON.stringify(result)}\n`)
  process.exit(0)
}

void main(process.argv.slice(2))
