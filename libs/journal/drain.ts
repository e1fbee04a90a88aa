import { type JournalFile, busyMs, listFiles, pathOf, removeFile, setState } from './files'
import { type Merged, merge } from './merge'
import type { Damage } from './read-file'
import type { JournalRecord } from './record'

export interface DrainOptions {
  /** Stores the records in this order. Called again only when it has resolved; its failure ends the round. */
  post: (records: JournalRecord[]) => Promise<void>
  /** Called when a file is put aside because parts of it could not be read. */
  onDamage: (file: string, damages: Damage[]) => void
  signal: AbortSignal
}

const batch = { records: 200, bytes: 1024 * 1024 }

/**
 * Takes all files that are there, posts their records in order, and removes what is done. The caller holds
 * the drain lock. Breaking off at any point is safe: what was taken stays `ready` for the next round, and
 * what was posted before is recognised as a duplicate.
 */
export async function drainRound(dir: string, { post, onDamage, signal }: DrainOptions): Promise<void> {
  const files = await takeFiles(dir, signal)
  const damages = new Map<JournalFile, Damage[]>()
  let ended: JournalFile[] = []
  let records: Merged[] = []

  const flush = async () => {
    signal.throwIfAborted()
    if (records.length > 0) await post(records.map(({ record }) => record))
    records = []
    for (const file of ended) {
      const found = damages.get(file)
      if (!found) await removeFile(dir, file)
      else if (await setState(dir, file, 'damaged'))
        onDamage(pathOf(dir, { ...file, state: 'damaged' }), found)
    }
    ended = []
  }

  const events = {
    onEnd: (file: JournalFile) => void ended.push(file),
    onDamage: (file: JournalFile, damage: Damage) =>
      void damages.set(file, [...(damages.get(file) ?? []), damage]),
  }
  let bytes = 0
  for await (const merged of merge(dir, files, events)) {
    // A file ends when the next record is asked for, so what `ended` names is in `records` by now or posted.
    if (records.length >= batch.records || bytes + merged.bytes > batch.bytes) {
      await flush()
      bytes = 0
    }
    records.push(merged)
    bytes += merged.bytes
  }
  await flush()
}

/** From now on their writers, if any are left, notice it and write to other files. */
async function takeFiles(dir: string, signal: AbortSignal): Promise<JournalFile[]> {
  const files = await withoutBusy(dir, signal)
  const taken: JournalFile[] = []
  for (const file of files) {
    if (await setState(dir, file, 'ready')) taken.push({ ...file, state: 'ready' })
  }
  return taken
}

/** Waits until no file is busy any more. What a busy file holds may be older than what stands in others. */
async function withoutBusy(dir: string, signal: AbortSignal): Promise<JournalFile[]> {
  const deadline = Date.now() + busyMs
  for (;;) {
    const files = await listFiles(dir)
    if (Date.now() > deadline || !files.some(({ state }) => state === 'busy')) return files
    signal.throwIfAborted()
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
