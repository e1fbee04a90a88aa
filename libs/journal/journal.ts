import { randomBytes } from 'node:crypto'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { HooklineError } from '#libs/contract'
import { createRecordCounter } from './count-records'
import { type DrainOptions, drainRound } from './drain'
import { folderId, listFiles } from './files'
import { type JournalRecord, encodeRecord } from './record'
import { createWriter } from './writer'

/** What the folder holds that is not drained yet, of this process and of all others. */
export interface Holding {
  files: number
  bytes: number
}

export interface Journal {
  /** Resolves when the records are on the disk, in this order; rejects with `store_unavailable`. */
  append(records: JournalRecord[]): Promise<void>
  /** Number of calls of `append` so far. */
  appends(): number
  /** Appends are under way. */
  isBusy(): boolean
  /** Looks what is there. */
  look(): Promise<Holding>
  /** Counts the events that are there. */
  count(): Promise<number>
  /** Gives the current file to whoever drains. */
  release(): Promise<void>
  /** Drains what is there now; see `drainRound`. */
  drain(options: DrainOptions): Promise<void>
  /** The id that all processes with this folder share; best asked for once while the disk still has room. */
  folderId(): Promise<string>
  /** Rejects with the reason when the journal can't take events. */
  check(): Promise<void>
  close(): Promise<void>
}

export interface JournalOptions {
  dir: string
  maxBytes: number
}

/**
 * Local append-only files for events that Redis does not take. Several processes may share the folder, and
 * each may drain what any of them wrote, so that nothing is lost with a process that does not come back.
 */
export function createJournal({ dir, maxBytes }: JournalOptions): Journal {
  const writer = createWriter(dir)
  const countRecords = createRecordCounter(dir)
  /** As last looked up, and what was appended since. */
  let bytes = 0
  let appends = 0
  /** Two counts at the same time would count what they read twice. */
  let counting: Promise<number> | undefined

  const append = async (records: JournalRecord[]) => {
    const lines = Buffer.concat(records.map(encodeRecord))
    if (bytes + lines.length > maxBytes) throw full(dir, bytes)
    bytes += lines.length
    appends += 1
    await writer.append(lines).catch((cause: unknown) => {
      throw unwritable(dir, cause)
    })
  }

  const look = async () => {
    const files = await listFiles(dir)
    bytes = files.reduce((sum, file) => sum + file.size, 0)
    return { files: files.length, bytes }
  }

  const countAll = async () => countRecords(await listFiles(dir))
  const count = () => (counting ??= countAll().finally(() => (counting = undefined)))

  const check = async () => {
    await probe(dir)
    await look()
    if (bytes >= maxBytes * fullShare) throw full(dir, bytes)
  }

  return {
    append,
    appends: () => appends,
    isBusy: () => writer.isBusy(),
    look,
    count,
    release: () => writer.release(),
    drain: (options) => drainRound(dir, options),
    folderId: () => folderId(dir),
    check,
    close: () => writer.close(),
  }
}

/** Above this the next webhook may not fit in. */
const fullShare = 0.99

function full(dir: string, bytes: number): HooklineError {
  const megabytes = Math.round(bytes / 1024 / 1024)
  return new HooklineError(
    'store_unavailable',
    `The journal in ${dir} is full (${megabytes} MB). Bring Redis back, or raise HOOKLINE_JOURNAL_MAX_MB.`,
  )
}

function unwritable(dir: string, cause: unknown): HooklineError {
  const code = (cause as NodeJS.ErrnoException).code ?? String(cause)
  return new HooklineError(
    'store_unavailable',
    `The journal in ${dir} can't be written (${code}). Make HOOKLINE_JOURNAL_DIR a writable folder with free space.`,
    { cause },
  )
}

/** Writes as an append would, a block of it, since a full disk still takes a few bytes. */
async function probe(dir: string): Promise<void> {
  const path = join(dir, `probe-${randomBytes(8).toString('hex')}`)
  try {
    await mkdir(dir, { recursive: true, mode: 0o700 })
    await writeFile(path, Buffer.alloc(4096), { mode: 0o600 })
  } catch (cause) {
    throw unwritable(dir, cause)
  } finally {
    await rm(path, { force: true }).catch(() => undefined)
  }
}
