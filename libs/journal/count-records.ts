import { type JournalFile, pathOf, unlessGone } from './files'
import { readChunk } from './read-file'

/** Counts the records of files that grow, reading each byte once. Files that are gone are forgotten. */
export function createRecordCounter(dir: string): (files: JournalFile[]) => Promise<number> {
  let known = new Map<string, { bytes: number; records: number }>()
  return async (files) => {
    const next = new Map<string, { bytes: number; records: number }>()
    for (const file of files) {
      const count = known.get(file.name) ?? { bytes: 0, records: 0 }
      while (count.bytes < file.size) {
        const chunk = await unlessGone(readChunk(pathOf(dir, file), count.bytes))
        if (!chunk || chunk.length === 0) break
        count.bytes += chunk.length
        for (let i = chunk.indexOf(0x0a); i >= 0; i = chunk.indexOf(0x0a, i + 1)) count.records += 1
      }
      next.set(file.name, count)
    }
    known = next
    return [...next.values()].reduce((sum, { records }) => sum + records, 0)
  }
}
