import { once } from 'node:events'
import { type IncomingMessage, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'

type Value = string | number | boolean | undefined

/** A span as a collector sees it. */
export interface ReceivedSpan {
  service: Value
  name: string
  kind: string
  traceId: string
  spanId: string
  /** '' for the root of a trace. */
  parentId: string
  attributes: Record<string, Value>
  /** `ok`, or the message of an error. */
  status: string
}

export interface OtlpReceiver {
  url: string
  spans: ReceivedSpan[]
  /** All requests' bodies as they came, for looking for what must not be in them. */
  bytes: () => Buffer
  headers: () => IncomingMessage['headers'][]
  /** From now on every request is answered with this status, or not at all. */
  answer: (status: number | 'never') => void
  close: () => Promise<void>
}

/** A collector for OTLP over HTTP in protobuf, which is decoded here and not by the exporter's own library. */
export async function startOtlpReceiver(): Promise<OtlpReceiver> {
  const spans: ReceivedSpan[] = []
  const bodies: Buffer[] = []
  const headers: IncomingMessage['headers'][] = []
  let status: number | 'never' = 200
  const server = createServer((request, response) => {
    void buffer(request).then((body) => {
      headers.push(request.headers)
      if (request.url === '/v1/traces' && status === 200) {
        bodies.push(body)
        spans.push(...spansOf(body))
      }
      if (status === 'never') return
      response.writeHead(status, { 'content-type': 'application/x-protobuf' }).end()
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans,
    bytes: () => Buffer.concat(bodies),
    headers: () => headers,
    answer: (next) => (status = next),
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

const kinds = ['unspecified', 'internal', 'server', 'client', 'producer', 'consumer']

/** Field numbers: opentelemetry-proto, collector/trace/v1 and trace/v1. */
function spansOf(body: Buffer): ReceivedSpan[] {
  return messages(fields(body), 1).flatMap((resourceSpans) => {
    const [resource] = messages(resourceSpans, 1)
    const service = attributesIn(resource ?? [], 1)['service.name']
    return messages(resourceSpans, 2).flatMap((scopeSpans) =>
      messages(scopeSpans, 2).map((span) => spanOf(span, service)),
    )
  })
}

function spanOf(span: Field[], service: Value): ReceivedSpan {
  const [status = []] = messages(span, 15)
  return {
    service,
    name: bytesAt(span, 5).toString(),
    kind: kinds[numberAt(span, 6)] ?? '',
    traceId: bytesAt(span, 1).toString('hex'),
    spanId: bytesAt(span, 2).toString('hex'),
    parentId: bytesAt(span, 4).toString('hex'),
    attributes: attributesIn(span, 9),
    status: numberAt(status, 3) === 2 ? bytesAt(status, 2).toString() : 'ok',
  }
}

function attributesIn(message: Field[], field: number): Record<string, Value> {
  return Object.fromEntries(
    messages(message, field).map((pair) => {
      const [value = []] = messages(pair, 2)
      return [bytesAt(pair, 1).toString(), anyValue(value[0])]
    }),
  )
}

function anyValue(field: Field | undefined): Value {
  if (!field) return undefined
  if (Buffer.isBuffer(field.value))
    return field.number === 4 ? field.value.readDoubleLE() : field.value.toString()
  return field.number === 2 ? field.value === 1 : field.value
}

/** Of the wire format: numbers as they are, all else as bytes. */
interface Field {
  number: number
  value: number | Buffer
}

function fields(bytes: Buffer): Field[] {
  const found: Field[] = []
  let at = 0
  const varint = () => {
    let value = 0
    for (let factor = 1; ; factor *= 128) {
      const byte = bytes[at++] ?? 0
      value += (byte & 0x7f) * factor
      if (byte < 0x80) return value
    }
  }
  const take = (length: number) => bytes.subarray(at, (at += length))
  while (at < bytes.length) {
    const key = varint()
    const number = key >>> 3
    const wire = key & 7
    if (wire === 0) found.push({ number, value: varint() })
    else if (wire === 2) found.push({ number, value: take(varint()) })
    else found.push({ number, value: take(wire === 1 ? 8 : 4) })
  }
  return found
}

function messages(from: Field[], number: number): Field[][] {
  return from.flatMap((field) =>
    field.number === number && Buffer.isBuffer(field.value) ? [fields(field.value)] : [],
  )
}

function bytesAt(from: Field[], number: number): Buffer {
  const value = from.find((field) => field.number === number)?.value
  return Buffer.isBuffer(value) ? value : Buffer.alloc(0)
}

function numberAt(from: Field[], number: number): number {
  const value = from.find((field) => field.number === number)?.value
  return typeof value === 'number' ? value : 0
}
