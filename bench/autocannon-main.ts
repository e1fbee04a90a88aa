#!/usr/bin/env node
import { readFileSync } from 'node:fs'
import autocannon from 'autocannon'
import { partsOf } from './webhooks'

/** Sends the requests of a pool with autocannon; arguments as in load.ts. */
async function main([url = '', seconds, file = '', size, from, connections]: string[]): Promise<void> {
  const bytes = Number(size)
  const pool = readFileSync(file)
  let next = Number(from)
  const count = pool.length / bytes
  const take = () => {
    const place = next++ % count
    return partsOf(pool.subarray(place * bytes, (place + 1) * bytes))
  }
  const result = await autocannon({
    url,
    connections: Number(connections),
    duration: Number(seconds),
    requests: [
      {
        method: 'POST',
        setupRequest: (request) => {
          const { path, headers, body } = take()
          // It adds these itself.
          delete headers['host']
          delete headers['content-length']
          return { ...request, path, headers, body }
        },
      },
    ],
  })
  process.stdout.write(
    `${JSON.stringify({
      answered: result['2xx'],
      sent: next - Number(from),
      failed: result.non2xx + result.errors + result.timeouts,
      seconds: result.duration,
      p50Ms: result.latency.p50,
      p99Ms: result.latency.p99,
      repeated: next > count,
    })}\n`,
  )
}

void main(process.argv.slice(2))
