import { createHash, randomBytes } from 'node:crypto'
import { link, mkdir, open, readFile, readdir, realpath, rename, rm, stat, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join, resolve } from 'node:path'

/**
 * A file's suffix says who may touch it.
 * - `journal`: a process appends to it. Anybody may take it at any time by renaming it to `ready`.
 * - `busy`: as `journal`, but not to be taken before `busyMs`: its process has just had a file taken away
 *   under its hands, and on a slow disk must not lose that race for ever.
 * - `ready`: nobody appends to it; whoever holds the drain lock posts and removes it.
 * - `damaged`: posted, but parts of it could not be read; kept for a person.
 */
export type FileState = 'journal' | 'busy' | 'ready' | 'damaged'

export interface JournalFile {
  /** `INSTANCE-SEGMENT`; names of one process sort by age, those of several by their start. */
  name: string
  /** The process that wrote it. */
  instance: string
  state: FileState
  size: number
}

export const busyMs = 2000

const namePattern = /^(\d{17}-[0-9a-f]{8})-(\d{8})\.(journal|busy|ready|damaged)$/

/** A name for this process's files: it sorts by the time of the start. */
export function newInstance(now = new Date()): string {
  return `${now.toISOString().replace(/\D/g, '')}-${randomBytes(4).toString('hex')}`
}

export function segmentName(instance: string, segment: number): string {
  return `${instance}-${String(segment).padStart(8, '0')}`
}

export function pathOf(dir: string, { name, state }: Pick<JournalFile, 'name' | 'state'>): string {
  return join(dir, `${name}.${state}`)
}

/** Files that hold events to be drained, oldest process first. */
export async function listFiles(dir: string): Promise<JournalFile[]> {
  const names = (await namesIn(dir)).sort()
  const files = await Promise.all(names.map((name) => describe(dir, name)))
  return files.filter((file) => file !== undefined)
}

/** None where there is no folder, or something else in its place. */
async function namesIn(dir: string): Promise<string[]> {
  try {
    return await readdir(dir)
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return []
    throw error
  }
}

async function describe(dir: string, fileName: string): Promise<JournalFile | undefined> {
  const [, instance = '', segment = '', state] = namePattern.exec(fileName) ?? []
  if (state === undefined || state === 'damaged') return
  const size = await sizeOf(join(dir, fileName))
  return size === undefined
    ? undefined
    : { name: `${instance}-${segment}`, instance, state: state as FileState, size }
}

/** Undefined when the file is gone: another process may have taken or drained it. */
async function sizeOf(path: string): Promise<number | undefined> {
  return (await unlessGone(stat(path)))?.size
}

/** Gives a file another state; false when somebody else was quicker. */
export async function setState(dir: string, file: JournalFile, state: FileState): Promise<boolean> {
  if (file.state === state) return true
  const renamed = rename(pathOf(dir, file), pathOf(dir, { ...file, state }))
  return (await unlessGone(renamed.then(() => true))) ?? false
}

export async function removeFile(dir: string, file: JournalFile): Promise<void> {
  await rm(pathOf(dir, file), { force: true })
}

export async function unlessGone<T>(result: Promise<T>): Promise<T | undefined> {
  try {
    return await result
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/** The names in a folder survive a power cut only when the folder itself is synced. */
export async function syncFolder(dir: string): Promise<void> {
  const handle = await open(dir, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/**
 * An id that all processes with this folder share, for a lock in Redis: in a file, made by the first. On a
 * full or failing disk it comes from the folder's place, or a journal that fills its disk could not be drained.
 */
export async function folderId(dir: string): Promise<string> {
  try {
    return (await readId(dir)) ?? (await createId(dir))
  } catch {
    const place = await realpath(dir).catch(() => resolve(dir))
    return createHash('sha256').update(`${hostname()} ${place}`).digest('hex').slice(0, 16)
  }
}

async function readId(dir: string): Promise<string | undefined> {
  const id = await unlessGone(readFile(join(dir, 'id'), 'utf8'))
  if (id === '') throw new Error('The id file is empty.')
  return id
}

async function createId(dir: string): Promise<string> {
  const id = randomBytes(8).toString('hex')
  const draft = join(dir, `id-${id}`)
  try {
    await mkdir(dir, { recursive: true, mode: 0o700 })
    await writeFile(draft, id, { flag: 'wx', mode: 0o600, flush: true })
    // A link, unlike a rename, never replaces the file of a process that was quicker.
    await link(draft, join(dir, 'id'))
    return id
  } catch (error) {
    const quicker = (error as NodeJS.ErrnoException).code === 'EEXIST' ? await readId(dir) : undefined
    if (quicker === undefined) throw error
    return quicker
  } finally {
    await rm(draft, { force: true }).catch(() => undefined)
  }
}
