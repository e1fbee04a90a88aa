import { crc32 } from 'node:zlib'
import type { Entry } from '#libs/contract'

/** An event or a push that waits for Redis, with what its post needs. */
export interface JournalRecord {
  event: Entry
  dedupeWindowMs: number
  /** W3C trace context; absent where traces are off. */
  traceparent?: string
}

const sumLength = 8

/** One line: CRC-32 of the JSON in hex, a space, the JSON, a line feed. JSON holds no raw line feed. */
export function encodeRecord(record: JournalRecord): Buffer {
  const json = Buffer.from(toJson(record))
  const sum = crc32(json).toString(16).padStart(sumLength, '0')
  return Buffer.concat([Buffer.from(`${sum} `), json, Buffer.from('\n')])
}

/** Of a line without its line feed; undefined when it is not what was written. */
export function decodeRecord(line: Buffer): JournalRecord | undefined {
  const json = line.subarray(sumLength + 1)
  const sum = line.toString('latin1', 0, sumLength)
  if (line[sumLength] !== 0x20 || !/^[0-9a-f]{8}$/.test(sum) || parseInt(sum, 16) !== crc32(json)) return
  try {
    return JSON.parse(json.toString()) as JournalRecord
  } catch {
    return
  }
}

/** JSON can be parsed deeper than it can be written; such a `raw` is left out, not the event. */
function toJson(record: JournalRecord): string {
  try {
    return JSON.stringify(record)
  } catch {
    const event = { ...record.event, raw: '[nested too deeply to be kept]' }
    return JSON.stringify({ ...record, event })
  }
}
