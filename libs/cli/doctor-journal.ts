import { randomBytes } from 'node:crypto'
import { constants, type StatsFs } from 'node:fs'
import { access, open, readdir, rm, stat, statfs } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type Finding, ok, problem, type Subject, warning } from './doctor-finding'

const subject: Subject = { id: 'journal', name: 'Journal' }
const megabyte = 1024 * 1024
/** Less free space than this and hardly a webhook fits. */
const leastBytes = 64 * megabyte
/** Webhooks of LINE wait for at most 2 s; a slow disk eats into that. */
const slowMs = 200

export interface JournalOptions {
  dir: string
  /** What it may take. */
  maxBytes: number
}

/** The folder that keeps events while Redis is away: there, writable, with room, and its disk really syncs. */
export async function checkJournal({ dir, maxBytes }: JournalOptions): Promise<Finding[]> {
  const place = await nearestFolder(dir)
  const isThere = place === dir
  const fault = await writeFault(place, isThere)
  if (fault && 'code' in fault) return [unwritable(dir, place, fault.code)]
  const room = roomFinding(dir, await statfs(place), maxBytes)
  if (room) return [room]
  const left = isThere
    ? (await readdir(dir)).filter((name) => /\.(journal|busy|ready)$/.test(name)).length
    : 0
  if (fault && fault.ms > slowMs)
    return [
      warning(subject, {
        found: `${dir} is on a slow disk: ${Math.round(fault.ms)} ms for a write with fsync`,
        why: 'While Redis is away every webhook waits for such a write; LINE gives up after 2 s.',
        remedy: 'Put HOOKLINE_JOURNAL_DIR on a local disk (no network share)',
      }),
    ]
  const notes = [
    isThere ? '' : ' (the ingress makes it)',
    left > 0 ? `, ${left} files wait to be drained` : '',
  ]
  return [ok(subject, `${dir}${notes.join('')} is writable`)]
}

/** The folder itself, or the one in which it would be made. */
async function nearestFolder(dir: string): Promise<string> {
  const found = await stat(dir).catch(() => undefined)
  const parent = dirname(dir)
  return found || parent === dir ? dir : nearestFolder(parent)
}

/** Writes, syncs and removes a file as an append does; in a parent folder only the right is looked at. */
async function writeFault(
  place: string,
  isThere: boolean,
): Promise<{ code: string } | { ms: number } | undefined> {
  try {
    if (!(await stat(place)).isDirectory()) return { code: 'ENOTDIR' }
    await access(place, constants.W_OK | constants.X_OK)
    if (!isThere) return undefined
    // The best of three: a disk that is busy just now is not slow.
    const times = [await syncedWrite(place), await syncedWrite(place), await syncedWrite(place)]
    return { ms: Math.min(...times) }
  } catch (error) {
    return { code: (error as NodeJS.ErrnoException).code ?? String(error) }
  }
}

async function syncedWrite(dir: string): Promise<number> {
  const path = join(dir, `probe-${randomBytes(8).toString('hex')}`)
  const started = performance.now()
  try {
    const file = await open(path, 'wx', 0o600)
    try {
      await file.write(Buffer.alloc(4096))
      await file.sync()
    } finally {
      await file.close()
    }
    return performance.now() - started
  } finally {
    await rm(path, { force: true })
  }
}

function unwritable(dir: string, place: string, code: string): Finding {
  const isPart = place !== dir
  const remedies: Record<string, string> = {
    ENOTDIR: `${place} is a file: remove it, or set HOOKLINE_JOURNAL_DIR to another folder`,
    ENOSPC: `Make room on the disk: df -h ${place}`,
    EROFS: 'Mount a volume that can be written there, or set HOOKLINE_JOURNAL_DIR to one',
  }
  return problem(subject, {
    found: `${dir} can't be written (${code}${isPart ? `; it would be made in ${place}` : ''})`,
    why: 'While Redis is away webhooks get 503, and LINE WORKS never sends them again.',
    remedy:
      remedies[code] ??
      `sudo install -d -m 700 -o "$(id -un)" ${dir}   (as the user of the ingress), or set HOOKLINE_JOURNAL_DIR to a writable folder`,
  })
}

function roomFinding(dir: string, { bavail, bsize }: StatsFs, maxBytes: number): Finding | undefined {
  const free = bavail * bsize
  if (free >= maxBytes) return undefined
  const fault = {
    found: `${Math.round(free / megabyte)} MB are free on the disk of ${dir}; the journal may take ${Math.round(maxBytes / megabyte)} MB`,
    why: 'A full disk ends the taking of webhooks while Redis is away.',
    remedy: `Make room (df -h ${dir}), or lower HOOKLINE_JOURNAL_MAX_MB`,
  }
  return free < leastBytes ? problem(subject, fault) : warning(subject, fault)
}
