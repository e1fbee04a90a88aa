import { type FileHandle, mkdir, open, stat } from 'node:fs/promises'
import { type JournalFile, newInstance, pathOf, segmentName, setState, syncFolder, unlessGone } from './files'

export interface Writer {
  /** Resolves when the bytes are on the disk in a file that will be drained. */
  append(bytes: Buffer): Promise<void>
  /** Appends are under way. */
  isBusy(): boolean
  /** Lets go of the current file, between two commits, so that it can be drained. */
  release(): Promise<void>
  /** Waits for all appends, then lets go of the file. */
  close(): Promise<void>
}

interface Entry {
  bytes: Buffer
  resolve: () => void
  reject: (error: unknown) => void
}

interface OpenFile extends JournalFile {
  handle: FileHandle
  inode: bigint
  /** Its name is on the disk too. */
  named: Promise<void>
}

const segmentBytes = 8 * 1024 * 1024

/**
 * Writes with group commit: what is appended during a commit goes together into the next one. Nobody tells
 * the writer when its file is taken to be drained; it looks after each commit and, if so, commits again to
 * another file. Then an event may stand in two files, which does no harm: a post is deduplicated.
 */
export function createWriter(dir: string, { maxFileBytes = segmentBytes } = {}): Writer {
  const instance = newInstance()
  let segment = 0
  let current: OpenFile | undefined
  let waiting: Entry[] = []
  let queue: Promise<void> = Promise.resolve()
  let steps = 0

  /** One step after the other: commits and releases never overlap. */
  const inTurn = (step: () => Promise<void>): Promise<void> => {
    steps += 1
    queue = queue.then(step).finally(() => (steps -= 1))
    return queue
  }

  const letGo = async () => {
    const file = current
    current = undefined
    if (!file) return
    await file.handle.close()
    await setState(dir, file, 'ready')
  }

  const fileFor = async (state: 'journal' | 'busy'): Promise<OpenFile> => {
    if (current && (current.state !== state || current.size >= maxFileBytes || !(await isOurs(dir, current))))
      await letGo()
    current ??= await openFile(dir, { name: segmentName(instance, segment++), instance, state, size: 0 })
    return current
  }

  const commit = async (bytes: Buffer) => {
    const file = await fileFor('journal')
    if (await write(dir, file, bytes)) return
    // Taken meanwhile. The next file is left alone for a while, and given away as soon as this is done.
    const again = await fileFor('busy')
    if (!(await write(dir, again, bytes))) throw new Error('The journal file was taken away twice.')
    await letGo()
  }

  const commitWaiting = async () => {
    const batch = waiting
    waiting = []
    if (batch.length === 0) return
    try {
      await commit(Buffer.concat(batch.map(({ bytes }) => bytes)))
      for (const entry of batch) entry.resolve()
    } catch (error) {
      // What a failed write left behind must not be appended to.
      await letGo().catch(() => undefined)
      for (const entry of batch) entry.reject(error)
    }
  }

  const append = (bytes: Buffer) =>
    new Promise<void>((resolve, reject) => {
      if (waiting.push({ bytes, resolve, reject }) === 1) void inTurn(commitWaiting)
    })
  const release = () => inTurn(() => letGo().catch(() => undefined))
  return { append, isBusy: () => steps > 0, release, close: release }
}

async function openFile(dir: string, file: JournalFile): Promise<OpenFile> {
  await mkdir(dir, { recursive: true, mode: 0o700 })
  const handle = await open(pathOf(dir, file), 'ax', 0o600)
  const named = syncFolder(dir)
  // Awaited with the first write to the file, not one after the other: a slow disk is waited for once.
  named.catch(() => undefined)
  try {
    return { ...file, handle, named, inode: (await handle.stat({ bigint: true })).ino }
  } catch (error) {
    await handle.close()
    throw error
  }
}

/** Writes and syncs; false when the file was taken before that was done. */
async function write(dir: string, file: OpenFile, bytes: Buffer): Promise<boolean> {
  try {
    await file.handle.appendFile(bytes)
    await Promise.all([file.handle.datasync(), file.named])
  } catch (error) {
    // Nobody was told that these events are safe: better not to leave half of them.
    await file.handle.truncate(file.size).catch(() => undefined)
    throw error
  }
  file.size += bytes.length
  return isOurs(dir, file)
}

async function isOurs(dir: string, file: OpenFile): Promise<boolean> {
  const found = await unlessGone(stat(pathOf(dir, file), { bigint: true }))
  return found?.ino === file.inode
}
