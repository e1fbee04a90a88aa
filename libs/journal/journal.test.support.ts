import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type DrainOptions, drainRound } from './drain'
import type { JournalRecord } from './record'

const folders: string[] = []

export function newFolder(): string {
  const dir = mkdtempSync(join(tmpdir(), 'hookline-journal-'))
  folders.push(dir)
  return dir
}

export function removeFolders(): void {
  for (const dir of folders.splice(0)) rmSync(dir, { recursive: true, force: true })
}

export function record(key: string, receivedAt = 1): JournalRecord {
  const event = {
    key,
    bot: 'shop',
    platform: 'line' as const,
    type: 'text' as const,
    text: `text of ${key}, 例😀`,
    conversation: { kind: 'user' as const, id: 'U1' },
    occurredAt: 1,
    receivedAt,
    raw: {},
  }
  return { event, dedupeWindowMs: 60_000 }
}

export const keysOf = (records: JournalRecord[]) => records.map(({ event }) => event.key)

/** Names of the folder's files, but for the id. */
export const filesIn = (dir: string) => readdirSync(dir).filter((name) => name !== 'id')

/** Drains once and tells what was posted, by key, and what was reported as damaged. */
export async function drainAll(dir: string, options: Partial<DrainOptions> = {}) {
  const posted: string[] = []
  const damages: { file: string; offset: number; bytes: number }[] = []
  await drainRound(dir, {
    post: async (records) => void posted.push(...keysOf(records)),
    onDamage: (file, found) => void damages.push(...found.map((damage) => ({ file, ...damage }))),
    signal: new AbortController().signal,
    ...options,
  })
  return { posted, damages }
}
