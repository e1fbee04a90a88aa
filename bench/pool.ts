import { closeSync, openSync, writeSync } from 'node:fs'
import { bodyOf, requestOf } from './webhooks'

/** Signed requests that are all equally long, in one file, one after another. No two are of the same event. */
export interface Pool {
  file: string
  /** Bytes of one request. */
  size: number
  count: number
  /** Bytes of one body. */
  bodySize: number
}

const users = 1000
const said = 'Good morning! I would like to know when my order from last week arrives, please.'

/** Signs ahead, so that the load generator has nothing to compute and nothing is a duplicate. */
export function writePool(file: string, { secret, count }: { secret: string; count: number }): Pool {
  const at = Date.now()
  const out = openSync(file, 'w')
  const make = (number: number) => bodyOf({ number, user: number % users, text: said, at })
  const bodySize = make(0).length
  let size = 0
  for (let first = 0; first < count; first += batch) {
    const numbers = Array.from({ length: Math.min(batch, count - first) }, (_, i) => first + i)
    const requests = numbers.map((number) => requestOf(make(number), secret))
    size = requests[0]?.length ?? size
    writeSync(out, Buffer.concat(requests))
  }
  closeSync(out)
  return { file, size, count, bodySize }
}

const batch = 1000
