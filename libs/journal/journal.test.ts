import { mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createJournal } from '.'
import { filesIn, keysOf, newFolder, record, removeFolders } from './journal.test.support'

afterEach(removeFolders)

const megabyte = 1024 * 1024
const open = (dir: string, maxBytes = megabyte) => createJournal({ dir, maxBytes })
const drained = async (journal: ReturnType<typeof open>) => {
  const keys: string[] = []
  await journal.drain({
    post: async (records) => void keys.push(...keysOf(records)),
    onDamage: () => undefined,
    signal: new AbortController().signal,
  })
  return keys
}

test('keeps what it is given and counts it, also what other processes left', async () => {
  const dir = newFolder()
  const [a, b] = [open(dir), open(dir)]
  await Promise.all([a.append([record('a1', 1), record('a2', 3)]), b.append([record('b1', 2)])])
  expect([await a.count(), await b.count(), (await a.look()).files]).toEqual([3, 3, 2])
  await b.close()
  expect(await drained(a)).toEqual(['a1', 'b1', 'a2'])
  expect([await a.look(), await a.count()]).toEqual([{ files: 0, bytes: 0 }, 0])
  await a.close()
})

test('counts rightly while it grows and when asked twice at a time', async () => {
  const journal = open(newFolder())
  for (let i = 1; i <= 5; i++) {
    await journal.append([record(`e${i}`)])
    expect(await Promise.all([journal.count(), journal.count()])).toEqual([i, i])
  }
  await journal.close()
})

test('refuses what no longer fits, says so, and takes more when it is drained', async () => {
  const dir = newFolder()
  const journal = open(dir, 2000)
  const keys: string[] = []
  const fill = async () => {
    for (let i = 0; i < 100; i++) {
      await journal.append([record(`e${i}`)])
      keys.push(`e${i}`)
    }
  }
  await expect(fill()).rejects.toMatchObject({
    code: 'store_unavailable',
    message: expect.stringMatching(/is full .* HOOKLINE_JOURNAL_MAX_MB/),
  })
  expect(keys.length).toBeGreaterThan(3)
  expect(await drained(journal)).toEqual(keys)
  await journal.look()
  await journal.append([record('new')])
  await journal.check()
  await journal.close()
})

test('counts what other processes hold towards its size', async () => {
  const dir = newFolder()
  const [a, b] = [open(dir, 2000), open(dir, 2000)]
  for (let i = 0; i < 6; i++) await a.append([record(`e${i}`)])
  await b.look()
  await expect(b.append(Array.from({ length: 6 }, (_, i) => record(`f${i}`)))).rejects.toThrow('is full')
  await Promise.all([a.close(), b.close()])
})

describe('a folder that can not be written', () => {
  test('because a file is in its place is reported, and used when it is gone', async () => {
    const dir = join(newFolder(), 'journal')
    writeFileSync(dir, 'in the way')
    const journal = open(dir)
    const reason = /can't be written \(E(EXIST|NOTDIR)\)\. Make HOOKLINE_JOURNAL_DIR/
    await expect(journal.check()).rejects.toThrow(reason)
    await expect(journal.append([record('e1')])).rejects.toMatchObject({
      code: 'store_unavailable',
      message: expect.stringMatching(reason),
    })
    rmSync(dir)
    await journal.check()
    await journal.append([record('e2')])
    expect(await drained(journal)).toEqual(['e2'])
    await journal.close()
  })

  test('because it was removed is made again', async () => {
    const dir = join(newFolder(), 'journal')
    mkdirSync(dir)
    const journal = open(dir)
    await journal.append([record('e1')])
    rmSync(dir, { recursive: true })
    await journal.append([record('e2')])
    expect(await drained(journal)).toEqual(['e2'])
    await journal.close()
  })
})

test('checking it leaves nothing behind', async () => {
  const dir = newFolder()
  await open(dir).check()
  expect(readdirSync(dir)).toEqual([])
})

test('a folder that takes no id has one all the same, and no draft stays', async () => {
  const dir = newFolder()
  // Nobody can read or link over it.
  mkdirSync(join(dir, 'id'))
  const id = await open(dir).folderId()
  expect(id).toMatch(/^[0-9a-f]{16}$/)
  expect(await open(dir).folderId()).toBe(id)
  const other = newFolder()
  symlinkSync(join(other, 'nowhere'), join(other, 'id'))
  expect(await open(other).folderId()).not.toBe(id)
  expect([...filesIn(dir), ...filesIn(other)]).toEqual([])
})

test('all processes of a folder find the same id, whoever is first', async () => {
  const dir = newFolder()
  const ids = await Promise.all(Array.from({ length: 10 }, () => open(dir).folderId()))
  expect(new Set(ids).size).toBe(1)
  expect(await open(dir).folderId()).toBe(ids[0])
  expect(filesIn(dir)).toEqual([])
  expect(await open(newFolder()).folderId()).not.toBe(ids[0])
})
