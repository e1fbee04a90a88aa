import { type JournalFile, pathOf } from './files'
import { type Damage, readLines } from './read-file'
import type { JournalRecord } from './record'

export interface MergeEvents {
  /** All records of the file have been given out. */
  onEnd: (file: JournalFile) => void
  onDamage: (file: JournalFile, damage: Damage) => void
}

export interface Merged {
  record: JournalRecord
  bytes: number
}

/**
 * The records of all files, in the order in which they were received. Within one process that is the order
 * of its files. Between processes the time of receipt decides: their disk is one machine's, and so is their
 * clock. (A process's records are not quite sorted by it: one whose post failed first stands behind others
 * that came later. But what was received after an answer stands behind what that answer was for.)
 */
export async function* merge(dir: string, files: JournalFile[], events: MergeEvents): AsyncGenerator<Merged> {
  const instances = [...new Set(files.map(({ instance }) => instance))]
  const streams = instances.map((instance) =>
    recordsOf(
      dir,
      files.filter((file) => file.instance === instance),
      events,
    ),
  )
  const heads: { stream: AsyncGenerator<Merged>; head: Merged }[] = []
  for (const stream of streams) {
    const first = await stream.next()
    if (!first.done) heads.push({ stream, head: first.value })
  }
  while (heads.length > 0) {
    const earliest = heads.reduce((a, b) => (receivedAt(b.head) < receivedAt(a.head) ? b : a))
    yield earliest.head
    const next = await earliest.stream.next()
    if (next.done) heads.splice(heads.indexOf(earliest), 1)
    else earliest.head = next.value
  }
}

const receivedAt = ({ record }: Merged) => record.event.receivedAt

async function* recordsOf(
  dir: string,
  files: JournalFile[],
  { onEnd, onDamage }: MergeEvents,
): AsyncGenerator<Merged> {
  for (const file of files) {
    let offset = 0
    try {
      for await (const line of readLines(pathOf(dir, file))) {
        offset += line.bytes
        if (line.kind === 'record') yield { record: line.record, bytes: line.bytes }
        else onDamage(file, { offset: line.offset, bytes: line.bytes })
      }
    } catch (error) {
      if (!isOfThisFile(error)) throw error
      // One file that can't be read must not keep back what all others hold.
      onDamage(file, { offset, bytes: Math.max(file.size - offset, 0) })
    }
    onEnd(file)
  }
}

const processRanShort = new Set(['EMFILE', 'ENFILE', 'ENOMEM'])

/** The disk refuses this file; not when the process has too many files open, which passes. */
function isOfThisFile(error: unknown): boolean {
  const { code, syscall } = error as NodeJS.ErrnoException
  return code !== undefined && syscall !== undefined && !processRanShort.has(code)
}
