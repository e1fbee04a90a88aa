import { open } from 'node:fs/promises'
import { type JournalRecord, decodeRecord } from './record'

export interface Damage {
  /** Where in the file it begins, and how many bytes it is long. */
  offset: number
  bytes: number
}

/** One line of a file. */
export type Line = { kind: 'record'; record: JournalRecord; bytes: number } | ({ kind: 'damage' } & Damage)

const chunkBytes = 256 * 1024
/** So long a tail without its end is given: its writer may just be writing it. */
const tailPatienceMs = 200
const lineFeed = 0x0a

/**
 * Reads a file from the beginning, intact records and damage in the order in which they stand. A tail
 * without a line feed is what a power cut left: damage. No file stays open between two reads: there may be
 * as many files as there were starts of a process that crashes again and again.
 */
export async function* readLines(path: string): AsyncGenerator<Line> {
  let offset = 0
  let rest: Buffer = Buffer.alloc(0)
  let patient = true
  for (;;) {
    const chunk = await readChunk(path, offset + rest.length)
    if (chunk.length === 0) {
      if (rest.length > 0 && !patient) yield { kind: 'damage', offset, bytes: rest.length }
      if (rest.length === 0 || !patient) return
      patient = false
      await new Promise((resolve) => setTimeout(resolve, tailPatienceMs))
      continue
    }
    patient = true
    rest = Buffer.concat([rest, chunk])
    let start = 0
    for (let end = rest.indexOf(lineFeed); end >= 0; end = rest.indexOf(lineFeed, start)) {
      const record = decodeRecord(rest.subarray(start, end))
      const bytes = end + 1 - start
      yield record ? { kind: 'record', record, bytes } : { kind: 'damage', offset: offset + start, bytes }
      start = end + 1
    }
    offset += start
    rest = rest.subarray(start)
  }
}

/** The next bytes of a file; none at its end. */
export async function readChunk(path: string, position: number): Promise<Buffer> {
  const handle = await open(path, 'r')
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(chunkBytes), 0, chunkBytes, position)
    return buffer.subarray(0, bytesRead)
  } finally {
    await handle.close()
  }
}
